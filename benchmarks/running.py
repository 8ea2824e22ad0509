"""A contestant while it runs: started, warmed, given dossiers, watched, stopped."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from time import monotonic
from urllib.error import URLError
from urllib.request import urlopen

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import ALERTED, Contestant, Worker
from benchmarks.cost import Usage, servers_of, usage
from benchmarks.dossiers import BenchmarkDossier
from benchmarks.filing import file_all
from tools.stack import Process

#: seconds between two looks at how many alerts are recorded
LOOK_SECONDS = 0.02

#: seconds without a single alert after which a contestant is taken to be stuck
PATIENCE_SECONDS = 60

#: seconds that workers have to stop once everything is measured
_GRACE_SECONDS = 3


class RunningContestant:
    """One contestant, ready. Everything it takes from the broker goes through `channel`, of its own virtual host."""

    def __init__(
        self, arena: Arena, contestant: Contestant, connection: AbstractConnection, channel: AbstractChannel
    ) -> None:
        self.arena = arena
        self.contestant = contestant
        self.connection = connection
        self.channel = channel
        self.processes: dict[str, list[Process]] = {}
        self.filed = 0
        self._servers = servers_of(arena.stack.folder)
        self._looking: AbstractChannel | None = None

    @property
    def first_step(self) -> str:
        """The name of the worker that takes the dossiers."""
        return next(iter(self.processes))

    async def file(self, filings: Sequence[BenchmarkDossier]) -> None:
        """File dossiers as fast as the broker takes them."""
        self.filed += len(filings)
        await file_all(self.arena, self.contestant, self.channel, filings)

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Suspend the first step's processes (SIGSTOP) for as long as the context lasts."""
        first = self.processes[self.first_step]
        _signal(first, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal(first, signal.SIGCONT)

    async def alerted(self) -> int:
        """Return how many alerts are recorded and announced since `forget`."""
        if self._looking is None or self._looking.is_closed:
            self._looking = await self.connection.channel(publisher_confirms=False)
        try:
            queue = await self._looking.declare_queue(ALERTED, passive=True)
        except ChannelNotFoundEntity:  # its workers declare it with their first message; the broker closed the channel
            return 0
        return queue.declaration_result.message_count or 0

    async def until_alerted(self, count: int) -> None:
        """Wait until so many alerts are recorded. Raise BenchmarkError where none comes for too long."""
        alerted, heard = 0, monotonic()
        while alerted < count:
            await asyncio.sleep(LOOK_SECONDS)
            if (now := await self.alerted()) > alerted:
                alerted, heard = now, monotonic()
            if monotonic() - heard > PATIENCE_SECONDS:
                raise BenchmarkError(f"{self.contestant.title}: {alerted} of {count} alerts, no more.\n{self._logs()}")

    def _logs(self) -> str:
        processes = [process for started in self.processes.values() for process in started]
        return "\n".join(f"{process.name} says at last:\n{process.last_lines()}" for process in processes)

    async def forget(self) -> None:
        """Drop the messages that announce alerts."""
        if await self.alerted():
            await (await self.channel.get_queue(ALERTED)).purge()

    def usage(self) -> Usage:
        """Measure its workers, the broker and the database."""
        workers = {process.pid: name for name, started in self.processes.items() for process in started}
        return usage(self._servers | workers)


async def _consumers(connection: AbstractConnection, queue: str) -> int:
    async with connection.channel(publisher_confirms=False) as channel:
        try:
            declared = await channel.declare_queue(queue, passive=True)
        except ChannelNotFoundEntity:
            return 0
        return declared.declaration_result.consumer_count or 0


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if process.exit_code is None:
            os.killpg(process.pid, number)


@asynccontextmanager
async def running(arena: Arena, contestant: Contestant, *, instances: int = 1) -> AsyncIterator[RunningContestant]:
    """Run so many instances of each of a contestant's workers, from ready to stopped.

    Raises:
        StackError: a worker does not become ready.
    """
    async with AsyncExitStack() as opened:
        connection = await opened.enter_async_context(await aio_pika.connect(arena.amqp_url(contestant.vhost)))
        started = RunningContestant(arena, contestant, connection, await connection.channel())
        await _empty(started)
        opened.push_async_callback(_stop, started)
        workers = [contestant.workers(arena) for _ in range(instances)]
        for number, each in enumerate(workers, 1):
            for worker in each:
                started.processes.setdefault(worker.name, []).append(await _start(arena, worker, number))
        await asyncio.gather(*(_until_ready(started, each, number) for number, each in enumerate(workers)))
        yield started


async def _empty(started: RunningContestant) -> None:
    """Make the queue of announced alerts, where the contestant does not, and drop what an earlier run left there."""
    contestant = started.contestant
    if contestant.form != "own-client":
        alerts = await started.channel.declare_queue(ALERTED, durable=True, arguments={"x-queue-type": "quorum"})
        if contestant.alerted_by:
            await alerts.bind(*contestant.alerted_by)
    await started.forget()


async def _start(arena: Arena, worker: Worker, number: int) -> Process:
    return await arena.stack.processes.start(
        f"{worker.name}-{number}", worker.command, worker.environment, working_folder=arena.stack.folder
    )


async def start_more_of_the_first_step(started: RunningContestant, count: int) -> None:
    """Start so many more processes of the first step; they end with the others. Raise StackError."""
    for _ in range(count):
        workers, instance = started.contestant.workers(started.arena)[:1], len(started.processes[started.first_step])
        process = await _start(started.arena, workers[0], instance + 1)
        started.processes[started.first_step].append(process)
        await _until_ready(started, workers, instance)


async def _until_ready(started: RunningContestant, workers: list[Worker], instance: int) -> None:
    for worker, queue in zip(workers, started.contestant.queues, strict=False):

        async def answers(port: int | None = worker.http_port, queue: str = queue) -> bool:
            if port is None:
                return await _consumers(started.connection, queue) > instance
            return await asyncio.to_thread(says_ready, port)

        await started.processes[worker.name][instance].until_ready(answers)


def says_ready(port: int) -> bool:
    """Return whether a service says on its port that it is ready."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


async def _stop(started: RunningContestant) -> None:
    """Stop it; what a peer still does for an orderly end is not waited for longer than it takes to be polite."""
    running = [process for each in started.processes.values() for process in each]
    await asyncio.gather(*(process.stop(_GRACE_SECONDS) for process in running))
