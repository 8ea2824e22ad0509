"""What was mistyped in a recognition is put right (đính chính), and a recognition withdrawn (Art. 8)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.registry.certificate_handlers import (
    certificate_imported,
    fallen_due,
    recognition_corrected,
    recognition_revoked,
)
from services.registry.handlers import Registry
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus, HeldCertificate, KeptResult
from shared.contracts.catalogue import CERTIFICATE_IMPORTED, RECOGNITION_CORRECTED, RECOGNITION_REVOKED
from shared.contracts.councils import Average
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rounds import Closing, Stage
from shared.handling.history import Version
from shared.handling.outcome import Decision, Outcome, Retry
from tests.unit.certificate_keys import verify
from tests.unit.handling import Bench
from tests.unit.registry.lives import CODE, certificate, imported, product, round_of

FIRST, NUMBER = date(2026, 6, 30), "7/GCN"
CERTIFIED = HeldCertificate(certificate=certificate(FIRST, date(2029, 6, 30), number=NUMBER), round=1, council_stars=4)
RESULT = KeptResult(
    event_id="result",
    stars=4,
    band=4,
    average=Average(numerator=89, denominator=1, shown="89.00"),
    held_on=date(2026, 6, 20),
    legal_document="26/2026/QĐ-TTg",
)
CLOSED = round_of(
    RegistrationKind.FIRST,
    date(2026, 5, 25),
    number=1,
    stage=Stage.CLOSED,
    closing=Closing.RECOGNISED,
    provincial=RESULT,
)
CORRECTION: dict[str, Any] = {
    "product_code": CODE,
    "certificate_number": NUMBER,
    "letter": {"number": "9/ĐC", "date": "2026-11-20"},
    "reason": "Ghi nhầm.",
    "stars": 3,
}
REVOCATION: dict[str, Any] = {
    "product_code": CODE,
    "certificate_number": NUMBER,
    "ground": "d",
    "reason": "Dùng sai nhãn hiệu chứng nhận.",
    "decision": {"number": "77/QĐ", "date": "2026-11-20"},
    "concluded_on": "2026-11-05",
}


@pytest.fixture
def bench(tmp_path: Any) -> Bench:
    scopes = tmp_path / "integrations.yaml"
    roles = {"ha-noi": "{province: '01'}", "phu-tho": "{province: '25'}", "ministry": "centre"}
    scopes.write_text(
        "".join(f"{name}: {{listens_to: [product.rated], scope: {scope}}}\n" for name, scope in roles.items())
    )
    return Bench(integrations=scopes)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    """Return a registry whose one product has a certificate of 4 stars, its round closed."""
    registry = await Registry.prepared(bench.resources)
    await keep(registry, product(CERTIFIED, round_=CLOSED))
    return registry


async def keep(registry: Registry, known: KnownProduct) -> None:
    fields = {"event": {}, "certificate": {"key": f"01/2026/{NUMBER}"}}
    await registry.products.record(Decision("kept", (), fields, version=Version(CODE, 1, known)))


async def correct(registry: Registry, changes: Mapping[str, Any], *, user: str = "ha-noi", id: str = "c") -> Outcome:
    data = {**CORRECTION, **changes}
    event = Event(id, "/offices", RECOGNITION_CORRECTED.type, data, filed_by=f"integration.{user}")
    return await recognition_corrected(registry, event)


async def revoke(registry: Registry, changes: Mapping[str, Any], *, user: str = "ha-noi", id: str = "r") -> Outcome:
    data = {**REVOCATION, **changes}
    event = Event(id, "/offices", RECOGNITION_REVOKED.type, data, filed_by=f"integration.{user}")
    return await recognition_revoked(registry, event)


async def known(registry: Registry) -> KnownProduct:
    version = await registry.products.product(CODE)
    assert version
    return version.state


def said(bench: Bench) -> list[str]:
    return [event.type.removeprefix("vn.ocop.").removesuffix(".v1") for event in bench.publisher.announced]


def faults(bench: Bench) -> list[tuple[str, str]]:
    answer = bench.publisher.announced[-1]
    assert answer.type == "vn.ocop.filing.rejected.v1"
    return [(each["pointer"], each["code"]) for each in answer.data["faults"]]


async def test_mistyped_stars_are_put_right_and_nothing_else_changes(bench: Bench, registry: Registry) -> None:
    await correct(registry, {})

    (issued,) = bench.publisher.announced
    assert (issued.data["corrects"], issued.data["certificate"]["stars"], issued.data["round"]) == (NUMBER, 3, 1)
    assert verify(issued.data["token"]).stars == 3
    (held,) = (await known(registry)).certificates
    assert (held.certificate.stars, held.certificate.last_day, held.is_in_force) == (3, date(2029, 6, 30), True)


async def test_another_date_of_the_decision_gives_another_last_day(bench: Bench, registry: Registry) -> None:
    await correct(registry, {"stars": None, "decision": {"number": "1/QĐ", "date": "2026-08-31"}})

    corrected = bench.publisher.announced[0].data["certificate"]
    assert (corrected["issued_on"], corrected["last_day"]) == ("2026-08-31", "2029-08-31")


async def test_of_an_extended_certificate_that_is_corrected_it_is_said_until_when_it_is_valid(
    bench: Bench, registry: Registry
) -> None:
    paper, until = certificate(date(2023, 11, 1), date(2026, 11, 1), number="9/GCN"), date(2027, 4, 30)
    extended = HeldCertificate(certificate=paper, status=CertificateStatus.EXTENDED, until=until)
    await registry.products.record(Decision("extended", (), {"event": {}}, version=Version(CODE, 2, product(extended))))

    await correct(registry, {"certificate_number": "9/GCN"})
    await correct(
        registry, {"certificate_number": "9/GCN", "decision": {"number": "1/QĐ", "date": "2023-11-02"}}, id="d"
    )

    assert [each.data["until"] for each in bench.publisher.announced] == ["2027-04-30", "2027-04-30"]


async def test_an_imported_certificate_keeps_the_last_day_of_its_paper(bench: Bench, registry: Registry) -> None:
    event = Event("i", "/offices", CERTIFICATE_IMPORTED.type, imported(), filed_by="integration.ha-noi")
    await certificate_imported(registry, event)
    changes = {"product_code": "01-09574-3-2024", "certificate_number": "15/GCN-OCOP", "stars": None}
    await correct(registry, {**changes, "decision": {"number": "1234/QĐ-UBND", "date": "2024-06-20"}})

    assert bench.publisher.announced[-1].data["certificate"]["last_day"] == "2027-05-20"


async def test_a_number_that_was_mistyped_may_be_given_to_whom_it_belongs(bench: Bench, registry: Registry) -> None:
    await correct(registry, {"stars": None, "new_number": "8/GCN"})
    decision = {"number": "2/QĐ", "date": "2026-07-01"}
    changes = {"certificate.number": NUMBER, "certificate.decision": decision, "certificate.last_day": "2029-07-01"}
    for number, code in enumerate(("01-09574-3-2024", "01-09574-4-2024")):
        data = imported({**changes, "product_code": code, "product.name": f"Kẹo {number}"})
        event = Event(code, "/offices", CERTIFICATE_IMPORTED.type, data, filed_by="integration.ha-noi")
        await certificate_imported(registry, event)

    assert said(bench) == ["certificate.issued", "certificate.issued", "filing.rejected"]
    assert faults(bench) == [("/certificate/number", "certificate-number-taken")]


async def test_milestones_are_reckoned_anew_and_what_is_over_is_not_said_again(registry: Registry) -> None:
    """At T-150 the window has been open for a month; the right last day is ten days later."""
    later = replace(registry, clock=lambda: datetime(2029, 2, 1, tzinfo=UTC))
    version = await registry.products.product(CODE)
    while version and (due := min(version.state.due, key=lambda each: each.at)).at <= later.clock():
        decision = await fallen_due(later, version, Event(due.milestone, "/t", "due", {"milestone": due.milestone}))
        await registry.products.record(decision)
        version = await registry.products.product(CODE)
    await correct(later, {"stars": None, "decision": {"number": "1/QĐ", "date": "2026-07-10"}})

    left = [each.milestone for each in (await known(registry)).due]
    assert left == [f"certificate/1/2029-07-10/T{days}" for days in ("-150", "-130", "-121", "-119", "-30", "+1")]


async def test_with_its_date_the_end_of_the_certificate_before_is_put_right(bench: Bench) -> None:
    registry = await Registry.prepared(bench.resources)
    former = HeldCertificate(
        certificate=certificate(date(2024, 1, 1), date(2027, 1, 1), number="1"),
        status="superseded",
        ended_on=date(2026, 6, 29),
    )
    await keep(registry, product(former, CERTIFIED, round_=CLOSED))
    await correct(registry, {"stars": None, "decision": {"number": "1/QĐ", "date": "2026-07-10"}})

    assert said(bench) == ["certificate.issued", "certificate.superseded"]
    assert bench.publisher.announced[1].data["ended_on"] == "2026-07-09"
    assert (await known(registry)).certificates[0].ended_on == date(2026, 7, 9)


@pytest.mark.parametrize(
    ("changes", "user", "expected"),
    [
        ({"stars": 4}, "ha-noi", [("", "nothing-corrected")]),
        ({"stars": None}, "ha-noi", [("", "nothing-corrected")]),
        ({"stars": 5}, "ha-noi", [("/stars", "stars-of-another-authority"), ("/stars", "stars-above-result")]),
        ({}, "ministry", [("/certificate_number", "stars-of-another-authority")]),
        ({}, "phu-tho", [("/product_code", "out-of-scope")]),
        ({"letter": {"number": "9", "date": "2026-11-29"}}, "ha-noi", [("/letter/date", "date-in-future")]),
        ({"letter": {"number": "9", "date": "2026-06-29"}}, "ha-noi", [("/letter/date", "date-too-early")]),
        (
            {"decision": {"number": "1", "date": "2026-06-19"}},
            "ha-noi",
            [("/decision/date", "date-too-early")],
        ),
        ({"reason": None}, "ha-noi", [("/reason", "wrong-type")]),
    ],
)
async def test_what_cannot_be_corrected_is_turned_back_and_moves_nothing(
    bench: Bench, registry: Registry, changes: dict[str, Any], user: str, expected: list[tuple[str, str]]
) -> None:
    await correct(registry, changes, user=user)

    assert faults(bench) == expected
    assert (await known(registry)).certificates == (CERTIFIED,)


@pytest.mark.parametrize("changes", [{"certificate_number": "99"}, {"product_code": "01-09574-9-2026"}])
async def test_what_is_not_there_may_be_on_its_way(registry: Registry, changes: dict[str, Any]) -> None:
    for outcome in (await correct(registry, changes), await revoke(registry, changes)):
        assert isinstance(outcome, Retry)
        assert outcome.early


async def test_a_revoked_certificate_ends_with_the_day_of_the_decision(bench: Bench, registry: Registry) -> None:
    await revoke(registry, {})

    (revoked,) = bench.publisher.announced
    assert (revoked.data["ground"], revoked.data["revocation"]["number"], revoked.data["is_late"]) == (
        "d",
        "77/QĐ",
        False,
    )
    (held,) = (await known(registry)).certificates
    assert (held.status, held.ended_on, held.ground) == ("revoked", date(2026, 11, 20), "d")
    assert (await known(registry)).due == ()


async def test_a_revocation_more_than_15_days_after_the_conclusion_is_noted(bench: Bench, registry: Registry) -> None:
    await revoke(registry, {"concluded_on": "2026-11-04"})

    assert bench.publisher.announced[0].data["is_late"] is True


async def test_a_revoked_products_open_round_is_closed(bench: Bench) -> None:
    registry = await Registry.prepared(bench.resources)
    opened = round_of(RegistrationKind.UPGRADE, date(2026, 10, 1), stage=Stage.RETURNED)
    await keep(registry, product(CERTIFIED, round_=opened))
    await revoke(registry, {})

    moved = bench.publisher.announced[1].data
    assert said(bench) == ["certificate.revoked", "round.moved"]
    assert (moved["from_stage"], moved["to_stage"], moved["closing"]) == ("returned", "closed", "revoked")
    assert moved["letter"] == {"number": "77/QĐ", "date": "2026-11-20"}
    assert (await known(registry)).open_round is None


async def test_a_redo_where_a_newer_round_is_open_ends_that(bench: Bench) -> None:
    registry = await Registry.prepared(bench.resources)
    newer = round_of(RegistrationKind.UPGRADE, date(2026, 10, 1), stage=Stage.RETURNED, number=CLOSED.number + 1)
    await keep(registry, product(CERTIFIED, round_=newer))
    await revoke(registry, {"ground": "redo"})

    moved = bench.publisher.announced[1].data
    assert (moved["to_stage"], moved["closing"], moved["round"]) == ("closed", "revoked", newer.number)


@pytest.mark.parametrize(
    ("registration", "due_on"),
    [
        pytest.param(RegistrationKind.FIRST, None, id="first: the law sets no last day"),
        pytest.param(RegistrationKind.RE_EVALUATION, date(2027, 1, 12), id="re-evaluation: 45 days (Art. 7.6g)"),
    ],
)
async def test_what_the_ministry_wants_done_anew_may_be_convened_again(
    bench: Bench, registration: RegistrationKind, due_on: date | None
) -> None:
    """Art. 10.1b: the councils begin anew, on what was filed last."""
    registry = await Registry.prepared(bench.resources)
    round_ = CLOSED.model_copy(update={"registration": registration})
    await keep(registry, product(CERTIFIED, round_=round_))
    await revoke(registry, {"ground": "redo"})

    moved = bench.publisher.announced[1].data
    assert (moved["to_stage"], moved["closing"], moved["round"]) == ("at-province", None, round_.number)
    assert moved["due_on"] == (due_on and due_on.isoformat())
    again = (await known(registry)).open_round
    assert again
    assert (again.provincial, again.sent_on, again.due_on) == (None, date(2026, 11, 28), due_on)


@pytest.mark.parametrize(
    ("changes", "user", "expected"),
    [
        ({}, "ministry", [("/certificate_number", "stars-of-another-authority")]),
        ({"decision": {"number": "7", "date": "2026-11-29"}}, "ha-noi", [("/decision/date", "date-in-future")]),
        ({"decision": {"number": "7", "date": "2026-11-04"}}, "ha-noi", [("/decision/date", "date-too-early")]),
        ({"concluded_on": "2026-11-29"}, "ha-noi", [("/concluded_on", "date-in-future")]),
        ({"concluded_on": "2026-06-29"}, "ha-noi", [("/concluded_on", "date-too-early")]),
        ({"ground": "z"}, "ha-noi", [("/ground", "not-allowed")]),
    ],
)
async def test_what_cannot_be_revoked_is_turned_back(
    bench: Bench, registry: Registry, changes: dict[str, Any], user: str, expected: list[tuple[str, str]]
) -> None:
    await revoke(registry, changes, user=user)

    assert faults(bench) == expected
    assert (await known(registry)).in_force == CERTIFIED


async def test_a_certificate_is_revoked_once(bench: Bench, registry: Registry) -> None:
    await revoke(registry, {})
    await revoke(registry, {"reason": "Lần nữa."}, id="again")

    assert faults(bench) == [("/certificate_number", "certificate-ended")]


async def test_a_revoked_certificate_is_not_corrected(bench: Bench, registry: Registry) -> None:
    await revoke(registry, {})
    await correct(registry, {})

    assert faults(bench) == [("/certificate_number", "certificate-ended")]
