"""Turns a service into a process: subscriptions, health, pauses, and an end that loses nothing."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NoReturn
from weakref import WeakValueDictionary

import structlog
import uvloop

from shared import metrics, tracing
from shared.clock import Clock, system_clock
from shared.connections import Connections
from shared.contracts.catalogue import EventType
from shared.errors import SettingsError
from shared.handling.in_flight import HOLD_SECONDS
from shared.handling.settlement import DeadLetter, Deliveries, Done, Handle, HandleUnreadable, Outcome, keep_unreadable
from shared.handling.steps import Decision, RecordStore, announce, recorded
from shared.health import serving_health
from shared.logs import configure_logging
from shared.messaging.amqp_properties import read_leniently
from shared.messaging.topology import subscription
from shared.settings import Settings, load_settings
from shared.storage import Database

#: seconds; how long a process that ends tries to send the spans that it still has
FLUSH_SECONDS = 2

log = structlog.get_logger()


class Service:
    """A service while it runs: what its `app.py` hangs its subscriptions on."""

    def __init__(self, name: str, settings: Settings, connections: Connections, *, clock: Clock) -> None:
        self.name = name
        self.settings = settings
        self.connections = connections
        self.clock = clock
        self._ordering: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def source(self) -> str:
        """The CloudEvents `source` of what this service announces."""
        return f"/ocop/{self.name}"

    @property
    def database(self) -> Database:
        """The database with the service's own collection."""
        return self.connections.database

    @property
    def started(self) -> asyncio.Event:
        """Set while the service takes messages."""
        return self.connections.taking

    def subscribe(
        self, event_type: EventType[Any], handle: Handle, *, handle_unreadable: HandleUnreadable = keep_unreadable
    ) -> None:
        """InFlight every event of a kind to `handle`, from the service's own queue, many at a time."""
        own = subscription(self.name, event_type)
        deliveries = Deliveries(
            own,
            handle,
            publisher=self.connections.publisher,
            in_flight=self.connections.in_flight,
            clock=self.clock,
            handle_unreadable=handle_unreadable,
        )
        self.connections.consumer.subscribe(own.queue, deliveries.take)

    async def take_steps(
        self,
        key: str,
        ledger: RecordStore,
        decide: Callable[[], Awaitable[Decision]],
        *,
        ordering_key: str | None = None,
        assume_new: bool = False,
    ) -> Outcome:
        """Take the four steps for one event; the fourth, the acknowledgement, follows from the outcome.

        Events of the same lane (by default: deliveries of the same event) are decided and recorded one after the other.
        `assume_new` is for a `decide` without effects of its own (`shared.handling.steps.recorded`).
        """
        async with self._ordering.setdefault(ordering_key or key, asyncio.Lock()):
            with tracing.step("decide and record"):
                decision = await recorded(key, ledger=ledger, decide=decide, assume_new=assume_new)
        if not decision.repeated:  # now: whoever announces it at last may find it on record
            for event in decision.announced:
                metrics.count_answer(event)
        with tracing.step("announce"):
            await announce(decision, self.connections.publisher.announce)
        if not decision.dead_letter:
            return Done(decision)
        answers = ", ".join(f"ocop trace {event.id}" for event in decision.announced)  # ids of our own: no value of it
        return DeadLetter(decision.dead_letter, f"see the answer: {answers}")


Wire = Callable[[Service], Awaitable[None]]


def run(name: str, wire: Wire, *, settings: type[Settings] = Settings) -> None:
    """Run a service until SIGTERM or SIGINT. `wire` gives it its subscriptions, `settings` says which it needs.

    Raises:
        SystemExit: 2, having said which settings are missing or wrong.
    """
    try:
        read = load_settings(settings)
        configure_logging(name, format=read.log_format, level=read.log_level)
        tracing.start_tracing(name)
        uvloop.run(_run(name, wire, read))
    except SettingsError as error:
        sys.stderr.write(f"{error} (see .env.example)\n")
        raise SystemExit(2) from None
    except Exception:
        log.critical("crashed", action="crash", exc_info=True)
        raise SystemExit(1) from None
    _end()


def _end() -> NoReturn:
    """End the process: all is given back. Python itself would wait for the driver's threads, and they for a server."""
    if tracing.sdk:
        tracing.sdk.flush(FLUSH_SECONDS)
    logging.shutdown()
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


async def _run(name: str, wire: Wire, settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def wire_for_good(service: Service) -> None:
        await wire(service)
        gc.collect()
        gc.freeze()  # modules and rules stay for ever: looking through them again and again cost a twentieth of the CPU

    await serve(build(name, settings), wire_for_good, stop)


def build(name: str, settings: Settings, *, clock: Clock = system_clock, hold_seconds: float = HOLD_SECONDS) -> Service:
    """Put a service together; nothing is connected yet."""
    read_leniently()
    return Service(name, settings, Connections(name, settings, hold_seconds=hold_seconds), clock=clock)


async def serve(service: Service, wire: Wire, stop: asyncio.Event) -> None:
    """Run a service until `stop` is set; `service.started` is set while it takes messages.

    The loss of the connection, and an outage that lasts, end the taking; it begins anew once all is there again.
    """
    connections = service.connections
    async with serving_health(service.name, connections.consumer.broker, service.settings, connections.health):
        stopping = asyncio.create_task(stop.wait())
        try:
            await _serve(service, wire, stopping)
        finally:
            stopping.cancel()
            log.info("stopping", action="stop")
            await connections.leave(service.settings.drain_seconds)
    log.info("stopped", action="stop")


async def _serve(service: Service, wire: Wire, stopping: asyncio.Task[Any]) -> None:
    connections, opened_before = service.connections, False

    async def prepare() -> None:
        if not connections.consumer.subscribed:
            await wire(service)

    while await _done_before(stopping, connections.open(prepare)):
        http = f"{service.settings.http_host}:{service.settings.http_port}"
        if opened_before:
            log.info("resumed", action="resume")
        else:
            log.info("ready", action="start", http=http)
        opened_before = True
        if await _done_before(stopping, connections.interrupted()):
            await _done_before(stopping, connections.pause())


async def _done_before(stopping: asyncio.Task[Any], step: Coroutine[Any, Any, None]) -> bool:
    """Take a step, and say whether it was done before the service was to stop; otherwise it is broken off."""
    taking = asyncio.create_task(step)
    try:
        await asyncio.wait({taking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stopping.done():
            taking.result()
        return not stopping.done()
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
