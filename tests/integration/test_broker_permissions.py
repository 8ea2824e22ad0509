"""Who may do what on the running broker: what is forbidden is tried, and refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import ChannelPreconditionFailed
from aiormq.exceptions import ChannelAccessRefused, InvalidFrameError
from yarl import URL

from ops.access.broker import MAX_MESSAGE_BYTES
from tests.integration.dossiers import new_dossier
from tests.integration.portal import PATIENCE_SECONDS, ROUTING_KEY, TYPE, Portal
from tests.integration.running import System
from tools.stack import LocalStack

Attempt = Callable[[AbstractChannel], Awaitable[Any]]

PORTAL, OPERATOR = "integration.portal", "operator"
SERVICES = ("registry", "evaluation", "notifications")


async def refused(url: str, *, error: type[Exception] = aio_pika.exceptions.ProbableAuthenticationError) -> None:
    """Assert that the broker lets nobody in with this URL."""
    connection = aio_pika.Connection(URL(url))
    try:
        with pytest.raises(error):
            await connection.connect()
    finally:
        await connection.close()


async def attempt(stack: LocalStack, user: str, action: Attempt) -> None:
    """Do something as a user. Raise what the broker says."""
    async with await aio_pika.connect(stack.credentials(user).amqp_url) as connection:
        await action(await connection.channel(publisher_confirms=True, on_return_raises=True))


def publish(exchange: str, routing_key: str, *, body: bytes = b"forbidden", **properties: Any) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        target = channel.default_exchange if not exchange else await channel.get_exchange(exchange)
        await target.publish(aio_pika.Message(body, **properties), routing_key)

    return action


def consume(queue: str) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue)).get(fail=False)

    return action


def declare_queue(name: str, **arguments: Any) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        await channel.declare_queue(name, durable=True, arguments=arguments)

    return action


def declare_exchange(name: str) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        await channel.declare_exchange(name, "topic", durable=True)

    return action


def bind(queue: str, exchange: str, routing_key: str) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue)).bind(exchange, routing_key)

    return action


def purge(queue: str) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue)).purge()

    return action


def delete(queue: str) -> Attempt:
    async def action(channel: AbstractChannel) -> None:
        await channel.queue_delete(queue, if_unused=False, if_empty=False)

    return action


OWN = {"registry": "life", "evaluation": "product-submitted", "notifications": "product-rated"}
QUEUES = {service: f"{service}.{queue}" for service, queue in OWN.items()}
OTHERS = [(service, other) for service in SERVICES for other in SERVICES if service != other]

FORBIDDEN = [
    pytest.param("registry", publish("ocop.intake", "dossier.filed.v1"), id="registry files a dossier itself"),
    pytest.param("registry", publish("ocop.events", "product.rated.v1.01.09574"), id="registry rates"),
    pytest.param("registry", publish("ocop.events", "product.submitted.v1.01.09574.1"), id="registry invents a key"),
    pytest.param("registry", publish("ocop.events", "to.registry"), id="registry answers a service"),
    pytest.param("evaluation", publish("ocop.events", "product.submitted.v1.01.09574"), id="evaluation submits"),
    pytest.param("notifications", publish("ocop.events", "product.rated.v1.01.09574"), id="notifications rates"),
    pytest.param("notifications", publish("ocop.answers", f"{PORTAL}.events"), id="notifications answers a question"),
    pytest.param("registry", publish("ocop.answers", QUEUES["evaluation"]), id="registry answers a service's queue"),
    pytest.param("evaluation", publish("ocop.answers", QUEUES["registry"]), id="evaluation answers a service"),
    pytest.param("evaluation", publish("ocop.answers", "dossier.examined.v1"), id="evaluation hands a trial on"),
    pytest.param("notifications", publish("ocop.answers", f"to.{PORTAL}"), id="notifications answers a trial"),
    pytest.param("evaluation", publish("ocop.replay", QUEUES["evaluation"]), id="evaluation replays"),
    pytest.param("registry", publish("", QUEUES["registry"]), id="registry writes past the exchanges"),
    pytest.param("registry", publish("ocop.unrouted", ""), id="registry fills the unrouted"),
    *(
        param
        for service, other in OTHERS
        for param in (
            pytest.param(service, consume(QUEUES[other]), id=f"{service} reads a queue of {other}"),
            pytest.param(service, consume(f"{QUEUES[other]}.dead"), id=f"{service} reads dead letters of {other}"),
            pytest.param(service, delete(QUEUES[other]), id=f"{service} deletes a queue of {other}"),
            pytest.param(
                service, publish("ocop.dead", f"{QUEUES[other]}.dead"), id=f"{service} buries in a queue of {other}"
            ),
            pytest.param(
                service,
                publish("ocop.retry", f"{QUEUES[other]}.5s"),
                id=f"{service} delays in a queue of {other}",
            ),
        )
    ),
    pytest.param("evaluation", bind(QUEUES["evaluation"], "ocop.intake", "#"), id="evaluation listens to the intake"),
    pytest.param("evaluation", bind(QUEUES["evaluation"], "ocop.events", "#"), id="evaluation listens to everything"),
    *(pytest.param(user, declare_exchange("ocop.more"), id=f"{user} makes an exchange") for user in SERVICES),
    *(
        pytest.param(user, consume("ocop.journal"), id=f"{user} reads the journal")
        for user in ("evaluation", "notifications", PORTAL)
    ),
    *(pytest.param(user, consume("ocop.unrouted"), id=f"{user} reads the unrouted") for user in (*SERVICES, PORTAL)),
    pytest.param(PORTAL, publish("ocop.events", "product.rated.v1.01.09574"), id="an integration rates"),
    pytest.param(PORTAL, publish("ocop.events", "dossier.filed.v1"), id="an integration writes events"),
    pytest.param(PORTAL, publish("ocop.answers", f"{PORTAL}.events"), id="an integration answers"),
    pytest.param(PORTAL, consume("evaluation.product-query"), id="an integration reads others' questions"),
    pytest.param(
        PORTAL,
        bind("integration.portal.events", "ocop.answers", "integration.other.events"),
        id="an integration listens to another's answers",
    ),
    pytest.param(PORTAL, publish("ocop.dead", f"{QUEUES['registry']}.dead"), id="an integration buries"),
    pytest.param(PORTAL, publish("ocop.retry", f"{QUEUES['registry']}.5s"), id="an integration delays"),
    pytest.param(PORTAL, publish("ocop.replay", QUEUES["registry"]), id="an integration replays"),
    pytest.param(PORTAL, publish("", QUEUES["registry"]), id="an integration writes past the exchanges"),
    pytest.param(PORTAL, consume(QUEUES["registry"]), id="an integration reads the registry's queue"),
    pytest.param(PORTAL, consume(f"{QUEUES['registry']}.dead"), id="an integration reads dead letters"),
    pytest.param(PORTAL, consume("integration.other.events"), id="an integration reads another's queue"),
    pytest.param(PORTAL, purge(QUEUES["registry"]), id="an integration empties the registry's queue"),
    pytest.param(PORTAL, bind("integration.portal.events", "ocop.events", "#"), id="an integration listens to more"),
    pytest.param(
        PORTAL,
        bind("integration.portal.events", "ocop.events", "to.integration.other"),
        id="an integration listens to what others filed",
    ),
    pytest.param(PORTAL, declare_queue("integration.portal.more"), id="an integration makes a queue"),
    pytest.param(
        PORTAL,
        declare_queue("integration.portal.loop", **{"x-dead-letter-exchange": "ocop.intake"}),
        id="an integration makes a queue that files by itself",
    ),
    pytest.param(PORTAL, delete("integration.portal.events"), id="an integration deletes its queue"),
    pytest.param(OPERATOR, publish("ocop.intake", "dossier.withdrawn.v1"), id="an operator files what is no dossier"),
    pytest.param(OPERATOR, publish("ocop.events", "product.rated.v1.01.09574"), id="an operator rates"),
    pytest.param(OPERATOR, publish("ocop.replay", "integration.portal.events"), id="an operator writes to a portal"),
    pytest.param(OPERATOR, publish("ocop.dead", f"{QUEUES['registry']}.dead"), id="an operator buries"),
    pytest.param(OPERATOR, consume(QUEUES["registry"]), id="an operator takes a service's messages"),
    pytest.param(OPERATOR, consume("integration.portal.events"), id="an operator takes a portal's messages"),
    pytest.param(OPERATOR, purge(QUEUES["registry"]), id="an operator empties a queue"),
    pytest.param(OPERATOR, delete(f"{QUEUES['registry']}.dead"), id="an operator deletes a queue"),
    pytest.param(OPERATOR, declare_queue("operator.more"), id="an operator makes a queue"),
]


@pytest.fixture(scope="module", autouse=True)
async def another_integration(stack: LocalStack) -> None:
    """A queue of an integration that the portal is not."""
    async with await aio_pika.connect(stack.amqp_url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("integration.other.events", durable=True, arguments={"x-queue-type": "quorum"})


@pytest.mark.parametrize(("user", "action"), FORBIDDEN)
async def test_is_refused(stack: LocalStack, user: str, action: Attempt) -> None:
    with pytest.raises(ChannelAccessRefused):
        await attempt(stack, user, action)


@pytest.mark.parametrize(
    ("user", "pretended"),
    [
        (user, pretended)
        for user in (*SERVICES, PORTAL, OPERATOR)
        for pretended in ("registry", "operator", "admin", "integration.other")
        if user != pretended
    ],
)
async def test_a_message_under_another_s_name_is_refused(stack: LocalStack, user: str, pretended: str) -> None:
    exchange, key = {
        "registry": ("ocop.events", "product.submitted.v1.01.09574"),
        "evaluation": ("ocop.events", "product.rated.v1.01.09574"),
        "notifications": ("ocop.events", "alert.failed.v1.01.09574"),
        PORTAL: ("ocop.intake", "dossier.filed.v1"),
        OPERATOR: ("ocop.replay", QUEUES["registry"]),
    }[user]

    with pytest.raises(ChannelPreconditionFailed, match="user_id property set to"):
        await attempt(stack, user, publish(exchange, key, user_id=pretended))


@pytest.mark.parametrize("user", [*SERVICES, PORTAL, OPERATOR])
async def test_a_wrong_password_is_refused(stack: LocalStack, user: str) -> None:
    url = stack.credentials(user).amqp_url.replace(stack.credentials(user).amqp_password, uuid4().hex)

    await refused(url)


async def test_the_user_that_every_broker_is_born_with_is_gone(stack: LocalStack) -> None:
    host = stack.amqp_url.rpartition("@")[2]

    await refused(f"amqp://guest:guest@{host}")


async def test_a_portal_files_under_its_name_and_finds_the_answer_on_its_queue(
    stack: LocalStack, system: System
) -> None:
    story = str(uuid4())

    async def action(channel: AbstractChannel) -> None:
        inbox = await channel.get_queue(f"{PORTAL}.events")
        intake = await channel.get_exchange("ocop.intake")
        filed = aio_pika.Message(
            json.dumps(new_dossier()).encode(),
            headers={"ce-specversion": "1.0", "ce-id": story, "ce-source": "/portal", "ce-type": TYPE},
            user_id=PORTAL,
        )
        await intake.publish(filed, ROUTING_KEY)
        async with asyncio.timeout(PATIENCE_SECONDS), inbox.iterator(no_ack=True) as answers:
            async for answer in answers:
                if answer.headers["ce-correlationid"] == story:
                    return

    await attempt(stack, PORTAL, action)
    (product,) = await system.recorded("products", {"event.correlation_id": story})
    assert product["outcome"] == "submitted"


async def test_a_message_that_would_fill_the_memory_is_refused(stack: LocalStack) -> None:
    """A service has up to `prefetch` messages in flight before it can refuse one for its size."""
    with pytest.raises(ChannelPreconditionFailed, match="larger than configured max size"):
        await attempt(stack, PORTAL, publish("ocop.intake", ROUTING_KEY, body=bytes(MAX_MESSAGE_BYTES + 1)))


async def test_an_integration_leaves_connections_for_the_others(stack: LocalStack) -> None:
    async with AsyncExitStack() as opened:
        for _ in range(20):
            connection = await aio_pika.connect(stack.credentials(PORTAL).amqp_url)
            opened.push_async_callback(connection.close)

        await refused(stack.credentials(PORTAL).amqp_url, error=InvalidFrameError)


@pytest.mark.parametrize(
    "reply_to", ["product.submitted.v1.01.09574|ocop.events", "registry.life.dead|ocop.dead", "registry.life"]
)
async def test_a_reply_that_is_asked_for_is_not_written_where_the_asker_may_not(
    stack: LocalStack, system: System, portal: Portal, reply_to: str
) -> None:
    story = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": story, "ce-source": "/portal", "ce-type": TYPE}

    async def action(channel: AbstractChannel) -> None:
        intake = await channel.get_exchange("ocop.intake")
        body = json.dumps(new_dossier()).encode()
        await intake.publish(aio_pika.Message(body, headers={**headers}, reply_to=reply_to), ROUTING_KEY)

    await attempt(stack, PORTAL, action)
    await portal.event(story, "product.rated")
    await portal.event(await portal.file(new_dossier()), "product.rated")  # whatever was published before has arrived

    for queue in ("registry.life.dead", "evaluation.product-submitted.dead"):
        assert await portal.depth(queue) == 0
    assert len(await system.recorded("products", {"event.correlation_id": story})) == 1
