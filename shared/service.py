"""Turns a service into a process: subscriptions, health, pauses, and an end that loses nothing."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Generic, NoReturn, Protocol

import uvloop
from pydantic import SecretStr

from shared import tracing
from shared.clock import Clock, system_clock
from shared.connections import Connections
from shared.contracts.catalogue import EventType
from shared.contracts.event import Event
from shared.errors import OutageError, SettingsError
from shared.handling.delivery_telemetry import log_bug
from shared.handling.dispatcher import Context, Dispatcher, Handler
from shared.handling.in_flight import HOLD_SECONDS
from shared.handling.now import NowDocuments, View
from shared.handling.numbering import Numbering
from shared.handling.records import RecordListener
from shared.handling.steps import Publish, Steps
from shared.handling.write_behind import WriteBehind, rebuild
from shared.health import serving_health
from shared.logs import Action, configure_logging, log
from shared.messaging.amqp_properties import read_leniently
from shared.messaging.journal_feeder import JournalFeeder
from shared.settings import Settings, load_settings
from shared.storage import Database
from shared.system import SYSTEM, ServiceEntry, System
from shared.timers import Timers, Timetable

#: seconds; how long a process that ends tries to send the spans that it still has
FLUSH_SECONDS = 2
#: seconds; how long a service that ends tries to write the documents of now that wait
WRITE_SECONDS = 1
#: seconds before a work beside the messages that met a bug is begun again
AGAIN_SECONDS = 5.0
#: The name of the tasks beside those of messages.
BACKGROUND = "background"
#: The job of every service that has documents of now.
REBUILD = "rebuild-now"


@dataclass(frozen=True)
class Resources:
    """What a service is given to make its context from.

    `publish` announces an event once it is on record; an answer for one queue alone has the queue as `to`.
    `broker_url` is for what else is to be read of the broker, as the service's user. `on_record` is to hear of all that
    is put on record of histories: from it follow the documents of now. `numbering` hears the highest numbers of what
    is on record, where histories are numbered (`View`).
    """

    settings: Settings
    database: Database
    steps: Steps
    clock: Clock
    publish: Publish
    broker_url: SecretStr
    on_record: RecordListener = lambda _: None
    numbering: Numbering = field(default_factory=Numbering)


@dataclass(frozen=True)
class Job:
    """Work on a service's own collection that an operator asks for, as the service: then the process ends.

    `about` is one line for `--help`; `work` logs how far it is, and may raise OutageError.
    """

    about: str
    work: Callable[[Settings, Database, Clock], Awaitable[None]]


@dataclass(frozen=True)
class App(Generic[Context]):
    """A service as a table: what its handlers need, and which of them handles which kind of event.

    Args:
        name: its row in `system`.
        prepare: makes the context, such as collections with their indexes; may raise OutageError, and is called again.
        handlers: one for each kind of event that the service reads.
        settings: what the service needs to know of the world.
        on_recorded: hears of each event that was put on record for the first time, to count it.
        before_taking: makes sure, each time before messages are taken, that they may be; may raise OutageError, which
            says why not, and is called again.
        jobs: what the process may be asked to do in the place of taking messages, by name.
        pages: what it says of itself over HTTP beside what every service does, as JSON, by path.
        view: what its documents of now show of a history; None where it has no histories.
        timers: what it does with what falls due in a history.
        leave: closes what the context has open beyond broker and database, when the service ends.
    """

    name: str
    prepare: Callable[[Resources], Awaitable[Context]]
    handlers: Mapping[EventType[Any], Handler[Context]]
    settings: type[Settings] = Settings
    on_recorded: Callable[[Event], None] = lambda _: None
    before_taking: Callable[[Context], Awaitable[None]] | None = None
    jobs: Mapping[str, Job] = field(default_factory=dict)
    pages: Mapping[str, Callable[[Context], Awaitable[Any]]] = field(default_factory=dict)
    view: View[Any] | None = None
    timers: Timetable[Context] | None = None
    leave: Callable[[Context], Awaitable[None]] | None = None
    system: System = field(default=SYSTEM, repr=False)

    @property
    def entry(self) -> ServiceEntry:
        """Its row in the table of services."""
        return self.system[self.name]

    @cached_property
    def all_jobs(self) -> Mapping[str, Job]:
        """Its jobs, and those that every service has."""
        if self.view is None:
            return self.jobs
        rebuilt = Job("write the documents of now anew, from the histories", partial(_rebuild, self.entry, self.view))
        return {**self.jobs, REBUILD: rebuilt}


class _Runs(Protocol):
    async def run(self) -> None: ...


@asynccontextmanager
async def _running(*works: _Runs | None) -> AsyncIterator[None]:
    """Run works that have no end, in here."""
    running = [asyncio.create_task(_run_on(each), name=BACKGROUND) for each in works if each]
    try:
        yield
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _run_on(work: _Runs) -> None:
    while True:
        try:
            await work.run()
        except Exception as error:  # noqa: BLE001  # logged; nobody else would notice that it has ended
            log_bug(error)
            await asyncio.sleep(AGAIN_SECONDS)


async def _rebuild(entry: ServiceEntry, view: View[Any], _: Settings, database: Database, __: Clock) -> None:
    now = NowDocuments(database, entry.collection, view)
    await rebuild(now, lambda done: log(Action.REBUILD, histories=done))
    log(Action.REBUILD, "rebuilt")


class Service(Generic[Context]):
    """A service while it runs."""

    def __init__(self, app: App[Context], settings: Settings, connections: Connections, *, clock: Clock) -> None:
        self.app = app
        self.settings = settings
        self.connections = connections
        self.clock = clock
        self.timers: Timers | None = None
        self._feeder: JournalFeeder | None = None
        if app.entry.journal_feed:
            url, queue = connections.broker_url.get_secret_value(), app.entry.journal_feed.name
            self._feeder = JournalFeeder(url, queue, connections.publisher)
        self._context: Context | None = None
        self._now: NowDocuments[Any] | None = None
        self._write_behind: WriteBehind | None = None
        self._numbering = Numbering()
        if app.view:
            self._now = NowDocuments(connections.database, app.entry.collection, app.view)
            self._write_behind = WriteBehind(self._now, clock=clock, on_due=self._expect, numbering=self._numbering)

    @property
    def started(self) -> asyncio.Event:
        """Set while the service takes messages."""
        return self.connections.taking

    async def prepare(self) -> None:
        """Do what comes before messages are taken, each time. Raise OutageError: to be called again."""
        await self.subscribe()
        if self.app.before_taking and self._context is not None:
            await self.app.before_taking(self._context)

    async def subscribe(self) -> None:
        """Make the context, and hand every event to the handler of its kind, from the service's queues, many at a time.

        Raises:
            OutageError: the database is away; to be called again.
        """
        if self.connections.consumer.subscribed:
            return
        publish = self.connections.publisher.announce
        steps = Steps(publish, on_recorded=self.app.on_recorded)
        url = self.connections.broker_url
        on_record = self._write_behind.put if self._write_behind else lambda _: None
        resources = Resources(
            self.settings, self.connections.database, steps, self.clock, publish, url, on_record, self._numbering
        )
        context = self._context = await self.app.prepare(resources)
        if self.app.timers and self._now:
            database = self.connections.database
            self.timers = Timers(
                self.app.name, self.app.timers, context, now=self._now, database=database, steps=steps, clock=self.clock
            )
        handlers = {event_type: partial(handler, context) for event_type, handler in self.app.handlers.items()}
        for subscriptions in self.app.entry.inboxes:
            dispatcher = Dispatcher(
                subscriptions,
                handlers,
                publisher=self.connections.publisher,
                in_flight=self.connections.in_flight,
                clock=self.clock,
                system=self.app.system,
            )
            shared_by = subscriptions[0]
            self.connections.consumer.subscribe(
                dispatcher.queue, dispatcher.take, in_order=shared_by.in_order, at_once=shared_by.at_once
            )

    @property
    def pages(self) -> dict[str, Callable[[], Awaitable[Any]]]:
        """What the service says of itself beside its health, by path: None while it cannot say anything yet."""
        return {path: partial(self._page, of) for path, of in self.app.pages.items()}

    async def _page(self, of: Callable[[Context], Awaitable[Any]]) -> Any:
        return None if self._context is None else await of(self._context)

    @asynccontextmanager
    async def in_background(self) -> AsyncIterator[None]:
        """Write the documents of now, and handle what falls due, beside the messages."""
        async with _running(self._write_behind, self.timers):
            yield

    @asynccontextmanager
    async def feeding_the_journal(self) -> AsyncIterator[None]:
        """Let what is filed go on into the journal, whether or not messages are taken."""
        async with _running(self._feeder):
            yield

    async def flush(self) -> None:
        """Write the documents of now that wait, and leave; what is not written in time is found at the next start."""
        if self.app.leave and self._context is not None:
            await self.app.leave(self._context)
        if self._write_behind:
            with suppress(OutageError, TimeoutError):
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._write_behind.flush()

    def _expect(self, at: datetime) -> None:
        if self.timers:
            self.timers.expect(at)


def run(app: App[Any], arguments: Sequence[str] = (), *, clock: Clock = system_clock) -> None:
    """Run a service until SIGTERM or SIGINT, or the job that `arguments` name.

    Raises:
        SystemExit: 2, having said which settings are missing or wrong; 1 after a bug outside any message, and where a
            job met an outage; 130 where a job was interrupted.
    """
    job = _job(app, arguments)
    try:
        settings = load_settings(app.settings)
        configure_logging(app.name, format=settings.log_format, level=settings.log_level)
        if job:
            asyncio.run(_do(app, job, settings))
            return
        tracing.start_tracing(app.name)
        uvloop.run(_run(app, settings, clock))
    except SettingsError as error:
        sys.stderr.write(f"{error} (see .env.example)\n")
        raise SystemExit(2) from None
    except OutageError as error:  # of a job: a service waits
        sys.stderr.write(f"{error}: run it again, it goes on where it was\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception:  # noqa: BLE001  # logged, with where it broke
        log(Action.CRASH, exc_info=True)
        raise SystemExit(1) from None
    _end()


def _job(app: App[Any], arguments: Sequence[str]) -> Job | None:
    """Return the job that the arguments ask for, None where the service is to run."""
    parser = argparse.ArgumentParser(f"python -m services.{app.name}", description=f"Run {app.name}, or a job of it.")
    if app.all_jobs:
        jobs = parser.add_subparsers(metavar="[job]", dest="job")
        for name, job in app.all_jobs.items():
            jobs.add_parser(name, help=job.about, description=f"{job.about[0].upper()}{job.about[1:]}.")
    return app.all_jobs.get(vars(parser.parse_args(arguments)).get("job", ""))


async def _do(app: App[Any], job: Job, settings: Settings) -> None:
    database = Database(settings.mongo_url.get_secret_value(), service=app.name, ca_file=settings.tls_ca_file)
    try:
        await job.work(settings, database, system_clock)
    finally:
        await database.close()


def _end() -> NoReturn:
    """End the process: all is given back. Python itself would wait for the driver's threads, and they for a server."""
    if tracing.sdk:
        tracing.sdk.flush(FLUSH_SECONDS)
    logging.shutdown()
    with suppress(OSError):
        sys.stdout.flush()
    os._exit(0)


