"""Who filed a dossier is on record as the broker has checked it; headers of untrusted senders change nothing."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from yarl import URL

from shared.contracts.event import Event
from shared.errors import TryLaterError
from shared.handling.outcome import Answered, Outcome
from tests.integration.dossiers import new_dossier
from tests.integration.faults import rabbitmqctl, until
from tests.integration.portal import ROUTING_KEY, SOURCE, TYPE, Portal
from tests.integration.probe import PROBE_KEY, naming, probe_body, probing
from tests.integration.running import ASTRAY, System, running_service
from tools.stack import LocalStack

STRANGER = "integration.astray"

Publish = Callable[..., Awaitable[None]]


@pytest.fixture(scope="module")
async def publish(stack: LocalStack) -> AsyncIterator[Publish]:
    """Publish as a user that no service is."""
    async with publishing_as(stack, STRANGER) as publish:
        yield publish


@asynccontextmanager
async def publishing_as(stack: LocalStack, user: str) -> AsyncIterator[Publish]:
    await rabbitmqctl(stack, "add_user", user, "astray")
    await rabbitmqctl(stack, "set_permissions", user, ".*", ".*", ".*")
    url = URL(stack.amqp_url).with_user(user).with_password("astray")
    async with await aio_pika.connect(str(url)) as connection:
        channel = await connection.channel(publisher_confirms=True)

        async def publish(
            body: bytes, headers: dict[str, Any], *, exchange: str = "ocop.intake", key: str = ROUTING_KEY
        ) -> None:
            message = aio_pika.Message(
                body, headers=headers, content_type="application/json", delivery_mode=2, user_id=user
            )
            await (await channel.get_exchange(exchange, ensure=False)).publish(message, key)

        yield publish
    await rabbitmqctl(stack, "delete_user", user)


def dossier(id: str, **forged: Any) -> tuple[bytes, dict[str, Any]]:
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE, **forged}
    return json.dumps(new_dossier()).encode(), headers


async def filed_by(system: System, id: str) -> Any:
    (record,) = await system.recorded("products", {"event.id": id})
    return record["event"]["filed_by"]


async def test_the_register_says_who_filed_a_dossier(system: System, portal: Portal, publish: Publish) -> None:
    id = str(uuid4())
    await publish(*dossier(id, **{"x-ocop-filed-by": "operator", "x-ocop-attempt": 3}))

    submitted = await portal.event(id, "product.submitted")

    assert await filed_by(system, id) == STRANGER
    assert "filed_by" not in json.dumps(submitted.data)


async def test_the_register_says_who_sent_garbage(system: System, portal: Portal, publish: Publish) -> None:
    id = str(uuid4())
    await publish(b"garbage", dossier(id)[1])

    await portal.event(id, "dossier.rejected")
    dead = await portal.dead_letter("registry.life")

    assert await filed_by(system, id) == dead.headers["x-ocop-filed-by"] == STRANGER


async def test_who_does_not_say_is_not_on_record(system: System, portal: Portal) -> None:
    id = await portal.file(new_dossier())

    await portal.event(id, "product.submitted")

    assert await filed_by(system, id) is None


async def test_a_retry_keeps_who_filed_and_counts_for_itself(stack: LocalStack, publish: Publish) -> None:
    seen: list[str | None] = []

    async def too_early(event: Event) -> Outcome:
        seen.append(event.filed_by)
        if len(seen) < 4:
            raise TryLaterError("not yet")
        return Answered()

    async with running_service(stack, probing(too_early)):
        id = str(uuid4())
        forged = {"x-ocop-attempt": 3, "x-ocop-filed-by": "registry"}
        await publish(probe_body(id), naming(id) | forged, exchange="ocop.events", key=PROBE_KEY)
        await until(lambda: len(seen) == 4)  # with the forged count it would be a dead letter by now

    assert seen == [STRANGER] * 4


async def test_what_a_service_published_is_kept_and_not_answered_on_the_intake(
    stack: LocalStack, system: System, portal: Portal
) -> None:
    """As when a queue of an integration dead-letters into the intake: an answer would come round again."""
    id = str(uuid4())
    body, headers = dossier(id)

    async with publishing_as(stack, ASTRAY.name) as publish:
        await publish(body, headers)

    dead = await portal.dead_letter("registry.life")
    assert (dead.body, dead.headers["ce-id"]) == (body, id)
    assert dead.headers["x-ocop-reason"] == "from-a-service"
    assert await system.recorded("products", {"event.id": id}) == []
