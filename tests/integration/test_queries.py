"""A question is answered to who asked, and to nobody else; what is no question is turned back or kept."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.contracts.envelope import read
from tests.integration.dossiers import new_dossier
from tests.integration.operator import Operator, operator_of, until_dead
from tests.integration.portal import PATIENCE_SECONDS, TYPE, Portal
from tests.integration.running import System
from tests.integration.test_published_messages import as_published
from tools.contracts.messages import announced
from tools.stack import LocalStack

ASKER = "integration.portal"
QUESTIONS = "evaluation.product-query"

pytestmark = pytest.mark.usefixtures("system")


class Asker:
    """The integration `portal`, which asks and reads its own queue."""

    def __init__(self, channel: AbstractChannel) -> None:
        self.channel = channel

    async def ask(
        self,
        data: object,
        *,
        id: str | None = None,
        user_id: str | None = ASKER,
        headers: Mapping[str, str] | None = None,
        **properties: Any,
    ) -> str:
        """Ask, and return the question's id."""
        id = id or str(uuid4())
        naming = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/asker", "ce-type": "vn.ocop.product.query.v1"}
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        message = aio_pika.Message(
            body, headers={**naming, **(headers or {})}, content_type="application/json", user_id=user_id, **properties
        )
        await (await self.channel.get_exchange("ocop.intake")).publish(message, "product.query.v1")
        return id

    async def file(self, kind: str, data: dict[str, Any]) -> str:
        """File an event, and return its id."""
        id = str(uuid4())
        naming: dict[str, Any] = {
            "ce-specversion": "1.0",
            "ce-id": id,
            "ce-source": "/asker",
            "ce-type": f"vn.ocop.{kind}.v1",
        }
        message = aio_pika.Message(
            json.dumps(data).encode(), headers=naming, content_type="application/json", user_id=ASKER
        )
        await (await self.channel.get_exchange("ocop.intake")).publish(message, f"{kind}.v1")
        return id

    async def answer(self, id: str) -> AbstractIncomingMessage:
        """Wait for what answers a question."""
        inbox = await self.channel.get_queue(f"{ASKER}.events")
        async with asyncio.timeout(PATIENCE_SECONDS), inbox.iterator(no_ack=True) as messages:
            async for message in messages:
                if message.headers.get("ce-causationid") == id:
                    return message
        raise AssertionError(id)

    async def state(self, code: str) -> dict[str, Any]:
        """Ask how a product stands, and return the answer's data."""
        answer = await self.answer(await self.ask({"product_code": code}))
        assert answer.headers["ce-type"] == "vn.ocop.product.state.v1"
        content: dict[str, Any] = json.loads(answer.body)
        return content


@pytest.fixture
async def asker(stack: LocalStack) -> AsyncIterator[Asker]:
    async with await aio_pika.connect(stack.credentials(ASKER).amqp_url) as connection:
        yield Asker(await connection.channel(publisher_confirms=True, on_return_raises=True))


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    return operator_of(stack)


@asynccontextmanager
async def everything_published(system: System) -> AsyncIterator[aio_pika.abc.AbstractQueue]:
    """A queue with all that is announced or answered from now on, as the broker's administrator sees it."""
    async with await aio_pika.connect(system.amqp_url) as connection:
        inbox = await (await connection.channel()).declare_queue(exclusive=True, auto_delete=True)
        for exchange in ("ocop.events", "ocop.answers"):
            await inbox.bind(exchange, "#")
        yield inbox


async def rated(portal: Portal, dossier: dict[str, Any]) -> dict[str, Any]:
    return (await portal.event(await portal.file(dossier), "product.rated")).data


async def rated_and_withdrawn(portal: Portal, asker: Asker, dossier: dict[str, Any]) -> dict[str, Any]:
    """File a dossier and take it back, so that another of its product may be filed. Return its rating."""
    rating = (await portal.event(await asker.file("dossier.filed", dossier), "product.rated")).data
    withdrawn = await asker.file("dossier.withdrawn", {"product_code": rating["product_code"]})
    await portal.event(withdrawn, "round.moved")
    return rating


