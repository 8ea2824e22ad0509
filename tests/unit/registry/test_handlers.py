"""The registry's handlers without a broker: which answer comes, what is on record, what a repeat changes."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from services.registry.app import APP
from services.registry.handlers import Registry, assessment_rejected, dossier_filed, unreadable_dossier
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import Unreadable
from shared.contracts.rating import AssessmentRejected
from shared.contracts.text import Bilingual, Fault
from shared.errors import TryLaterError
from shared.handling.outcome import Answered, DeadLetter, Retry
from shared.messaging.delivery import Delivery, read_delivery
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
    outcome = await dossier_filed(registry, filed("2"))
    assert isinstance(outcome, Retry)  # its rejection by evaluation may be on its way
    assert (outcome.early, outcome.delays) == (True, 1)
    assert outcome.last_resort
    await outcome.last_resort()

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


async def test_a_dossier_that_is_brought_back_is_given_the_code_that_it_had(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, replace(filed("1"), refiled_as="01-09574-7-2025"))
    await dossier_filed(registry, replace(filed("2", {"/product/name": "Bánh gai"}), refiled_as="01-09574-3-2026"))
    await dossier_filed(registry, filed("3", {"/product/name": "Bánh giò"}))

    codes = [event.data["product_code"] for event in bench.publisher.announced]
    assert codes == ["01-09574-7-2025", "01-09574-3-2026", "01-09574-4-2026"]


async def test_a_code_that_is_another_products_by_now_is_not_given_again(registry: Registry) -> None:
    await dossier_filed(registry, filed("1"))

    with pytest.raises(TryLaterError, match="01-09574-1-2026 is the code of another product by now"):
        await dossier_filed(registry, replace(filed("2", {"/product/name": "Bánh gai"}), refiled_as="01-09574-1-2026"))


async def test_a_dossier_that_was_given_a_code_is_not_rejected_now(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("1"))

    with pytest.raises(TryLaterError, match="would be rejected now: product-already-registered"):
        await dossier_filed(registry, replace(filed("2"), refiled_as="01-09574-2-2026"))
    assert len(bench.publisher.announced) == 1


async def test_a_code_whose_dossier_is_lost_is_kept_and_the_next_product_gets_the_next(
    bench: Bench, registry: Registry
) -> None:
    for _ in range(2):
        assert isinstance(await unreadable_dossier(registry, lost("01-09574-4-2026"), NOT_JSON), Answered)
    await dossier_filed(registry, filed("1"))

    assert [event.data["product_code"] for event in bench.publisher.announced] == ["01-09574-5-2026"]


async def test_what_depends_on_a_lost_dossier_is_not_answered(registry: Registry) -> None:
    await unreadable_dossier(registry, lost("01-09574-4-2026"), NOT_JSON)
    code: dict[str, object] = {"/registration": "re-evaluation", "/product_code": "01-09574-4-2026"}

    with pytest.raises(TryLaterError, match="01-09574-4-2026 is kept for a product whose dossier is lost"):
        await dossier_filed(registry, filed("1", code))


def lost(code: str) -> Delivery:
    """What `ocop refile` sends for a dossier that the journal lacks."""
    headers = {"ce-id": "1", "ce-source": "/ocop/refile", "x-ocop-refiled-as": code}
    message: Any = SimpleNamespace(
        body=b"",
        headers=headers,
        user_id="operator",
        redelivered=False,
        exchange="ocop.replay",
        content_type="application/json",
        content_encoding=None,
        message_id="1",
        timestamp=None,
    )
    return read_delivery(message, SYSTEM["registry"].subscriptions, own_user="registry", system=SYSTEM)


NOT_JSON = UnreadableError(Unreadable.NOT_JSON, "line 1")
