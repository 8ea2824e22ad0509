"""How long from filing to the recorded alert, under a load that does not wait for anybody."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from time import monotonic

from aio_pika.abc import AbstractIncomingMessage

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import (
    ALERTED,
    CELERY,
    DRAMATIQ,
    FASTSTREAM,
    INBOX_OUTBOX,
    OURS,
    RELAY,
    Contestant,
)
from benchmarks.cost import without_own
from benchmarks.dossiers import BenchmarkDossier, new_filings
from benchmarks.filing import each_by_itself
from benchmarks.plan import Plan
from benchmarks.records import counted
from benchmarks.running import PATIENCE_SECONDS, RunningContestant
from benchmarks.throughput import drain

#: Whose latency is measured, at the same loads.
AT_THE_SAME_LOAD = (OURS, FASTSTREAM, INBOX_OUTBOX, CELERY, DRAMATIQ, RELAY)
#: Dossiers a second of a load that leaves the machine nearly idle.
LOW_LOAD = 5.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that a share (0 to 1) of them does not exceed. Raise ValueError without any."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


@dataclass(frozen=True)
class Stretch:
    """Some time at a load: milliseconds of each dossier, seconds until the last alert, and CPU seconds by process."""

    milliseconds: tuple[float, ...]
    seconds: float
    cpu_seconds: Mapping[str, float]


@dataclass(frozen=True)
class Latency:
    """How long dossiers took from the moment at which they were due to be filed, at so many dossiers a second.

    The load was offered in several stretches, with a pause between them.
    """

    contestant: Contestant
    offered: float
    stretches: tuple[Stretch, ...]

    @property
    def dossiers(self) -> int:
        """How many dossiers were offered."""
        return sum(len(each.milliseconds) for each in self.stretches)

    @property
    def handled(self) -> float:
        """Dossiers a second until the last alert: fewer than were offered where the load could not be carried."""
        return self.dossiers / sum(each.seconds for each in self.stretches)

    def percentile(self, share: float) -> float:
        """Return the percentile over all stretches, in milliseconds."""
        return percentile(list(chain.from_iterable(each.milliseconds for each in self.stretches)), share)

    def range(self, share: float) -> tuple[float, float]:
        """Return the lowest and the highest percentile of a stretch, in milliseconds."""
        each = [percentile(stretch.milliseconds, share) for stretch in self.stretches]
        return min(each), max(each)

    @property
    def cpu_milliseconds(self) -> float:
        """CPU milliseconds a dossier of steps, broker and database, over all stretches."""
        return 1000 * sum(without_own(each.cpu_seconds) for each in self.stretches) / self.dossiers


@dataclass
class _Watch:
    """When each dossier was due, how long its alert took, and the time of the last; `done` once all are recorded."""

    contestant: Contestant
    expected: int
    due: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    latest: float = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, alerted: AbstractIncomingMessage) -> None:
        """Take in the message that announces an alert."""
        id = self.contestant.dossier_of(alerted)
        if id in self.due:
            self.latest = monotonic()
            self.seconds.append(self.latest - self.due.pop(id))
        if len(self.seconds) == self.expected:
            self.done.set()

    async def until_done(self) -> None:
        """Wait for the last alert. Raise BenchmarkError where none comes for too long."""
        while not self.done.is_set():
            heard = len(self.seconds)
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self.done.wait()
            except TimeoutError:
                if len(self.seconds) == heard:
                    raise BenchmarkError(f"{self.contestant.title}: {len(self.due)} dossiers have no alert") from None


async def latency_at(arena: Arena, contestant: Contestant, loads: Sequence[float], plan: Plan) -> list[Latency]:
    """Start a contestant, warm it, and offer it each load for as long as the plan says.

    Raises:
        BenchmarkError: no alert comes for a minute while some are missing.
        StackError: a worker does not become ready.
    """
    filings, measured = new_filings(plan.seed, "latency"), []
    async with counted(arena, contestant) as started:
        await drain(started, filings, 2 * plan.warm_dossiers)
        for offered in loads:
            stretches = []
            for number in range(1, plan.latency_stretches + 1):
                arena.say(f"{contestant.title}: {offered:.0f} dossiers/s, stretch {number} of {plan.latency_stretches}")
                stretches.append(await _stretch(started, list(islice(filings, plan.stretch_at(offered))), offered))
            measured.append(Latency(contestant, offered, tuple(stretches)))
    for each in measured:
        p50, p99 = (each.percentile(share) for share in (0.5, 0.99))
        arena.say(f"{contestant.title} at {each.offered:.0f}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return measured


async def _stretch(started: RunningContestant, offering: list[BenchmarkDossier], offered: float) -> Stretch:
    await started.forget()
    watch = _Watch(started.contestant, len(offering))
    alerts = await started.channel.get_queue(ALERTED)
    tag = await alerts.consume(watch.note, no_ack=True)
    before = started.usage()
    begun = await _offer(started, offering, offered, watch)
    await watch.until_done()
    after = started.usage()
    await alerts.cancel(tag)
    return Stretch(tuple(1000 * each for each in watch.seconds), watch.latest - begun, after.cpu_since(before))


async def _offer(started: RunningContestant, offering: list[BenchmarkDossier], offered: float, watch: _Watch) -> float:
    """File each dossier when it is due, whatever has become of the earlier ones. Return when the first was due.

    Latency counts from when it was due: where the generator itself is late, that is part of what a sender would see.
    """
    started.filed += len(offering)
    async with each_by_itself(started.arena, started.contestant, started.channel, offering) as ready:
        begun = monotonic()
        async with asyncio.TaskGroup() as filing:
            for number, (dossier, file) in enumerate(zip(offering, ready, strict=True)):
                watch.due[dossier.id] = begun + number / offered
                await asyncio.sleep(max(watch.due[dossier.id] - monotonic(), 0))
                filing.create_task(file())
    return begun