async def test_a_rated_product_is_answered_with_what_its_rating_said(portal: Portal, asker: Asker) -> None:
    rating = await rated(portal, new_dossier(name="Bánh tẻ hỏi thăm"))

    state = await asker.state(rating["product_code"])

    assert state["known"] is True
    assert (state["product"]["name"], state["product"]["product_set"]) == ("Bánh tẻ hỏi thăm", rating["product_set"])
    for field in ("registration", "total", "band", "stars", "stops", "unmet_minimums", "unanswered", "advice", "parts"):
        assert state["rating"][field] == rating[field]
    assert state["latest_dossier"]["outcome"] == "rated"
    assert state["latest_dossier"]["assessed_at"] == state["rating"]["rated_at"] > state["product"]["registered_at"]


async def test_an_answer_names_nobody(portal: Portal, asker: Asker) -> None:
    dossier = new_dossier()
    producer = {"name": f"Cơ sở {uuid4()}", "contact": {"phone": "024 3383 0000", "email": f"{uuid4()}@example.vn"}}
    dossier["producer"] |= producer
    rating = await rated(portal, dossier)

    told = json.dumps(await asker.state(rating["product_code"]), ensure_ascii=False)

    for personal in (producer["name"], *producer["contact"].values(), dossier["producer"]["registration_number"]):  # type: ignore[attr-defined]
        assert personal not in told


async def test_an_unknown_code_is_answered_as_such(asker: Asker) -> None:
    code = "01-09574-999999-2026"

    assert await asker.state(code) == {
        "product_code": code,
        "known": False,
        **dict.fromkeys(("dossier_id", "product", "latest_dossier", "rating", "round", "certificate")),
    }


async def test_a_product_is_asked_for_by_the_id_of_a_dossier_and_by_nobody_but_who_filed_it(
    stack: LocalStack, portal: Portal, asker: Asker
) -> None:
    async with await aio_pika.connect(stack.credentials(ASKER).amqp_url) as connection:
        sender = Portal(await connection.channel(publisher_confirms=True))
        ids = [str(uuid4()) for _ in range(2)]
        for id, user in zip(ids, (ASKER, None), strict=True):
            naming = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/asker", "ce-type": TYPE}
            await sender.send(json.dumps(new_dossier()).encode(), headers=naming, user_id=user)
    codes = [(await portal.event(id, "product.rated")).data["product_code"] for id in ids]

    own, of_another = [json.loads((await asker.answer(await asker.ask({"dossier_id": id}))).body) for id in ids]

    assert (own["product_code"], own["dossier_id"], own["known"]) == (codes[0], ids[0], True)
    assert [fault["code"] for fault in of_another["faults"]] == ["dossier-unknown"]


async def test_a_later_dossier_that_is_turned_back_leaves_the_rating_as_it_was(portal: Portal, asker: Asker) -> None:
    dossier = new_dossier()
    code = (await rated_and_withdrawn(portal, asker, dossier))["product_code"]
    before = await asker.state(code)
    again = dossier | {"product_code": code, "self_assessment": {"answers": [{"criterion": "99.9", "option": 1}]}}

    await portal.event(await portal.file(again), "assessment.rejected")
    after = await asker.state(code)

    assert (before["latest_dossier"]["outcome"], after["latest_dossier"]["outcome"]) == ("rated", "rejected")
    assert (after["round"]["round"], before["round"]["round"]) == (2, 1)
    assert after["rating"] == before["rating"]
    assert after["product"]["registered_at"] == before["product"]["registered_at"]


async def test_an_answer_is_what_its_example_says_and_goes_to_the_queue_of_who_asked_alone(
    system: System, asker: Asker
) -> None:
    async with everything_published(system) as inbox:
        id = await asker.ask({"product_code": "01-09574-888888-2026"}, reply_to="integration.other.events")
        async with asyncio.timeout(PATIENCE_SECONDS), inbox.iterator(no_ack=True) as messages:
            async for message in messages:
                if message.correlation_id == id:
                    break

    event = read(message.headers, message.content_type, message.body)
    assert as_published(message) == announced(event)
    assert (event.subject, event.correlation_id, event.causation_id) == ("01-09574-888888-2026", id, id)
    assert json.loads((await asker.answer(id)).body)["known"] is False


async def test_a_question_asked_twice_gets_an_answer_each_time_under_one_id(asker: Asker) -> None:
    question = {"product_code": "01-09574-777777-2026"}

    first = await asker.answer(await asker.ask(question, id="asked-twice"))
    second = await asker.answer(await asker.ask(question, id="asked-twice"))

    assert first.message_id == second.message_id
    assert first.body == second.body


