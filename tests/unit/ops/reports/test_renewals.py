"""Which certificates run out when, counted day by day by other code."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from ops.reports import renewals as of_renewals
from ops.reports.renewals import listed, renewals
from ops.reports.report import Report
from services.registry.facts import CertificateFacts, Facts, RoundFacts
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import load_time_limits
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Stage

TODAY, LIMITS = date(2026, 11, 29), load_time_limits()
#: A certificate whose window closes today: its last day is 120 days ahead (Art. 7.6a).
CLOSES_TODAY = TODAY + timedelta(days=120)
RE_EVALUATION = RoundFacts(RegistrationKind.RE_EVALUATION, Stage.AT_COMMUNE, TODAY)


def of(
    number: int,
    last_day: date,
    *,
    status: CertificateStatus = CertificateStatus.IN_FORCE,
    stars: int = 4,
    commune: str = "09574",
    round_: RoundFacts | None = None,
) -> Facts:
    issued_on = last_day.replace(year=last_day.year - 3)
    held = CertificateFacts(issued_on, last_day, last_day, stars, status, RegistrationKind.FIRST)
    code = f"01-{commune}-{number}-2023"
    return Facts(code, 6, str(number), ProducerKind.HOUSEHOLD, (held,), round_, renewing=round_ is not None)


def rows(report: Report, section: str) -> list[dict[str, Any]]:
    (found,) = (each for each in report.sections if each.name == section)
    return [dict(each) for each in found.named()]


def made(*facts: Facts, days: int = 30) -> Report:
    return renewals(facts, {each.code: f"Sản phẩm {each.producer}" for each in facts}, TODAY, LIMITS, days=days)


@pytest.mark.parametrize(
    ("last_day", "days_left"),
    [
        (CLOSES_TODAY - timedelta(days=1), None),
        (CLOSES_TODAY, 0),
        (CLOSES_TODAY + timedelta(days=30), 30),
        (CLOSES_TODAY + timedelta(days=31), None),
    ],
)
def test_whose_window_closes_within_30_days_is_listed_with_the_days_that_are_left(
    last_day: date, days_left: int | None
) -> None:
    closing = rows(made(of(1, last_day)), "closing")

    assert [each["days_left"] for each in closing] == ([] if days_left is None else [days_left])
    if closing:
        assert closing[0]["product_name"] == "Sản phẩm 1"
        assert closing[0]["file_until"] == last_day - timedelta(days=120)


def test_who_has_filed_is_not_reminded_and_is_counted_as_being_renewed() -> None:
    report = made(of(1, CLOSES_TODAY, round_=RE_EVALUATION), of(2, CLOSES_TODAY, commune="09616"))

    assert [each["product_code"] for each in rows(report, "closing")] == ["01-09616-2-2023"]
    assert [(each["certificates"], each["renewing"]) for each in rows(report, "quarters")] == [(2, 1)]
    assert [(each["commune_code"], each["window_open"]) for each in rows(report, "communes")] == [
        ("09574", 0),
        ("09616", 1),
    ]


def test_one_of_before_the_decision_may_be_filed_late_and_a_later_one_may_not() -> None:
    late = of(1, CLOSES_TODAY - timedelta(days=20))
    newer = late.certificates[0]._replace(issued_on=date(2026, 5, 22))

    assert rows(made(late), "communes")[0]["late"] == 1
    assert rows(made(late._replace(certificates=(newer,))), "communes")[0]["late"] == 0


def test_lapsed_ones_are_listed_the_newest_first_with_where_their_next_round_is() -> None:
    expired = CertificateStatus.EXPIRED
    again = RoundFacts(RegistrationKind.FIRST, Stage.AT_PROVINCE, TODAY)
    old, new = of(1, date(2024, 3, 1), status=expired), of(2, date(2026, 3, 1), status=expired, round_=again)

    found = rows(made(old, new, of(3, CLOSES_TODAY)), "lapsed")
    assert [(each["product_code"][9], each["ended_on"], each["stage"]) for each in found] == [
        ("2", date(2026, 3, 1), Stage.AT_PROVINCE),
        ("1", date(2024, 3, 1), None),
    ]


def test_a_revoked_one_has_not_lapsed() -> None:
    assert rows(made(of(1, date(2028, 3, 1), status=CertificateStatus.REVOKED)), "lapsed") == []


def test_what_is_too_long_to_list_is_counted_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_renewals, "MOST_LISTED", 2)
    report = made(*(of(number, CLOSES_TODAY) for number in range(5)))

    (section,) = (each for each in report.sections if each.name == "closing")
    assert len(section.rows) == 2
    assert "5 in all" in section.notes[0]
    assert rows(report, "communes")[0]["closing"] == 5


def test_the_products_that_are_named_are_those_that_are_listed() -> None:
    facts = [of(1, CLOSES_TODAY), of(2, date(2029, 1, 1)), of(3, date(2026, 1, 1), status=CertificateStatus.EXPIRED)]

    assert listed(facts, TODAY, LIMITS, 30) == ["01-09574-1-2023", "01-09574-3-2023"]


def test_quarters_and_communes_are_those_of_a_plain_count_over_all_days() -> None:
    draw = Random(5)
    facts = [
        of(
            n,
            TODAY + timedelta(days=draw.randrange(1000)),
            stars=draw.choice((3, 4, 5)),
            commune=draw.choice(("09574", "09616")),
        )
        for n in range(300)
    ]
    report = made(*facts)

    for row in rows(report, "quarters"):
        year, quarter = int(row["quarter"][:4]), int(row["quarter"][-1])
        months = {3 * quarter - 2, 3 * quarter - 1, 3 * quarter}
        those = [each for each in facts if _last(each).year == year and _last(each).month in months]
        assert (row["certificates"], row["stars_5"]) == (len(those), sum(each.stars == 5 for each in those))
    for row in rows(report, "communes"):
        ahead = [(_last(each) - TODAY).days for each in facts if each.place[1] == row["commune_code"]]
        # Art. 7.6a: from the 180th to the 120th day before the last
        expected = (sum(each <= 365 for each in ahead), sum(120 <= each <= 180 for each in ahead))
        assert (row["ending"], row["window_open"]) == expected
        assert (row["in_force"], row["closing"]) == (len(ahead), sum(120 <= each <= 150 for each in ahead))


def _last(facts: Facts) -> date:
    return facts.certificates[0].last_day
