"""What a question learns of a product's round and certificate, whichever service said what last."""

import json
from dataclasses import replace
from typing import Any

import pytest

from services.evaluation.handlers import product_query, product_submitted
from shared.contracts.catalogue import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    PRODUCT_QUERY,
    PRODUCT_SUBMITTED,
    EventType,
)
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from tests.unit.evaluation.councils import CODE, PROVINCE, Chamber, codes
from tests.unit.evaluation.sheets import everything_at_its_best, sheet
from tests.unit.evaluation.test_assessment import submitted

FORMER = "25-263-07918-4-2023"
LETTER = {"number": "1234/QĐ-UBND", "date": "2026-12-01"}


@pytest.fixture
async def chamber() -> Chamber:
    return await Chamber.opened()


async def submit(chamber: Chamber, *, sequence: int = 1, round: int = 1) -> None:
    data = submitted(6, everything_at_its_best(sheet(6))).model_dump(mode="json")
    data |= {"round": round, "due_on": "2026-12-18"}
    event = Event(
        id=f"p-{sequence}", source="/ocop/registry", type=PRODUCT_SUBMITTED.type, data=data, sequence=sequence
    )
    await product_submitted(chamber.evaluation, event)


async def certify(
    chamber: Chamber, kind: EventType[Any], *, number: str = "25.2026.0001", sequence: int = 7, **changed: Any
) -> None:
    data = {
        "product_code": CODE,
        "product_name": "Mỳ gạo Hùng Lô",
        "producer_name": "HTX",
        "certificate": {
            "number": number,
            "stars": 4,
            "authority": "province",
            "decision": LETTER,
            "issued_on": "2026-12-01",
            "last_day": "2029-12-01",
        },
        **changed,
    }
    await chamber.take(replace(chamber.event(kind, data), source="/ocop/registry", sequence=sequence))


async def ask(chamber: Chamber, code: str = CODE) -> Event:
    before = len(chamber.bench.publisher.announced)
    await product_query(chamber.evaluation, chamber.event(PRODUCT_QUERY, {"product_code": code}, PROVINCE))
    (answer,) = chamber.bench.publisher.announced[before:]
    return answer


async def test_a_dossier_opens_a_round_at_the_commune(chamber: Chamber) -> None:
    await submit(chamber)

    assert (await ask(chamber)).data["round"] == {
        "round": 1,
        "registration": "first",
        "stage": "at-commune",
        "closing": None,
        "due_on": "2026-12-18",
    }


async def test_a_round_is_where_the_registry_last_said(chamber: Chamber) -> None:
    await submit(chamber, sequence=1)
    await chamber.move(Stage.AT_PROVINCE, sequence=2)

    state = (await ask(chamber)).data
    assert (state["round"]["stage"], state["round"]["due_on"]) == ("at-province", None)


async def test_a_newer_dossier_opens_the_next_round(chamber: Chamber) -> None:
    await submit(chamber, sequence=1)
    await chamber.move(Stage.CLOSED, sequence=5)
    await submit(chamber, sequence=6, round=2)

    state = (await ask(chamber)).data
    assert (state["round"]["round"], state["round"]["stage"]) == (2, "at-commune")


async def test_what_councils_have_on_record_is_no_dossier(chamber: Chamber) -> None:
    await submit(chamber, sequence=1)
    await chamber.sit(80, 80, 80)
    await chamber.conclude()

    state = (await ask(chamber)).data
    assert (state["rating"]["total"], state["latest_dossier"]["outcome"]) == (100, "rated")


