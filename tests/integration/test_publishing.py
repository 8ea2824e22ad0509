"""Publishing under faults: what the broker has not taken for good is held, said, and published again."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from structlog.testing import capture_logs
from yarl import URL

from shared.contracts.catalogue import ALERT_DELIVERED, EVENTS
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.outcome import Answered, Outcome
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.service import App, Resources
from tests.integration.faults import frozen_broker, rabbitmqctl, until
from tests.integration.portal import Portal
from tests.integration.probe import PROBE, PROBE_SENT, probe_app, probe_portal, probing, send_probe
from tests.integration.running import running_service
from tools.stack import LocalStack


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with probe_portal(stack.amqp_url) as portal:
        yield portal


@pytest.fixture
async def publisher(stack: LocalStack) -> AsyncIterator[Publisher]:
    publisher = Publisher(stack.amqp_url, service="probe", timeout_seconds=1)
    await publisher.start()
    yield publisher
    await publisher.close()


def news(about: str | None = None) -> Event:
    """Return an event that goes to the journal only, as part of the story `about`."""
    return Event(id=str(uuid4()), source="/tests", type=ALERT_DELIVERED.type, data={}, correlation_id=about)


class Announcer:
    """A service that, once it may, announces an event for each that it takes, but for quiet ones."""

    def __init__(self) -> None:
        self.in_flight = asyncio.Event()
        self.may = asyncio.Event()
        self.answered: list[str] = []

    @property
    def app(self) -> App[Resources]:
        return probe_app(self._handle)

    async def _handle(self, resources: Resources, event: Event) -> Outcome:
        self.in_flight.set()
        await self.may.wait()
        if not event.id.startswith("quiet"):
            await resources.publish(news(event.id))
        self.answered.append(event.id)
        return Answered()


async def test_a_frozen_broker_takes_what_was_held_once_it_goes_on(stack: LocalStack, portal: Portal) -> None:
    announcer = Announcer()
    with capture_logs() as logs:
        async with running_service(stack, announcer.app, amqp_url=stack.amqp_url, publish_timeout_seconds=0.5):
            story = await send_probe(portal)
            await announcer.in_flight.wait()
            with frozen_broker(stack):
                announcer.may.set()
                await until(lambda: bool(held(logs)))
            await portal.event(story, "alert.delivered")
            await until(lambda: announcer.answered == [story])  # the first confirm may have come too late for it

    assert held(logs)[0] == "RabbitMQ did not take alert.delivered.v1: no answer in time"
    assert await portal.depth(PROBE.queue) == await portal.depth(PROBE.dead) == 0


@pytest.mark.parametrize(("lost", "key"), [("probe.retry.5s", PROBE.retry(1)), (PROBE.dead, PROBE.dead)])
async def test_a_queue_that_was_deleted_is_made_again(stack: LocalStack, portal: Portal, lost: str, key: str) -> None:
    async def failing(_: Event) -> Outcome:
        raise ZeroDivisionError

    await portal.channel.queue_delete(lost)
    with capture_logs() as logs:
        async with running_service(stack, probing(failing)):
            await portal.channel.queue_delete(lost)  # the start has made it again
            id = await send_probe(portal)
            await until(lambda: bool(held(logs)))
            dead = await portal.next_of(PROBE.dead)

    assert (dead.headers["ce-id"], dead.headers["x-ocop-attempt"]) == (id, 4)
    assert held(logs) == [f"RabbitMQ did not take {key}: no queue is bound to it"]


async def test_two_messages_of_one_id_are_both_kept(stack: LocalStack, portal: Portal) -> None:
    """The library knows what the broker returns by the message's id, and strangers choose theirs."""

    async def never(_: Event) -> Outcome:
        raise AssertionError

    bodies = {f"garbage {n}".encode() for n in range(10)}
    with capture_logs() as logs:
        async with running_service(stack, probing(never)):
            await portal.channel.queue_delete(PROBE.dead)
            sending = (
                portal.send(body, message_id="1", exchange=EVENTS, routing_key=PROBE_SENT.routing_key)
                for body in bodies
            )
            await asyncio.gather(*sending)
            await until(lambda: bool(held(logs)))
            await portal.until_depth(PROBE.dead, len(bodies))

    assert {(await portal.first_of(PROBE.dead)).body for _ in bodies} == bodies


