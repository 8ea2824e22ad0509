"""The registry's handlers without a broker: which answer comes, what is on record, what a repeat changes."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.registry.app import APP
from services.registry.handlers import Registry, assessment_rejected, dossier_filed
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.event import Event
from shared.contracts.rating import AssessmentRejected
from shared.contracts.text import Bilingual, Fault
from shared.handling.outcome import Answered, DeadLetter
from shared.messaging.delivery import read_delivery
from shared.system import SYSTEM
from tests.unit.handling import NOW, Bench
from tests.unit.registry.dossiers import changed


def filed(id: str = "1", changes: dict[str, object] | None = None) -> Event:
    return Event(id=id, source="/portals/test", type=DOSSIER_FILED.type, data=changed(changes or {}))


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    return await Registry.prepared(bench.resources)


async def test_a_new_product_gets_a_code_and_one_record(bench: Bench, registry: Registry) -> None:
    outcome = await dossier_filed(registry, filed())

    assert isinstance(outcome, Answered)
    (submitted,) = bench.publisher.announced
    assert (submitted.type, submitted.data["product_code"]) == (PRODUCT_SUBMITTED.type, "01-09574-1-2026")
    (record,) = bench.documents("products")
    assert record["registered"]["serial"] == 1


async def test_a_dossier_that_comes_twice_gets_the_same_answer_and_one_record(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed())
    again = await dossier_filed(await Registry.prepared(bench.resources), filed())

    assert isinstance(again, Answered)
    assert again.decision
    assert again.decision.repeated
    first, second = bench.publisher.announced
    assert first == second
    assert len(bench.documents("products")) == len(bench.recorded) == 1


async def test_another_product_of_the_commune_gets_the_next_number(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("1"))
    await dossier_filed(registry, filed("2", {"/product/name": "Bánh gai"}))

    codes = [event.data["product_code"] for event in bench.publisher.announced]
    assert codes == ["01-09574-1-2026", "01-09574-2-2026"]


async def test_a_product_that_is_not_new_after_all_is_turned_back(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("1"))
    await dossier_filed(registry, filed("2"))

    rejected = bench.publisher.announced[-1]
    assert rejected.type == DOSSIER_REJECTED.type
    assert [fault["code"] for fault in rejected.data["faults"]] == ["product-already-registered"]


async def test_what_evaluation_turned_back_may_be_corrected_under_its_code(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("1"))
    (submitted,) = bench.publisher.announced
    turned_back = AssessmentRejected(
        product_code="01-09574-1-2026",
        product_name="Bánh tẻ Hưng Vân",
        product_set=6,
        registration="first",
        recipient={"name": "Cơ sở bánh tẻ Hưng Vân", "contact": {"phone": "024 3383 0000"}},
        legal_document="26/2026/QĐ-TTg",
        score_sheet="6",
        faults=(Fault(pointer="", code="unknown-criterion", message=Bilingual(vi="Không có.", en="None.")),),
    )
    rejection = submitted.answer(ASSESSMENT_REJECTED, turned_back, source="/x", subject="x", now=NOW)
    assert isinstance(await assessment_rejected(registry, rejection), Answered)

    await dossier_filed(registry, filed("2", {"/product/product_set": 8}))

    assert bench.publisher.announced[-1].data["product_code"] == "01-09574-1-2026"


async def test_data_that_is_no_dossier_is_answered_and_kept(bench: Bench, registry: Registry) -> None:
    outcome = await dossier_filed(registry, replace(filed(), data={"product": 7}))

    (rejected,) = bench.publisher.announced
    assert outcome == DeadLetter("breaks-contract", f"see the answer: ocop trace {rejected.id}")


@pytest.mark.parametrize(
    ("user", "headers", "answered"),
    [
        pytest.param("integration.portal", {"ce-id": "17"}, ["17"], id="with an id"),
        pytest.param("integration.portal", {}, [], id="with none"),
        pytest.param("evaluation", {"ce-id": "17"}, [], id="published by a service"),
    ],
)
async def test_bytes_that_are_no_event_are_kept_and_their_sender_is_answered(
    bench: Bench, registry: Registry, user: str, headers: dict[str, str], answered: list[str]
) -> None:
    message: Any = SimpleNamespace(
        body=json.dumps({"half": "a dossier"}).encode(),
        headers=headers,
        user_id=user,
        redelivered=False,
        exchange="ocop.intake",
        content_type="application/json",
        **dict.fromkeys(("content_encoding", "message_id", "timestamp")),
    )
    own = SYSTEM["registry"].inboxes[0]
    delivery = read_delivery(message, own, own_user="registry", system=SYSTEM)

    outcome = await APP.handlers[DOSSIER_FILED](registry, delivery)

    assert isinstance(outcome, DeadLetter)
    assert outcome.reason == ("from-a-service" if user == "evaluation" else "attribute-missing")
    assert [event.causation_id for event in bench.publisher.announced] == answered
