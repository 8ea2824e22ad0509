"""Turns a service into a process: connections, subscriptions, health, and an end that loses nothing."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import structlog
import uvloop
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitMessage, RabbitQueue
from pydantic import ValidationError

from shared.clock import Clock, system_clock
from shared.contracts.catalogue import EventType
from shared.errors import OutageError, SettingsError
from shared.health import serving_health
from shared.messaging.connection import AWAY, broker_url, with_authority
from shared.messaging.delivery import Bury, Deliveries, Done, Handle, HandleUnreadable, Outcome, keep_unreadable
from shared.messaging.properties import read_leniently
from shared.messaging.publisher import Publisher
from shared.messaging.topology import subscription
from shared.observability import configure_logging
from shared.settings import Settings, load_settings
from shared.steps import Decision, Ledger, take_steps
from shared.storage import Database

#: seconds between two looks for a broker or a database that is not there yet
START_PAUSE_SECONDS = 0.5

log = structlog.get_logger()


@dataclass
class Service:
    """A service while it runs: what its `app.py` hangs its subscriptions on."""

    name: str
    settings: Settings
    database: Database
    broker: RabbitBroker
    publisher: Publisher
    clock: Clock = system_clock
    started: asyncio.Event = field(default_factory=asyncio.Event)
    waits_for: str = "starting"
    _lanes: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @property
    def source(self) -> str:
        """The CloudEvents `source` of what this service announces."""
        return f"/ocop/{self.name}"

    def subscribe(
        self, event_type: EventType[Any], handle: Handle, *, handle_unreadable: HandleUnreadable = keep_unreadable
    ) -> None:
        """Hand every event of a kind to `handle`, from the service's own queue, many at a time."""
        own = subscription(self.name, event_type)
        deliveries = Deliveries(
            own, handle, publisher=self.publisher, clock=self.clock, handle_unreadable=handle_unreadable
        )
        subscriber = self.broker.subscriber(
            RabbitQueue(own.queue, queue_type=QueueType.QUORUM, durable=True),
            channel=Channel(prefetch_count=self.settings.prefetch),
            ack_policy=AckPolicy.MANUAL,
            decoder=_undecoded,
            title=own.queue,
        )

        @subscriber
        async def take(message: RabbitMessage) -> None:
            await deliveries.take(message.raw_message)

    async def take_steps(
        self, key: str, ledger: Ledger, decide: Callable[[], Awaitable[Decision]], *, lane: str | None = None
    ) -> Outcome:
        """Take the four steps for one event; the fourth, the acknowledgement, follows from the outcome.

        Events of the same lane (by default: deliveries of the same event) take them one after the other.
        """
        async with self._lanes.setdefault(lane or key, asyncio.Lock()):
            decision = await take_steps(key, ledger=ledger, decide=decide, announce=self.publisher.announce)
        return Bury(decision.dead_letter, "see the answer") if decision.dead_letter else Done()

    async def stop_taking(self) -> None:
        """Take no more messages; those in hand go on. Safe to repeat."""
        # FastStream's own stop waits for the handlers first, while the broker goes on to fill the prefetch window
        for subscriber in self.broker.subscribers:
            queue, tag = getattr(subscriber, "_queue_obj", None), getattr(subscriber, "_consumer_tag", None)
            if queue is not None and tag is not None and not queue.channel.is_closed:
                with contextlib.suppress(*AWAY):
                    await queue.cancel(tag, timeout=2)


async def _undecoded(message: RabbitMessage) -> bytes:
    """Leave the body alone: it is read strictly, and where it cannot be read it is kept."""
    return message.body


Wire = Callable[[Service], Awaitable[None]]


def run(name: str, wire: Wire) -> None:
    """Run a service until SIGTERM or SIGINT. `wire` gives it its subscriptions.

    Raises:
        SystemExit: 2, having said which settings are missing or wrong.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error} (see .env.example)\n")
        raise SystemExit(2) from None
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            sys.stderr.write(f"OCOP_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']} (see .env.example)\n")
        raise SystemExit(2) from None
    configure_logging(name, format=settings.log_format, level=settings.log_level)
    try:
        uvloop.run(_run(name, wire, settings))
    except SettingsError as error:
        sys.stderr.write(f"{error} (see .env.example)\n")
        raise SystemExit(2) from None


async def _run(name: str, wire: Wire, settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(build(name, settings), wire, stop)


def build(name: str, settings: Settings, *, clock: Clock = system_clock) -> Service:
    """Put a service together; nothing is connected yet."""
    read_leniently()
    url = with_authority(settings.amqp_url.get_secret_value(), settings.tls_ca_file)
    return Service(
        name=name,
        settings=settings,
        database=Database(settings.mongo_url.get_secret_value(), service=name, ca_file=settings.tls_ca_file),
        broker=RabbitBroker(
            broker_url(url, name=f"{name}: consuming"),
            app_id=name,
            graceful_timeout=settings.drain_seconds,
            logger=None,
        ),
        publisher=Publisher(url, service=name, timeout_seconds=settings.publish_timeout_seconds),
        clock=clock,
    )


async def serve(service: Service, wire: Wire, stop: asyncio.Event) -> None:
    """Run a service until `stop` is set; `service.started` is set once it takes messages."""
    async with serving_health(service.name, service.broker, service.settings, lambda: _unready(service)):
        starting = asyncio.create_task(_start(service, wire))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                log.info("ready", action="start", http=f"{service.settings.http_host}:{service.settings.http_port}")
                await stopping
        finally:
            log.info("stopping", action="stop")
            starting.cancel()
            stopping.cancel()
            await _stop(service)
    log.info("stopped", action="stop")


async def _start(service: Service, wire: Wire) -> None:
    while True:
        try:
            await service.database.ping()
            await service.publisher.start()
            if not service.broker.subscribers:
                await wire(service)
            for subscriber in service.broker.subscribers:
                # FastStream drops, unacknowledged, what arrives before it has noted that it runs
                subscriber.running = True
            await service.broker.start()
        except (OutageError, *AWAY) as error:
            reason = str(error) if isinstance(error, OutageError) else f"RabbitMQ went away: {type(error).__name__}"
            if reason != service.waits_for:
                log.warning("waiting", action="wait", reason=reason)
            service.waits_for = reason
            await service.publisher.close()
            await asyncio.sleep(START_PAUSE_SECONDS)
        else:
            service.started.set()
            return


async def _stop(service: Service) -> None:
    """Stop taking messages, finish those in hand, leave. What is not finished in time goes back to its queue."""
    await service.stop_taking()
    await service.broker.stop()
    await service.publisher.close()
    service.database.close()


async def _unready(service: Service) -> str | None:
    """Say what is missing, by real round trips: FastStream's own ping says healthy while the broker is frozen."""
    if not service.started.is_set():
        return service.waits_for
    try:
        async with asyncio.timeout(2):
            await service.publisher.ping()
            await service.database.ping()
    except (OutageError, TimeoutError) as error:
        return str(error) or "no answer in time"
    return None