async def test_the_first_publish_after_a_forced_close_is_taken(stack: LocalStack, publisher: Publisher) -> None:
    await publisher.announce(news())
    with capture_logs() as logs:
        await rabbitmqctl(stack, "close_all_connections", "a test says so")
        await publisher.announce(news())

    assert {"action": "reconnect", "connection": "publishing"}.items() <= next(
        line.items() for line in logs if line["event"] == "reconnected"
    )


async def test_a_refused_publish_says_why_and_disturbs_no_other(
    monkeypatch: pytest.MonkeyPatch, portal: Portal, publisher: Publisher
) -> None:
    """The broker closes the whole channel for one publish to an exchange that is gone."""
    monkeypatch.setitem(topology.EXCHANGES, "probe.gone", "topic")
    gone = await portal.channel.declare_exchange("probe.gone", "topic", auto_delete=False)
    with pytest.raises(OutageError, match="did not take x: no queue is bound to it"):
        await publisher.publish("probe.gone", "x", aio_pika.Message(b""))
    await gone.delete(if_unused=False)

    async with asyncio.TaskGroup() as publishing:
        for _ in range(20):
            publishing.create_task(until_taken(publisher, news()))
        with pytest.raises(OutageError, match="did not take x: not there"):
            await publisher.publish("probe.gone", "x", aio_pika.Message(b""))


async def test_a_refused_user_is_told_of(stack: LocalStack) -> None:
    """It may declare and bind its own queues, and publish nowhere: the broker refuses, and closes the channel."""
    own = r"^probe\..*"
    await rabbitmqctl(stack, "add_user", "reader", "reader")
    await rabbitmqctl(stack, "set_permissions", "reader", own, own, rf"{own}|^ocop\.(events|retry|dead|replay)$")
    url = URL(stack.amqp_url).with_user("reader").with_password("reader")
    publisher = Publisher(str(url), service="probe", timeout_seconds=5)
    await publisher.start()

    with pytest.raises(OutageError, match=r"did not take alert\.delivered\.v1: access refused"):
        await publisher.announce(news())

    await publisher.close()
    await rabbitmqctl(stack, "delete_user", "reader")


async def test_a_broker_out_of_memory_loses_nothing(stack: LocalStack, portal: Portal) -> None:
    """It takes no publishes for as long as it lasts; what needs none is still answered, the rest given back once."""
    announcer = Announcer()
    async with running_service(
        stack,
        announcer.app,
        amqp_url=stack.amqp_url,  # the probe's own user may announce nothing
        publish_timeout_seconds=0.5,
        hold_seconds=1,
    ) as service:
        loud = [await send_probe(portal) for _ in range(3)]
        quiet = [await send_probe(portal, f"quiet-{n}-{loud[0]}") for n in range(3)]
        await portal.until_depth(PROBE.queue, 0)
        await rabbitmqctl(stack, "set_vm_memory_high_watermark", "0.00001")
        try:
            announcer.may.set()
            await portal.until_depth(PROBE.queue, len(loud))
            assert (await service.connections.health()).fault is not None
            assert set(announcer.answered) == set(quiet)
        finally:
            await rabbitmqctl(stack, "set_vm_memory_high_watermark", "0.4")
        for story in loud:
            await portal.event(story, "alert.delivered")
        await until(lambda: {*announcer.answered} == {*quiet, *loud})

    assert await portal.depth(PROBE.queue) == await portal.depth(PROBE.dead) == 0


async def until_taken(publisher: Publisher, event: Event) -> None:
    """Publish as a handler does: again, where the broker did not take it."""
    while True:
        try:
            return await publisher.announce(event)
        except OutageError:
            await asyncio.sleep(0)


def held(logs: list[Any]) -> list[str]:
    """Return why messages were held, as the log says it."""
    return [line["reason"] for line in logs if line.get("action") == "hold"]