@pytest.mark.parametrize(
    ("kind", "changed", "state", "until"),
    [
        pytest.param(CERTIFICATE_ISSUED, {}, "in-force", None, id="issued"),
        pytest.param(
            CERTIFICATE_ISSUED, {"corrects": "1", "until": "2030-05-30"}, "extended", "2030-05-30", id="corrected"
        ),
        pytest.param(CERTIFICATE_EXTENDED, {"until": "2030-05-30"}, "extended", "2030-05-30", id="extended"),
        pytest.param(CERTIFICATE_EXPIRED, {"expired_on": "2029-12-02"}, "expired", None, id="expired"),
        pytest.param(
            CERTIFICATE_SUPERSEDED, {"ended_on": "2028-01-01", "by_number": "2"}, "superseded", None, id="superseded"
        ),
        pytest.param(
            CERTIFICATE_REVOKED,
            {"ground": "d", "reason": "x", "revocation": LETTER, "concluded_on": "2027-01-01"},
            "revoked",
            None,
            id="revoked",
        ),
    ],
)
async def test_a_certificate_stands_as_was_last_announced(
    chamber: Chamber, kind: EventType[Any], changed: dict[str, Any], state: str, until: str | None
) -> None:
    await certify(chamber, CERTIFICATE_ISSUED, sequence=7)
    await certify(chamber, kind, sequence=8, **changed)

    certificate = (await ask(chamber)).data["certificate"]
    assert (certificate["certificate"]["number"], certificate["state"], certificate["until"]) == (
        "25.2026.0001",
        state,
        until,
    )


async def test_a_superseded_certificate_leaves_the_one_in_its_place(chamber: Chamber) -> None:
    await certify(chamber, CERTIFICATE_ISSUED, sequence=7)
    await certify(chamber, CERTIFICATE_ISSUED, number="25.2028.0009", sequence=20)
    await certify(chamber, CERTIFICATE_SUPERSEDED, sequence=20, ended_on="2028-01-01", by_number="25.2028.0009")

    certificate = (await ask(chamber)).data["certificate"]
    assert (certificate["certificate"]["number"], certificate["state"]) == ("25.2028.0009", "in-force")


async def test_a_certificate_event_that_comes_late_changes_nothing(chamber: Chamber) -> None:
    await certify(chamber, CERTIFICATE_EXPIRED, sequence=30, expired_on="2029-12-02")
    await certify(chamber, CERTIFICATE_EXTENDED, sequence=29, until="2030-05-30")

    assert (await ask(chamber)).data["certificate"]["state"] == "expired"


async def test_a_first_event_that_comes_after_a_later_one_changes_nothing(chamber: Chamber) -> None:
    await certify(chamber, CERTIFICATE_EXPIRED, sequence=2, expired_on="2029-12-02")
    await certify(chamber, CERTIFICATE_ISSUED, sequence=1)

    assert (await ask(chamber)).data["certificate"]["state"] == "expired"


async def test_of_an_imported_product_nothing_is_looked_up(chamber: Chamber, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(type(chamber.evaluation.councils), "work", lambda _, code: looked_up.append(code))
        await certify(chamber, CERTIFICATE_ISSUED, sequence=1)

    assert looked_up == []
    assert (await ask(chamber)).data["certificate"]["state"] == "in-force"


async def test_an_imported_product_is_known_by_its_certificate_and_by_its_former_code(chamber: Chamber) -> None:
    await certify(chamber, CERTIFICATE_ISSUED, sequence=1, former_code=FORMER)

    by_code, by_former = (await ask(chamber)).data, (await ask(chamber, FORMER)).data

    assert by_former == by_code
    assert (by_code["product_code"], by_code["known"], by_code["product"]) == (CODE, True, None)
    assert by_code["certificate"]["certificate"]["stars"] == 4


async def test_a_former_code_that_nobody_brought_in_is_told_so(chamber: Chamber) -> None:
    answer = await ask(chamber, FORMER)

    assert codes(answer) == [("/product_code", "former-code-unknown")]


async def test_a_question_shows_no_recipient_and_no_card(chamber: Chamber) -> None:
    await submit(chamber)
    await chamber.sit(80, 80, 80)

    told = json.dumps((await ask(chamber)).data)

    assert "a.b.c.d.e" not in told
    assert "m1" not in told