async def _run(app: App[Any], settings: Settings, clock: Clock) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    async def prepare(resources: Resources) -> Any:
        context = await app.prepare(resources)
        gc.collect()
        gc.freeze()  # modules and rules stay for ever: looking through them again and again cost a twentieth of the CPU
        return context

    await serve(build(replace(app, prepare=prepare), settings, clock=clock), stop)


def build(
    app: App[Context], settings: Settings, *, clock: Clock = system_clock, hold_seconds: float = HOLD_SECONDS
) -> Service[Context]:
    """Put a service together; nothing is connected yet.

    Raises:
        ValueError: the service reads an event that it has no handler for, or the other way round; or it has timers and
            no documents of now.
    """
    if differing := {each.event_type for each in app.entry.subscriptions} ^ set(app.handlers):
        names = ", ".join(sorted(event_type.name for event_type in differing))
        raise ValueError(f"{app.name}: its handlers and its row in shared/system.py differ in {names}")
    if app.timers and app.view is None:
        raise ValueError(f"{app.name}: timers look in the documents of now, so the service needs a view")
    read_leniently()
    return Service(app, settings, Connections(app.entry, settings, hold_seconds=hold_seconds), clock=clock)


async def serve(service: Service[Any], stop: asyncio.Event) -> None:
    """Run a service until `stop` is set; `service.started` is set while it takes messages.

    The loss of the connection, and an outage that lasts, end the taking; it begins anew once all is there again.
    """
    connections = service.connections
    broker, pages = connections.consumer.broker, service.pages
    async with serving_health(service.app.name, broker, service.settings, connections.health, pages=pages):
        stopping = asyncio.create_task(stop.wait())
        try:
            async with service.feeding_the_journal():
                await _serve(service, stopping)
        finally:
            stopping.cancel()
            log(Action.STOP)
            await connections.leave(service.settings.drain_seconds, finish=service.flush)
    log(Action.STOP, "stopped")


async def _serve(service: Service[Any], stopping: asyncio.Task[Any]) -> None:
    connections, opened_before = service.connections, False
    while await _done_before(stopping, connections.open(service.prepare)):
        if opened_before:
            log(Action.RESUME)
        else:
            log(Action.START, http=f"{service.settings.http_host}:{service.settings.http_port}")
        opened_before = True
        async with service.in_background():
            interrupted = await _done_before(stopping, connections.interrupted())
        if interrupted:
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
