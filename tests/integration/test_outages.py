"""Outages of the broker and of the database, short and long: nothing is lost, and no message pays for them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from yarl import URL

from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.outcome import Answered, Outcome
from shared.messaging import topology
from shared.service import App, Resources
from tests.integration.dossiers import new_dossier
from tests.integration.faults import Door, door, rabbitmqctl, until
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tests.integration.probe import PROBE, naming, probe_app, probe_body, probe_portal, probing, send_probe
from tests.integration.running import running_service
from tests.integration.test_service import asked
from tools.stack import LocalStack

QUEUE = PROBE.queue


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with probe_portal(stack.amqp_url) as portal:
        yield portal


class Probe:
    """A service that needs the database for each event, and what it has answered."""

    def __init__(self) -> None:
        self.answered: list[str] = []
        self._more = asyncio.Condition()

    @property
    def app(self) -> App[Resources]:
        return probe_app(self._handle)

    async def _handle(self, resources: Resources, event: Event) -> Outcome:
        await resources.database.ping()
        async with self._more:
            self.answered.append(event.id)
            self._more.notify_all()
        return Answered()

    async def until_answered(self, ids: set[str]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._more:
            await self._more.wait_for(lambda: ids <= set(self.answered))


async def test_a_service_pauses_when_the_database_stays_away(stack: LocalStack, portal: Portal) -> None:
    probe = Probe()
    with capture_logs() as logs:
        async with (
            door(stack.mongo_url) as database,
            running_service(stack, probe.app, mongo_url=database.url, hold_seconds=1) as service,
        ):
            database.shut()
            sent = {await send_probe(portal) for _ in range(10)}
            await portal.until_depth(QUEUE, 10)  # given back

            assert await consumers(portal) == 0
            status, reason = await asked(service, "ready")
            assert (status, reason.startswith("MongoDB")) == (503, True)
            first = await portal.first_of(QUEUE)
            assert first.headers["x-delivery-count"] == 1
            sent.remove(str(first.headers["ce-id"]))

            database.open()
            await probe.until_answered(sent)
            assert (await asked(service, "ready"))[0] == 200

    assert sorted(probe.answered) == sorted(sent)
    assert await portal.depth(QUEUE) == await portal.depth(PROBE.dead) == 0
    assert actions(logs) == ["start", "hold", "pause", "resume", "stop", "stop"]


async def test_a_short_outage_is_held_out(stack: LocalStack, portal: Portal) -> None:
    probe = Probe()
    with capture_logs() as logs:
        async with (
            door(stack.mongo_url) as database,
            running_service(stack, probe.app, mongo_url=database.url),
        ):
            database.shut()
            sent = {await send_probe(portal) for _ in range(10)}
            await until(lambda: "hold" in actions(logs))
            assert await portal.depth(QUEUE) == 0
            database.open()
            await probe.until_answered(sent)

    assert sorted(probe.answered) == sorted(sent)
    assert actions(logs) == ["start", "hold", "resume", "stop", "stop"]


async def test_what_only_one_message_suffers_from_is_tried_later_and_is_no_attempt(
    stack: LocalStack, portal: Portal
) -> None:
    """Broker and database answer, and yet it cannot be handled: a right is missing, say, or a queue is full."""
    outages, answered = 0, asyncio.Event()

    async def suffering(_: Event) -> Outcome:
        nonlocal outages
        outages += 1
        if outages <= 8:  # several times more than there are retries
            raise OutageError("not for this one")
        answered.set()
        return Answered()

    async with running_service(stack, probing(suffering), hold_seconds=0) as service:
        await send_probe(portal)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await answered.wait()
        assert service.started.is_set()

    assert await portal.depth(QUEUE) == await portal.depth(PROBE.dead) == 0


@pytest.mark.parametrize("fault", [Door.cut, Door.fall_silent], ids=["cut", "silent"])
async def test_what_is_in_hand_when_the_connection_breaks_is_let_go(
    stack: LocalStack, portal: Portal, fault: Callable[[Door], None]
) -> None:
    """It is void, and comes again: nobody may go on with it, or they would grow in number with every break."""
    begun, ended = 0, 0

    async def endless(_: Event) -> Outcome:
        nonlocal begun, ended
        begun += 1
        try:
            await asyncio.Event().wait()
        finally:
            ended += 1
        return Answered()

    async with (
        door(str(URL(stack.amqp_url).update_query(heartbeat="1"))) as broker,
        running_service(stack, probing(endless), amqp_url=broker.url, drain_seconds=1),
    ):
        for _ in range(5):
            await send_probe(portal)
        await until(lambda: begun == 5)
        fault(broker)
        await until(lambda: ended == 5)
        broker.open()
        await until(lambda: begun == 10)

    await portal.until_depth(QUEUE, 5)


async def test_a_broker_that_falls_silent_is_given_up_and_found_again(stack: LocalStack, portal: Portal) -> None:
    probe = Probe()
    async with (
        door(str(URL(stack.amqp_url).update_query(heartbeat="1"))) as broker,
        running_service(stack, probe.app, amqp_url=broker.url) as service,
    ):
        broker.fall_silent()
        while service.started.is_set():
            assert (await asked(service, "ready"))[0] == 503  # a question is on its way when the connection is given up
        broker.open()
        await service.started.wait()

        await probe.until_answered({await send_probe(portal)})


async def test_a_service_says_so_while_the_broker_is_away_and_comes_back_by_itself(
    stack: LocalStack, portal: Portal
) -> None:
    probe = Probe()
    with capture_logs() as logs:
        async with (
            door(stack.amqp_url) as broker,
            running_service(stack, probe.app, amqp_url=broker.url) as service,
        ):
            broker.shut()
            await until(lambda: not service.started.is_set())
            status, reason = await asked(service, "ready")
            assert (status, "RabbitMQ" in reason.splitlines()[0]) == (503, True)
            sent = {await send_probe(portal)}

            broker.open()
            await probe.until_answered(sent)
            assert (await asked(service, "ready"))[0] == 200

    told = [action for action in actions(logs) if action != "wait"]
    assert told == ["start", "pause", "reconnect", "resume", "stop", "stop"]


@pytest.fixture
async def short_consumer_timeout(stack: LocalStack) -> AsyncIterator[None]:
    """Let the broker take back after a second what is not acknowledged, instead of after 30 minutes."""
    await rabbitmqctl(stack, "eval", _timeouts(consumer=1_000, looked_at_each=500))
    yield
    await rabbitmqctl(stack, "eval", _timeouts(consumer=1_800_000, looked_at_each=60_000))


def _timeouts(*, consumer: int, looked_at_each: int) -> str:
    """Set, in milliseconds, what new channels go by."""
    settings = {"consumer_timeout": consumer, "channel_tick_interval": looked_at_each}
    return ", ".join(f"application:set_env(rabbit, {name}, {value})" for name, value in settings.items()) + "."


@pytest.mark.usefixtures("short_consumer_timeout")
async def test_a_channel_that_the_broker_closes_is_opened_again(stack: LocalStack, portal: Portal) -> None:
    """Whatever hangs for longer than the consumer timeout is broken off, and the service goes on."""
    begun, answered = 0, asyncio.Event()

    async def hanging_once(_: Event) -> Outcome:
        nonlocal begun
        begun += 1
        if begun == 1:
            await asyncio.Event().wait()
        answered.set()
        return Answered()

    async with running_service(stack, probing(hanging_once)):
        await send_probe(portal)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await answered.wait()

    assert begun == 2


@pytest.mark.usefixtures("system")
async def test_connections_that_are_closed_by_force_come_back(stack: LocalStack) -> None:
    await rabbitmqctl(stack, "close_all_connections", "a test says so")

    async with opened_portal(stack.amqp_url) as portal:
        story = await portal.file(new_dossier())
        await portal.event(story, "alert.delivered")


async def test_a_service_restores_its_queue_and_what_it_is_bound_to(stack: LocalStack, portal: Portal) -> None:
    probe = Probe()
    async with running_service(stack, probe.app) as service:
        await portal.channel.queue_delete(QUEUE)
        await until(lambda: not service.started.is_set())
        await service.started.wait()

        await probe.until_answered({await send_probe(portal)})
        id = str(uuid4())
        await portal.send(probe_body(id), headers=naming(id), exchange=topology.REPLAY, routing_key=QUEUE)
        await probe.until_answered({id})


async def test_no_more_is_in_hand_than_allowed_and_the_rest_stays_in_the_broker(
    stack: LocalStack, portal: Portal
) -> None:
    """A database that is slow slows the taking, and fills no memory."""
    probe = Probe()
    async with (
        door(stack.mongo_url) as database,
        running_service(stack, probe.app, mongo_url=database.url, prefetch=10) as service,
    ):
        database.delay(0.2)
        sent = {await send_probe(portal) for _ in range(50)}
        most = 0
        while len(probe.answered) < len(sent):
            most = max(most, len(service.connections.in_flight))
            left = len(sent) - len(probe.answered)
            assert await portal.depth(QUEUE) >= left - 20  # at most ten are in flight, ten more just answered
        assert most == 10
    assert await portal.depth(QUEUE) == 0


def actions(logs: list[Any]) -> list[str]:
    """Return what a service said of itself, but for what it said of single messages."""
    return [line["action"] for line in logs if line.get("action") not in (None, "answer", "delay")]


async def consumers(portal: Portal) -> int:
    """Return how many consumers the broker sees."""
    declared = await portal.channel.declare_queue(QUEUE, passive=True)
    return declared.declaration_result.consumer_count or 0
