"""What the register records of a dossier, and of evaluation turning one back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.registry import correction, registration
from services.registry.identity import KnownProduct
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState
from services.registry.rounds import Round
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_SUBMITTED,
    ROUND_MOVED,
    EventType,
)
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rating import AssessmentRejected
from shared.contracts.rounds import Stage
from shared.contracts.text import Bilingual, Fault
from shared.handling.history import Version
from shared.handling.outcome import Decision
from tests.unit.contact_keys import seal
from tests.unit.registry.dossiers import NUMBERS, changed
from tests.unit.registry.products import a_round, held, product

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CODE = "01-09574-1-2026"
RETURNED = Version(CODE, 2, product(round=a_round(Stage.RETURNED)))
UPGRADE = {"/registration": "upgrade", "/product_code": CODE}
PAPERS = changed({})["documents"]
REPORTED = [*PAPERS, PAPERS[0] | {"type": "change-report"}]


def filed(changes: Mapping[str, object]) -> Event:
    data = changed(changes)
    return Event(id="1", source="/portals/test", type=DOSSIER_FILED.type, data=data, filed_by="integration.portal")


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

    (submitted,) = decision.announced
    today, due_on = date(2026, 11, 23), date(2026, 12, 15)  # 24 November is a holiday
    opened = a_round(
        filed_on=today, received_on=today, due_on=due_on, submitted=submitted.id, filed_by="integration.portal"
    )
    known = product(round=opened, sealed_recipient=submitted.data["sealed_recipient"])
    assert (moved(decision), submitted.sequence) == (Version(CODE, 1, known), 1)
    assert (submitted.data["round"], submitted.data["due_on"]) == (1, "2026-12-15")


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
    decision = decided(filed({"/product/product_set": 8}), RegisterState(by_key=RETURNED, last_serial=1))

    submitted, round_moved = decision.announced
    assert (submitted.type, round_moved.type) == (PRODUCT_SUBMITTED.type, ROUND_MOVED.type)
    assert submitted.sequence == round_moved.sequence == 3
    assert moved(decision).state.product_set == 8
    assert "registered" not in decision.fields


def test_a_corrected_dossier_goes_on_in_its_round_and_the_commune_has_its_time_anew() -> None:
    decision = decided(filed({}), RegisterState(by_key=RETURNED))

    submitted, round_moved = decision.announced
    round_ = moved(decision).state.round
    assert round_
    assert (round_.number, round_.stage, round_.submitted) == (1, Stage.AT_COMMUNE, submitted.id)
    assert (round_.filed_on, round_.received_on) == (date(2026, 10, 1), date(2026, 11, 23))
    assert (round_moved.data["from_stage"], round_moved.data["to_stage"]) == ("returned", "at-commune")
    assert round_moved.data["due_on"] == submitted.data["due_on"] == "2026-12-15"


def test_a_dossier_corrected_for_the_province_goes_there() -> None:
    asked = Version(CODE, 2, product(round=a_round(Stage.RETURNED, back_to="province")))

    decision = decided(filed({}), RegisterState(by_key=asked))

    submitted, round_moved = decision.announced
    assert (round_moved.data["to_stage"], submitted.data["due_on"]) == ("at-province", None)
    assert (round_moved.data["letter"], round_moved.data["sent_on"]) == (None, "2026-11-23")


def test_an_upgrade_opens_the_next_round_and_leaves_what_the_product_is_known_by() -> None:
    before = Version(CODE, 2, product(held(), round=a_round(Stage.CLOSED)))

    decision = decided(filed(UPGRADE | {"/documents": REPORTED}), RegisterState(by_key=before, by_code=before))

    (submitted,) = decision.announced
    after = moved(decision)
    assert (submitted.type, submitted.data["round"], after.number) == (PRODUCT_SUBMITTED.type, 2, 3)
    assert after.state.producer_numbers == before.state.producer_numbers
    assert after.state.certificates == before.state.certificates


def test_a_re_evaluation_takes_over_an_upgrade_s_round() -> None:
    upgrade = a_round(registration=RegistrationKind.UPGRADE)
    last_day = date(2027, 4, 22)  # 150 days ahead
    before = Version(CODE, 2, product(held(last_day=last_day), round=upgrade))
    papers = [*REPORTED, REPORTED[0] | {"type": "test-report"}]
    again = filed(UPGRADE | {"/registration": "re-evaluation", "/documents": papers})

    decision = decided(again, RegisterState(by_code=before))

    submitted, closed = decision.announced
    assert (submitted.data["round"], closed.data["round"]) == (2, 1)
    assert (closed.data["to_stage"], closed.data["closing"]) == ("closed", "taken-over")


def test_a_product_is_known_as_its_dossier_is_announced() -> None:
    own = {"/producer/registration_number": "001085012345", "/producer/name": "Hộ 001085012345"}

    state = moved(decided(filed(own), RegisterState())).state

    assert (state.name, state.producer_name) == ("Bánh tẻ Hưng Vân", "Hộ *********345")


def test_an_id_used_twice_is_told_to_the_portal_and_not_to_the_producer() -> None:
    decision = decided(filed({}), RegisterState(same_id=True))

    rejection = decision.announced[0].data
    assert [fault["code"] for fault in rejection["faults"]] == ["id-used-twice"]
    assert rejection["sealed_recipient"] is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"/samples": 4}, True, id="a rule that she broke"),
        pytest.param({"/samples": "x"}, False, id="text for a number"),
        pytest.param({"/producer/kind": "company"}, False, id="a word that is no kind"),
        pytest.param({"/self_assessment": []}, False, id="a list for an object"),
        pytest.param({"/samples": 5.5, "/product/name": " "}, True, id="beside a fault of hers"),
    ],
)
def test_a_producer_is_not_told_of_what_only_a_program_does(changes: Mapping[str, object], told: bool) -> None:
    (rejected,) = decided(filed(changes), RegisterState()).announced

    assert rejected.type == DOSSIER_REJECTED.type
    assert (rejected.data["sealed_recipient"] is not None) is told


def test_of_a_rejected_dossier_the_record_keeps_the_digest_and_not_the_dossier() -> None:
    event = filed({"/samples": 4, "/producer/contact/phone": "0912 345 678"})

    decision = decided(event, RegisterState())

    assert decision.announced[0].type == DOSSIER_REJECTED.type
    assert decision.fields["digest"] == event.digest
    assert "0912 345 678" not in repr(decision.fields)


@pytest.mark.parametrize(
    ("changes", "state", "about"),
    [
        pytest.param({"/samples": 4}, RegisterState(by_key=RETURNED), CODE, id="known by its name"),
        pytest.param(UPGRADE, RegisterState(by_code=RETURNED), CODE, id="known by its code"),
        pytest.param(UPGRADE, RegisterState(), CODE, id="unknown"),
        pytest.param(UPGRADE | {"/product/name": 7}, RegisterState(), CODE, id="breaks the contract"),
        pytest.param({"/samples": 4}, RegisterState(), None, id="of no product"),
        pytest.param(UPGRADE | {"/product_code": "none"}, RegisterState(), None, id="no code"),
    ],
)
def test_of_a_rejected_dossier_the_record_names_the_product_that_it_is_about(
    changes: Mapping[str, object], state: RegisterState, about: str | None
) -> None:
    event = filed(changes)

    decision = decided(event, state)

    assert decision.announced[0].type == DOSSIER_REJECTED.type
    assert decision.fields.get("rejected") == ({"of": about, "key": event.key} if about else None)


def test_a_rejected_dossier_moves_no_product() -> None:
    decision = decided(filed({"/samples": 4}), RegisterState())

    assert (decision.version, decision.announced[0].sequence) == (None, None)


@pytest.mark.parametrize("kind", RegistrationKind)
@pytest.mark.parametrize(
    ("stage", "back_to"), [(Stage.AT_COMMUNE, "commune"), (Stage.AT_PROVINCE, "province")], ids=["commune", "province"]
)
def test_a_round_whose_newest_dossier_is_turned_back_waits_for_a_corrected_one(
    kind: RegistrationKind, stage: Stage, back_to: str
) -> None:
    event = rejection(kind)
    known = Version(CODE, 1, product(round=a_round(stage, registration=kind, submitted=event.causation_id)))

    decision = correction.decide(known, event, NOW)

    round_ = moved(decision).state.round
    assert round_
    assert (round_.stage, round_.back_to) == (Stage.RETURNED, back_to)
    (round_moved,) = decision.announced
    assert (round_moved.type, round_moved.data["why"]) == (ROUND_MOVED.type, "assessment.rejected")


@pytest.mark.parametrize(
    "round_",
    [
        pytest.param(a_round(), id="an earlier dossier's"),
        pytest.param(a_round(Stage.AWAITS_PROVINCE, submitted="newest"), id="a council has rated it"),
        pytest.param(a_round(Stage.CLOSED, submitted="newest"), id="the round has ended"),
        pytest.param(None, id="of before there were rounds"),
    ],
)
def test_a_rejection_that_was_overtaken_moves_nothing(round_: Round | None) -> None:
    event = replace(rejection(RegistrationKind.FIRST), causation_id="newest")

    decision = correction.decide(Version(CODE, 4, product(round=round_)), event, NOW)

    assert (decision.version, decision.announced, decision.fields["outcome"]) == (None, (), "turned-back")


def test_a_rejection_of_a_product_that_the_register_does_not_have_is_on_record() -> None:
    decision = correction.decide(None, rejection(RegistrationKind.FIRST), NOW)

    assert (decision.version, decision.fields["product_code"]) == (None, CODE)
