"""The handlers of evaluation without a broker: ratings on record, and questions that leave nothing behind."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.evaluation.app import APP
from services.evaluation.handlers import Evaluation, product_query, product_submitted
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    PRODUCT_STATE,
    PRODUCT_SUBMITTED,
    QUERY_REJECTED,
)
from shared.contracts.event import BrokenContractError, Event
from shared.handling.outcome import Answered, DeadLetter
from shared.messaging.delivery import read_delivery
from shared.system import SYSTEM
from tests.unit.evaluation.sheets import everything_at_its_best, sheet
from tests.unit.evaluation.test_assessment import submitted
from tests.unit.handling import Bench

CODE = "25-07918-1-2026"
USER, INBOX = "integration.portal", "integration.portal.events"


def product(options: dict[str, int]) -> Event:
    data = submitted(6, options).model_dump(mode="json")
    return Event(id="p-1", source="/ocop/registry", type=PRODUCT_SUBMITTED.type, data=data)


def question(code: str = CODE, *, user: str | None = USER) -> Event:
    return Event(id="q-1", source="/p", type=PRODUCT_QUERY.type, data={"product_code": code}, filed_by=user)


def by_dossier(id: str) -> Event:
    return replace(question(), data={"dossier_id": id})


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def evaluation(bench: Bench) -> Evaluation:
    return await Evaluation.prepared(bench.resources)


async def test_a_product_is_rated_once_however_often_it_comes(bench: Bench, evaluation: Evaluation) -> None:
    for _ in range(2):
        assert isinstance(await product_submitted(evaluation, product(everything_at_its_best(sheet(6)))), Answered)

    first, second = bench.publisher.announced
    assert first == second
    assert (first.type, first.data["stars"]) == (PRODUCT_RATED.type, 5)
    (record,) = bench.documents("ratings")
    assert (record["outcome"], record["history"]["state"]["stars"]) == ("rated", 5)
    assert bench.recorded == [first]


async def test_answers_that_the_sheet_does_not_know_are_turned_back(bench: Bench, evaluation: Evaluation) -> None:
    await product_submitted(evaluation, product({"9.9": 1}))

    (rejected,) = bench.publisher.announced
    assert rejected.type == ASSESSMENT_REJECTED.type
    (record,) = bench.documents("ratings")
    assert (record["outcome"], record["history"]["state"]["stars"]) == ("rejected", None)


async def test_data_that_breaks_the_contract_is_for_the_dead_letters(bench: Bench, evaluation: Evaluation) -> None:
    event = Event(id="p-1", source="/ocop/registry", type=PRODUCT_SUBMITTED.type, data={})

    with pytest.raises(BrokenContractError):
        await product_submitted(evaluation, event)

    assert bench.publisher.announced == []
    assert bench.documents("ratings") == []


async def test_who_asks_is_answered_alone_and_nothing_is_recorded(bench: Bench, evaluation: Evaluation) -> None:
    await product_submitted(evaluation, product(everything_at_its_best(sheet(6))))

    assert await product_query(evaluation, question()) == Answered()

    state = bench.publisher.announced[-1]
    assert (state.type, state.data["rating"]["stars"]) == (PRODUCT_STATE.type, 5)
    assert bench.publisher.keys[1:] == [INBOX]
    assert len(bench.documents("ratings")) == 1


async def test_a_question_that_names_no_code_is_turned_back(bench: Bench, evaluation: Evaluation) -> None:
    await product_query(evaluation, question("no code"))

    assert [event.type for event in bench.publisher.announced] == [QUERY_REJECTED.type]


async def test_a_question_outside_the_asker_s_scope_is_turned_back_to_it_and_who_asked_is_logged(
    bench: Bench, evaluation: Evaluation
) -> None:
    await product_submitted(evaluation, product(everything_at_its_best(sheet(6))))

    with capture_logs() as logged:
        assert await product_query(evaluation, question(user="integration.gone")) == Answered()

    rejected = bench.publisher.announced[-1]
    assert (rejected.type, bench.publisher.keys[-1]) == (QUERY_REJECTED.type, "integration.gone.events")
    assert [fault["code"] for fault in rejected.data["faults"]] == ["out-of-scope"]
    assert [(line["action"], line["asked_by"], line["id"]) for line in logged] == [
        ("refuse", "integration.gone", "q-1")
    ]


async def test_a_product_is_asked_for_by_a_dossier_that_the_asker_filed(bench: Bench, evaluation: Evaluation) -> None:
    await product_submitted(evaluation, replace(product(everything_at_its_best(sheet(6))), filed_by=USER))

    await product_query(evaluation, by_dossier("d-1"))

    state = bench.publisher.announced[-1]
    assert (state.type, state.data["product_code"], state.data["dossier_id"]) == (PRODUCT_STATE.type, CODE, "d-1")
    assert state.data["rating"]["stars"] == 5


async def test_a_dossier_of_another_asker_is_as_unknown_as_one_that_there_is_not(
    bench: Bench, evaluation: Evaluation
) -> None:
    for filed_by in ("integration.other", None):
        filed = replace(product(everything_at_its_best(sheet(6))), id=f"p-{filed_by}", filed_by=filed_by)
        await product_submitted(evaluation, filed)

    for id in ("d-1", "no such"):
        await product_query(evaluation, by_dossier(id))

    of_another, of_nobody = bench.publisher.announced[-2:]
    assert of_another.data == of_nobody.data
    assert [fault["code"] for fault in of_another.data["faults"]] == ["dossier-unknown"]


async def test_a_question_from_nobody_is_a_dead_letter(bench: Bench, evaluation: Evaluation) -> None:
    outcome = await product_query(evaluation, question(user=None))

    assert isinstance(outcome, DeadLetter)
    assert (outcome.reason, bench.publisher.announced) == ("asker-unknown", [])


async def test_what_is_no_question_is_kept_and_its_sender_is_answered(bench: Bench, evaluation: Evaluation) -> None:
    message: Any = SimpleNamespace(
        body=b"{",
        headers={"ce-id": "q-2", "ce-source": "/p"},
        user_id=USER,
        redelivered=False,
        exchange="ocop.intake",
        content_type="application/json",
        **dict.fromkeys(("content_encoding", "message_id", "timestamp")),
    )
    own = [SYSTEM["evaluation"].subscription(PRODUCT_QUERY)]
    delivery = read_delivery(message, own, own_user="evaluation", system=SYSTEM)

    outcome = await APP.handlers[PRODUCT_QUERY](evaluation, delivery)

    assert isinstance(outcome, DeadLetter)
    assert [event.data["query_id"] for event in bench.publisher.announced] == ["q-2"]
    assert bench.publisher.keys == [INBOX]
