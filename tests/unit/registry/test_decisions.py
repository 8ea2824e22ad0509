"""What the register records of a dossier, and of evaluation turning one back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.registry import correction, registration
from services.registry.identity import KnownProduct
from services.registry.registration import ExaminedDossier, RegisterState
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_SUBMITTED,
    EventType,
)
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rating import AssessmentRejected
from shared.contracts.text import Bilingual, Fault
from shared.handling.history import Version
from shared.handling.outcome import Decision
from tests.unit.contact_keys import seal
from tests.unit.registry.dossiers import NUMBERS, changed

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CODE = "01-09574-1-2026"
SUBMITTED = "id-of-the-first"
KNOWN = KnownProduct(code=CODE, producer_numbers=("01y8001234",), product_set=6, submitted=SUBMITTED)
TURNED_BACK = Version(CODE, 2, KNOWN.model_copy(update={"to_correct": True}))
UPGRADE = {"/registration": "upgrade", "/product_code": CODE}


def filed(changes: Mapping[str, object]) -> Event:
    return Event(id="1", source="/portals/test", type=DOSSIER_FILED.type, data=changed(changes))


def decided(event: Event, state: RegisterState) -> Decision:
    return registration.decide(state, ExaminedDossier.of(event, NUMBERS, seal, now=NOW), NOW)


def rejection(kind: RegistrationKind) -> Event:
    submitted = decided(filed({}), RegisterState()).announced[0]
    rejected = AssessmentRejected(
        product_code=CODE,
        product_name="Bánh tẻ Hưng Vân",
        product_set=6,
        registration=kind,
        legal_document="26/2026/QĐ-TTg",
        score_sheet="6",
        faults=(Fault(pointer="", code="unknown-criterion", message=Bilingual(vi="Không có.", en="None.")),),
    )
    return submitted.answer(ASSESSMENT_REJECTED, rejected, source="/x", subject=CODE, now=NOW)


def moved(decision: Decision) -> Version[KnownProduct]:
    assert decision.version
    return decision.version


def test_a_new_product_s_history_begins_with_what_it_is_known_by() -> None:
    decision = decided(filed({}), RegisterState())

    submitted = decision.announced[0]
    known = KnownProduct(code=CODE, producer_numbers=("01y8001234",), product_set=6, submitted=submitted.id)
    assert (moved(decision), submitted.sequence) == (Version(CODE, 1, known), 1)


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        pytest.param({}, PRODUCT_SUBMITTED, "01-09574", id="accepted"),
        pytest.param({"/samples": 4}, DOSSIER_REJECTED, "01-09574", id="breaks a rule"),
        pytest.param({"/samples": "x"}, DOSSIER_REJECTED, "01-09574", id="breaks the contract"),
        pytest.param({"/product/commune_code": "9574"}, DOSSIER_REJECTED, "01", id="the commune cannot be read"),
        pytest.param({"/product/province_code": "1"}, DOSSIER_REJECTED, None, id="the province cannot be read"),
        pytest.param({"/product": 7}, DOSSIER_REJECTED, None, id="nothing can be read"),
    ],
)
def test_an_answer_says_where_as_far_as_the_dossier_can_be_read_and_who_filed(
    changes: Mapping[str, object], kind: EventType[Any], place: str | None
) -> None:
    event = replace(filed(changes), filed_by="integration.son-tay")

    (answer,) = decided(event, RegisterState()).announced

    assert (answer.type, answer.place, answer.filed_by) == (kind.type, place, "integration.son-tay")


def test_an_accepted_correction_may_change_the_product_set_and_keeps_the_code() -> None:
    decision = decided(filed({"/product/product_set": 8}), RegisterState(by_key=TURNED_BACK, last_serial=1))

    submitted = decision.announced[0]
    assert (submitted.type, submitted.sequence) == (PRODUCT_SUBMITTED.type, 3)
    corrected = KNOWN.model_copy(update={"product_set": 8, "submitted": submitted.id})
    assert moved(decision) == Version(CODE, 3, corrected)
    assert "registered" not in decision.fields


def test_an_upgrade_leaves_what_the_product_is_known_by() -> None:
    papers = changed({})["documents"]
    upgrade = filed(UPGRADE | {"/documents": [*papers, papers[0] | {"type": "change-report"}]})

    decision = decided(upgrade, RegisterState(by_key=TURNED_BACK, by_code=TURNED_BACK))

    assert decision.announced[0].type == PRODUCT_SUBMITTED.type
    assert moved(decision) == Version(CODE, 3, TURNED_BACK.state)


def test_an_id_used_twice_is_told_to_the_portal_and_not_to_the_producer() -> None:
    decision = decided(filed({}), RegisterState(same_id=True))

    rejection = decision.announced[0].data
    assert [fault["code"] for fault in rejection["faults"]] == ["id-used-twice"]
    assert rejection["sealed_recipient"] is None


def test_of_a_rejected_dossier_the_record_keeps_the_digest_and_not_the_dossier() -> None:
    event = filed({"/samples": 4, "/producer/contact/phone": "0912 345 678"})

    decision = decided(event, RegisterState())

    assert decision.announced[0].type == DOSSIER_REJECTED.type
    assert decision.fields["digest"] == event.digest
    assert "0912 345 678" not in repr(decision.fields)


def test_a_rejected_dossier_moves_no_product() -> None:
    decision = decided(filed({"/samples": 4}), RegisterState())

    assert (decision.version, decision.announced[0].sequence) == (None, None)


def test_a_first_registration_that_is_turned_back_may_be_corrected() -> None:
    event = rejection(RegistrationKind.FIRST)
    registered = Version(CODE, 1, KNOWN.model_copy(update={"submitted": event.causation_id}))

    decision = correction.decide(registered, event, NOW)

    assert moved(decision) == registered.then(registered.state.model_copy(update={"to_correct": True}))


@pytest.mark.parametrize("to_correct", [True, False])
def test_an_upgrade_that_is_turned_back_leaves_that_as_it_was(to_correct: bool) -> None:
    registered = Version(CODE, 4, KNOWN.model_copy(update={"to_correct": to_correct}))

    decision = correction.decide(registered, rejection(RegistrationKind.UPGRADE), NOW)

    assert moved(decision) == registered.then(registered.state)


def test_a_rejection_of_a_product_that_the_register_does_not_have_is_on_record() -> None:
    decision = correction.decide(None, rejection(RegistrationKind.FIRST), NOW)

    assert (decision.version, decision.fields["product_code"]) == (None, CODE)
