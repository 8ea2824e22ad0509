"""How a certificate stands: the newest of what the register has announced of it, and its days."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from ops.certificates.standing import Standing, State, by_date, on_record
from tests.unit.certificate_keys import CLAIMS

LAST_DAY = CLAIMS.last_day
DAY = timedelta(days=1)


def certificate(**changed: Any) -> dict[str, Any]:
    """Return the certificate of the token as an event has it."""
    return {
        "number": CLAIMS.number,
        "stars": 4,
        "authority": "province",
        "decision": {"number": CLAIMS.decision_number, "date": "2026-08-05"},
        "issued_on": "2026-08-05",
        "last_day": "2029-08-05",
        **changed,
    }


def happened(kind: str, *, of: dict[str, Any] | None = None, **data: Any) -> tuple[str, dict[str, Any]]:
    product = {"product_code": CLAIMS.product_code, "product_name": CLAIMS.product_name}
    return f"certificate.{kind}", {**product, "certificate": of or certificate(), **data}


ISSUED = happened("issued", producer_name="HTX Hưng Vân")
REVOKED = happened("revoked", ground="d", revocation={"number": "88/QĐ-UBND", "date": "2027-03-01"})


@pytest.mark.parametrize(
    ("later", "state"),
    [
        pytest.param([], State(Standing.IN_FORCE, LAST_DAY), id="issued"),
        pytest.param([happened("expiring", days_left=30)], State(Standing.IN_FORCE, LAST_DAY), id="an alert"),
        pytest.param(
            [happened("extended", until="2030-02-01")], State(Standing.EXTENDED, date(2030, 2, 1)), id="extended"
        ),
        pytest.param(
            [happened("extended", until="2030-02-01"), happened("expired", expired_on="2030-02-01")],
            State(Standing.EXPIRED, date(2030, 2, 1)),
            id="expired after its extension",
        ),
        pytest.param(
            [
                happened("superseded", ended_on="2028-01-09", by_number="9/2028"),
                happened("issued", of=certificate(number="9/2028")),
            ],
            State(Standing.SUPERSEDED, date(2028, 1, 9), "9/2028"),
            id="superseded",
        ),
        pytest.param([REVOKED], State(Standing.REVOKED, date(2027, 3, 1), "88/QĐ-UBND"), id="revoked"),
        pytest.param(
            [happened("issued", of=certificate(last_day="2029-08-04"), corrects=CLAIMS.number)],
            State(Standing.DIFFERS),
            id="corrected under its number",
        ),
        pytest.param(
            [happened("issued", of=certificate(number="124/2026"), corrects=CLAIMS.number)],
            State(Standing.DIFFERS, by="124/2026"),
            id="corrected, with another number",
        ),
        pytest.param(
            [
                happened("issued", of=certificate(stars=3), corrects=CLAIMS.number),
                happened("revoked", of=certificate(stars=3)),
            ],
            State(Standing.REVOKED),
            id="corrected, then revoked",
        ),
        pytest.param(
            [("product.submitted", {"product_code": CLAIMS.product_code})],
            State(Standing.IN_FORCE, LAST_DAY),
            id="an upgrade filed",
        ),
    ],
)
def test_the_newest_state_counts(later: list[tuple[str, dict[str, Any]]], state: State) -> None:
    assert on_record(CLAIMS, [ISSUED, *later]) == state


@pytest.mark.parametrize(
    "forged",
    [
        {"stars": 5},
        {"decision_number": "1/QĐ-UBND"},
        {"decision_date": date(2026, 8, 4)},
        {"issued_on": date(2026, 8, 6)},
        {"last_day": date(2039, 8, 5)},
    ],
    ids=str,
)
def test_a_token_that_says_more_than_the_register_does_not_hold(forged: dict[str, Any]) -> None:
    assert on_record(CLAIMS.model_copy(update=forged), [ISSUED]) == State(Standing.DIFFERS)


def test_a_certificate_that_was_never_issued_is_not_on_record() -> None:
    another = happened("issued", of=certificate(number="124/2026"))

    assert on_record(CLAIMS, [another]) == on_record(CLAIMS, []) == State(Standing.NOT_ON_RECORD)


def test_an_event_of_another_version_is_not_guessed_at() -> None:
    with pytest.raises(ValidationError):
        on_record(CLAIMS, [("certificate.issued", {"certificate": {"no": CLAIMS.number}})])


@pytest.mark.parametrize(
    ("state", "today", "standing"),
    [
        pytest.param(None, LAST_DAY, Standing.IN_FORCE, id="valid on its last day"),
        pytest.param(None, LAST_DAY + DAY, Standing.PAST_LAST_DAY, id="not on the day after"),
        pytest.param(None, CLAIMS.issued_on, Standing.IN_FORCE, id="valid on its first day"),
        pytest.param(None, CLAIMS.issued_on - DAY, Standing.NOT_YET, id="not on the day before"),
        pytest.param(
            State(Standing.EXTENDED, LAST_DAY + 180 * DAY), LAST_DAY + 180 * DAY, Standing.EXTENDED, id="extended"
        ),
        pytest.param(
            State(Standing.EXTENDED, LAST_DAY + 180 * DAY), LAST_DAY + 181 * DAY, Standing.PAST_LAST_DAY, id="too long"
        ),
        pytest.param(State(Standing.REVOKED, date(2027, 3, 1)), date(2027, 3, 2), Standing.REVOKED, id="revoked"),
        pytest.param(State(Standing.IN_FORCE, LAST_DAY), LAST_DAY + DAY, Standing.PAST_LAST_DAY, id="a late register"),
    ],
)
def test_its_days_count_whether_or_not_the_register_was_asked(
    state: State | None, today: date, standing: Standing
) -> None:
    assert by_date(CLAIMS, state, today).standing is standing
