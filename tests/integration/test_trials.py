"""A dossier that is tried is answered to who tried it, and nobody and nothing else learns of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from shared.clock import system_clock
from shared.contracts.envelope import read
from shared.contracts.event import Event
from tests.integration.dossiers import new_dossier
from tests.integration.operator import operator_of
from tests.integration.portal import PATIENCE_SECONDS, SOURCE, Portal
from tests.integration.running import System
from tests.integration.test_published_messages import as_published
from tests.integration.test_queries import everything_published
from tools.contracts.messages import announced
from tools.stack import LocalStack

USER = "integration.portal"

pytestmark = pytest.mark.usefixtures("system")


@pytest.fixture
async def trying(stack: LocalStack) -> AsyncIterator[Portal]:
    """The integration `portal`, which files and tries as itself."""
    async with await aio_pika.connect(stack.credentials(USER).amqp_url) as connection:
        yield Portal(await connection.channel(publisher_confirms=True, on_return_raises=True))


async def sent(portal: Portal, kind: str, dossier: object, *, user_id: str | None = USER) -> str:
    """File or try a dossier, and return the event's id."""
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": f"vn.ocop.{kind}.v1"}
    await portal.send(json.dumps(dossier).encode(), headers=headers, routing_key=f"{kind}.v1", user_id=user_id)
    return id


async def result(portal: Portal, id: str) -> Event:
    """Wait on the portal's own queue for what came of a trial."""
    inbox = await portal.channel.get_queue(f"{USER}.events")
    async with asyncio.timeout(PATIENCE_SECONDS), inbox.iterator(no_ack=True) as messages:
        async for message in messages:
            if message.headers.get("ce-causationid") == id:
                event = read(message.headers, message.content_type, message.body)
                assert as_published(message) == announced(event)
                return event
    raise AssertionError(id)


async def recorded_of(system: System, marks: Sequence[str]) -> list[dict[str, Any]]:
    """Return what any service has on record in which one of these stands."""
    return [
        document
        for collection in system.documents
        for document in await system.recorded(collection, {})
        if any(mark.casefold() in str(document).casefold() for mark in marks)
    ]


async def test_a_trial_is_answered_as_filing_is_and_nothing_and_nobody_else_learns_of_it(
    system: System, stack: LocalStack, portal: Portal, trying: Portal
) -> None:
    good, wrong = new_dossier(name="Bánh tẻ để thử"), new_dossier() | {"samples": 3}
    unknown = new_dossier() | {"self_assessment": {"answers": [{"criterion": "99.9", "option": 1}]}}
    ids, results, began = [], [], system_clock().isoformat()
    async with everything_published(system) as published:
        for each in (good, wrong, unknown):
            ids.append(await sent(trying, "dossier.tried", each))
            results.append(await result(trying, ids[-1]))
        heard = [message async for message in _all_of(published)]
    numbers = [each["producer"]["registration_number"] for each in (good, wrong, unknown)]
    assert await recorded_of(system, [*ids, *numbers]) == []
    assert sorted((message.type, message.routing_key) for message in heard if message.correlation_id in ids) == [
        *[("vn.ocop.dossier.examined.v1", "dossier.examined.v1")] * 2,
        *[("vn.ocop.trial.result.v1", f"to.{USER}")] * 3,
    ]

    rated = await portal.event(filed := await sent(trying, "dossier.filed", good), "product.rated")
    rejected = await portal.event(await sent(trying, "dossier.filed", wrong), "dossier.rejected")
    turned_back = await portal.event(await sent(trying, "dossier.filed", unknown), "assessment.rejected")

    assert await recorded_of(system, numbers)
    told = {name: rated.data[name] for name in results[0].data["rating"]}
    assert [each.data["answer"] for each in results] == ["product.rated", "dossier.rejected", "assessment.rejected"]
    assert (results[0].data["rating"], results[0].data["faults"]) == (told, [])
    assert [each.data["faults"] for each in results[1:]] == [rejected.data["faults"], turned_back.data["faults"]]
    operator = operator_of(stack)
    journaled = {each["correlation_id"] for each in (await operator.ocop("journal", "--from", began, "--json")).lines}
    assert filed in journaled
    assert journaled.isdisjoint(each.data["trial_id"] for each in results)


async def _all_of(queue: aio_pika.abc.AbstractQueue) -> AsyncIterator[Any]:
    """Yield what a queue holds; an answer has come, so that what went before it is there."""
    while message := await queue.get(no_ack=True, fail=False):
        yield message


async def test_a_trial_of_nobody_is_kept(portal: Portal, trying: Portal) -> None:
    id = await sent(trying, "dossier.tried", new_dossier(), user_id=None)

    dead = await portal.dead_letter("registry.dossier-tried")

    assert (dead.headers["ce-id"], dead.headers["x-ocop-reason"]) == (id, "asker-unknown")
