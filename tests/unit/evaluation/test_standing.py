"""How a product stands is told from what is on record of it, and whoever made it is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from services.evaluation.assessment import assess
from services.evaluation.standing import AskedDossier, AskedProduct, OnRecord, Question, decide, state_of
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
    QUERY_REJECTED,
)
from shared.contracts.dossier import AnnouncedProducer, Recipient
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import Unreadable
from shared.contracts.query import ProductState, QueryRejected
from shared.contracts.rating import ProductRated
from shared.scopes import NONE, Role, Scope
from tests.unit.evaluation.sheets import everything_at_its_best, rulebook, sheet
from tests.unit.evaluation.test_assessment import submitted

REGISTERED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
RATED = REGISTERED + timedelta(seconds=1)
CODE = "25-07918-1-2026"
ASKER = Scope(Role.PROVINCE, frozenset({"25"}))


def assessed(options: dict[str, int], *, at: datetime = RATED) -> Event:
    product = submitted(6, options)
    answer = assess(rulebook(), product)
    event = Event(id=f"submitted-{at}", source="/ocop/registry", type=PRODUCT_SUBMITTED.type, data={})
    if isinstance(answer, ProductRated):
        return event.answer(PRODUCT_RATED, answer, source="/ocop/evaluation", subject=CODE, now=at)
    return event.answer(ASSESSMENT_REJECTED, answer, source="/ocop/evaluation", subject=CODE, now=at)


def question(data: dict[str, Any]) -> Event:
    return Event(id="question-1", source="/portals/son-tay", type=PRODUCT_QUERY.type, data=data)


GOOD = assessed(everything_at_its_best(sheet(6)) | {"2.3": 2})
TURNED_BACK = assessed({"99.9": 1}, at=RATED + timedelta(days=1))


def test_a_rated_product_stands_as_its_rating_says() -> None:
    state = state_of(AskedProduct(CODE), OnRecord(REGISTERED, latest=GOOD, rated=GOOD))

    assert state.product is not None
    assert state.latest_dossier is not None
    assert state.rating is not None
    assert (state.known, state.product.name, state.product.product_set) == (True, "Mỳ gạo Hùng Lô", 6)
    assert (state.product.registered_at, state.latest_dossier.assessed_at) == (REGISTERED, RATED)
    assert (state.latest_dossier.outcome, state.latest_dossier.registration) == ("rated", "first")
    assert (state.rating.event_id, state.rating.rated_at) == (GOOD.id, RATED)
    assert (state.rating.total, state.rating.band, state.rating.stars) == (99, 5, 3)
    assert [unmet.criterion for unmet in state.rating.unmet_minimums] == ["2.3"]
    assert state.rating.advice is not None


def test_a_dossier_that_is_turned_back_later_leaves_the_rating() -> None:
    state = state_of(AskedProduct(CODE), OnRecord(REGISTERED, latest=TURNED_BACK, rated=GOOD))

    assert state.latest_dossier is not None
    assert state.rating is not None
    assert (state.latest_dossier.outcome, state.rating.event_id) == ("rejected", GOOD.id)


def test_a_product_without_a_rating_is_known() -> None:
    state = state_of(AskedProduct(CODE), OnRecord(REGISTERED, latest=TURNED_BACK, rated=None))

    assert (state.known, state.rating) == (True, None)


def test_with_nothing_on_record_a_code_is_unknown() -> None:
    assert state_of(AskedProduct(CODE), None) == ProductState(product_code=CODE, known=False)


def test_an_answer_has_no_field_for_who_made_the_product() -> None:
    answered = state_of(AskedProduct(CODE), OnRecord(REGISTERED, latest=GOOD, rated=GOOD)).model_dump_json()

    assert GOOD.data["sealed_recipient"]
    for personal in (GOOD.data["sealed_recipient"], "Hợp tác xã", "2600000000"):
        assert personal not in answered
    assert not any(issubclass(model, AnnouncedProducer | Recipient) for model in models_within(ProductState))


def models_within(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner not in found:
                found |= models_within(inner)
    return found


def test_a_question_asks_for_a_product() -> None:
    asked = Question.of(question({"product_code": CODE, "field_of_tomorrow": 1}), ASKER).content

    assert asked == AskedProduct(CODE)


@pytest.mark.parametrize("code", [CODE, "25-07918-999999-2026"], ids=["registered", "unknown"])
def test_outside_the_asker_s_scope_the_answer_is_the_same_whether_or_not_there_is_the_product(code: str) -> None:
    event = question({"product_code": code})
    asked = Question.of(event, Scope(Role.COMMUNE, frozenset({"25-07919"})))
    (answer,) = decide(OnRecord(REGISTERED, latest=GOOD, rated=GOOD) if code == CODE else None, asked, RATED).announced

    assert asked.is_out_of_scope
    assert answer.type == QUERY_REJECTED.type
    assert [(fault["pointer"], fault["code"]) for fault in answer.data["faults"]] == [("/product_code", "out-of-scope")]
    assert code not in str(answer.data)


DOSSIER = "3f0c1f7e-6f0a-4a77-9d3c-6f1f0c2f9a11"


def test_a_question_may_ask_by_a_dossier() -> None:
    asked = Question.of(question({"dossier_id": DOSSIER, "product_code": ""}), ASKER)

    assert asked.content == AskedDossier(DOSSIER)
    (answer,) = decide(OnRecord(REGISTERED, latest=GOOD, rated=GOOD), asked.about(CODE, ASKER), RATED).announced
    assert (answer.data["product_code"], answer.data["dossier_id"], answer.subject) == (CODE, DOSSIER, CODE)
    assert answer.data["rating"]["stars"] == 3


def test_a_dossier_that_the_asker_did_not_file_is_unknown() -> None:
    asked = Question.of(question({"dossier_id": DOSSIER}), ASKER).about(None, ASKER)

    (answer,) = decide(None, asked, RATED).announced

    assert answer.type == QUERY_REJECTED.type
    assert codes(answer) == [("/dossier_id", "dossier-unknown")]


def codes(answer: Event) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in answer.data["faults"]]


def test_a_dossier_of_a_place_that_the_scope_has_no_longer_is_out_of_scope() -> None:
    elsewhere = Scope(Role.PROVINCE, frozenset({"01"}))
    asked = Question.of(question({"dossier_id": DOSSIER}), elsewhere).about(CODE, elsewhere)

    (answer,) = decide(OnRecord(REGISTERED, latest=GOOD, rated=GOOD), asked, RATED).announced

    assert asked.is_out_of_scope
    assert codes(answer) == [("/dossier_id", "out-of-scope")]


def test_who_has_no_scope_may_ask_by_no_dossier() -> None:
    assert Question.of(question({"dossier_id": DOSSIER}), NONE).is_out_of_scope


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ({"dossier_id": DOSSIER, "product_code": CODE}, ("/dossier_id", "code-and-dossier")),
        ({"dossier_id": 17}, ("/dossier_id", "dossier-id-unreadable")),
        ({"dossier_id": "", "product_code": None}, ("/product_code", "product-code-unreadable")),
    ],
)
def test_a_question_has_a_code_or_a_dossier(data: dict[str, Any], fault: tuple[str, str]) -> None:
    (answer,) = decide(None, Question.of(question(data), ASKER), RATED).announced

    assert codes(answer) == [fault]


@pytest.mark.parametrize("data", [{}, {"product_code": None}, {"product_code": "1"}, {"product_code": [CODE]}])
def test_what_asks_for_none_is_rejected(data: dict[str, Any]) -> None:
    rejected = Question.of(question(data), ASKER).content

    assert isinstance(rejected, QueryRejected)
    assert (rejected.query_id, [(fault.pointer, fault.code) for fault in rejected.faults]) == (
        "question-1",
        [("/product_code", "product-code-unreadable")],
    )


def test_what_cannot_be_read_is_rejected_with_the_reason() -> None:
    rejected = Question.unreadable(question({}), UnreadableError(Unreadable.NOT_JSON, "line 1")).content

    assert isinstance(rejected, QueryRejected)
    (fault,) = rejected.faults

    assert (fault.pointer, fault.code) == ("", "unreadable-not-json")
    assert "line 1" in fault.message.en