async def test_a_question_asked_twice_is_answered_under_another_id_where_the_answer_is_another(
    portal: Portal, asker: Asker
) -> None:
    dossier = new_dossier()
    code, id = (await rated_and_withdrawn(portal, asker, dossier))["product_code"], str(uuid4())
    first = await asker.answer(await asker.ask({"product_code": code}, id=id))
    await rated(portal, dossier | {"product_code": code})

    second = await asker.answer(await asker.ask({"product_code": code}, id=id))

    assert json.loads(first.body) != json.loads(second.body)
    assert first.message_id != second.message_id


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="no code"),
        pytest.param({"product_code": "banh-te"}, id="no product's code"),
        pytest.param({"product_code": {"$gt": ""}}, id="a query of a database"),
    ],
)
async def test_a_question_without_a_code_is_turned_back_and_not_kept(
    portal: Portal, asker: Asker, data: object
) -> None:
    id = await asker.ask(data)

    rejected = json.loads((await asker.answer(id)).body)

    assert rejected["query_id"] == id
    assert [fault["code"] for fault in rejected["faults"]] == ["product-code-unreadable"]
    assert await portal.depth(f"{QUESTIONS}.dead") == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"{", "not-a-cloudevent", id="no JSON"),
        pytest.param([], "data-not-an-object", id="no object"),
        pytest.param({"product_code": "x" * 300_000}, "too-large", id="too large"),
    ],
)
async def test_what_cannot_be_read_is_turned_back_with_the_reason_and_kept(
    portal: Portal, asker: Asker, data: object, code: str
) -> None:
    id = await asker.ask(data)

    rejected = json.loads((await asker.answer(id)).body)
    dead = await portal.dead_letter(QUESTIONS)

    assert (rejected["query_id"], dead.headers["ce-id"]) == (id, id)
    assert [fault["code"] for fault in rejected["faults"]] == [f"unreadable-{code}"]
    assert dead.headers["x-ocop-reason"] == code


async def test_a_dossier_among_the_questions_is_turned_back_and_kept_as_it_came(portal: Portal, asker: Asker) -> None:
    dossier = json.dumps(new_dossier()).encode()
    id = await asker.ask(dossier, headers={"ce-type": "vn.ocop.dossier.filed.v1"})

    rejected = json.loads((await asker.answer(id)).body)
    dead = await portal.dead_letter(QUESTIONS)

    assert [fault["code"] for fault in rejected["faults"]] == ["unreadable-wrong-type"]
    assert (dead.body, dead.headers["ce-id"], dead.headers["x-ocop-filed-by"]) == (dossier, id, ASKER)


@pytest.mark.parametrize("data", [{"product_code": "01-09574-1-2026"}, b"garbage"], ids=["question", "garbage"])
async def test_a_question_of_nobody_is_kept(portal: Portal, asker: Asker, data: object) -> None:
    id = await asker.ask(data, user_id=None)

    dead = await portal.dead_letter(QUESTIONS)

    assert dead.headers["ce-id"] == id
    assert dead.headers["x-ocop-reason"] == ("asker-unknown" if isinstance(data, dict) else "not-a-cloudevent")


async def test_who_pretends_to_be_another_is_not_believed(portal: Portal, asker: Asker) -> None:
    forged = {"x-ocop-filed-by": "integration.other", "x-ocop-attempt": "2"}
    id = await asker.ask({"product_code": "01-09574-1-2026"}, user_id=None, headers=forged)

    dead = await portal.dead_letter(QUESTIONS)

    assert (dead.headers["ce-id"], dead.headers["x-ocop-reason"]) == (id, "asker-unknown")


async def test_a_question_that_was_kept_is_answered_when_it_is_brought_back(
    stack: LocalStack, portal: Portal, asker: Asker, operator: Operator
) -> None:
    id = str(uuid4())
    naming = {"ce-specversion": "1.0", "ce-id": id, "ce-source": "/asker", "ce-type": "vn.ocop.product.query.v1"}
    async with await aio_pika.connect(stack.credentials("evaluation").amqp_url) as connection:
        channel = await connection.channel(on_return_raises=True)
        await Portal(channel).send(  # as evaluation would after a bug
            json.dumps({"product_code": "01-09574-666666-2026"}).encode(),
            headers=naming | {"x-ocop-reason": "error", "x-ocop-filed-by": ASKER},
            exchange="ocop.dead",
            routing_key=f"{QUESTIONS}.dead",
            user_id="evaluation",
        )
    await until_dead(portal, QUESTIONS, id)

    assert (await operator.ocop("dead", "replay", id, "--yes")).code == 0

    assert json.loads((await asker.answer(id)).body)["known"] is False
