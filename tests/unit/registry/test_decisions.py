"""What the register records of a dossier, and of evaluation turning one back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.registry import correction, registration
from services.registry.identity import KnownProduct
from services.registry.registration import ExaminedDossier, RegisterState
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rating import AssessmentRejected
from shared.contracts.text import Bilingual, Fault
from shared.handling.outcome import Decision
from tests.unit.registry.dossiers import NUMBERS, changed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CODE = "01-09574-1-2026"
TURNED_BACK = KnownProduct(
    code=CODE, producer_numbers=frozenset({"01y8001234"}), product_set=6, to_correct="note-of-the-first"
)
UPGRADE = {"/registration": "upgrade", "/product_code": CODE}


def filed(changes: Mapping[str, object]) -> Event:
    return Event(id="1", source="/portals/test", type=DOSSIER_FILED.type, data=changed(changes))


def decided(event: Event, state: RegisterState) -> Decision:
    return registration.decide(state, ExaminedDossier.of(event, NUMBERS, now=NOW), NOW)


def rejection(kind: RegistrationKind) -> Event:
    submitted = decided(filed({}), RegisterState()).announced[0]
    rejected = AssessmentRejected(
        product_code=CODE,
        product_name="Bánh tẻ Hưng Vân",
        product_set=6,
        registration=kind,
        recipient={"name": "Cơ sở bánh tẻ Hưng Vân", "contact": {"phone": "024 3383 0000"}},
        legal_document="26/2026/QĐ-TTg",
        score_sheet="6",
        faults=(Fault(pointer="", code="unknown-criterion", message=Bilingual(vi="Không có.", en="None.")),),
    )
    return submitted.answer(ASSESSMENT_REJECTED, rejected, source="/x", subject=CODE, now=NOW)


def test_a_first_registration_keeps_its_product_set_in_the_register() -> None:
    registered: dict[str, Any] = decided(filed({}), RegisterState()).fields["registered"]

    assert (registered["code"], registered["product_set"]) == (CODE, 6)


def test_an_accepted_correction_uses_up_what_it_corrects_and_keeps_the_code() -> None:
    decision = decided(filed({"/product/product_set": 8}), RegisterState(by_key=TURNED_BACK, last_serial=1))

    assert decision.announced[0].type == PRODUCT_SUBMITTED.type
    assert decision.fields["product_code"] == CODE
    assert (decision.fields["corrects"], decision.fields["product_set"]) == ("note-of-the-first", 8)
    assert "registered" not in decision.fields


def test_an_upgrade_corrects_nothing() -> None:
    papers = changed({})["documents"]
    upgrade = filed(UPGRADE | {"/documents": [*papers, papers[0] | {"type": "change-report"}]})

    decision = decided(upgrade, RegisterState(by_key=TURNED_BACK, by_code=TURNED_BACK))

    assert decision.announced[0].type == PRODUCT_SUBMITTED.type
    assert "corrects" not in decision.fields


def test_an_id_used_twice_is_told_to_the_portal_and_not_to_the_producer() -> None:
    decision = decided(filed({}), RegisterState(same_id=True))

    rejection = decision.announced[0].data
    assert [fault["code"] for fault in rejection["faults"]] == ["id-used-twice"]
    assert rejection["recipient"] is None


def test_of_a_rejected_dossier_the_record_keeps_the_digest_and_not_the_dossier() -> None:
    event = filed({"/samples": 4, "/producer/contact/phone": "0912 345 678"})

    decision = decided(event, RegisterState())

    assert decision.announced[0].type == DOSSIER_REJECTED.type
    assert decision.fields["digest"] == event.digest
    assert "0912 345 678" not in repr(decision.fields)


def test_a_first_registration_that_is_turned_back_names_its_submission_and_awaits_correction() -> None:
    fields = correction.decide(None, rejection(RegistrationKind.FIRST), NOW).fields

    assert fields["outcome"] == "awaits-correction"
    assert fields["turned_back"] == decided(filed({}), RegisterState()).announced[0].id


def test_an_upgrade_that_is_turned_back_awaits_nothing() -> None:
    assert correction.decide(None, rejection(RegistrationKind.UPGRADE), NOW).fields["outcome"] == "turned-back"
