"""How long from filing to the recorded alert, under a load that does not wait for anybody."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from aio_pika.abc import AbstractIncomingMessage

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import ALERTED, FASTSTREAM, OURS, RELAY, Contestant
from benchmarks.dossiers import BenchmarkDossier, new_filings
from benchmarks.filing import intake_of, message
from benchmarks.plan import Plan
from benchmarks.records import counted
from benchmarks.running import PATIENCE_SECONDS, RunningContestant
from benchmarks.throughput import warm

#: Whose latency is measured, at the same load.
AT_THE_SAME_LOAD = (OURS, FASTSTREAM, RELAY)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that a share (0 to 1) of them does not exceed. Raise ValueError without any."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


@dataclass(frozen=True)
class Latency:
    """Milliseconds of each dossier, from the moment at which it was due to be filed, at so many dossiers a second.

    The load was offered in several stretches, with a pause between them.
    """

    contestant: Contestant
    offered: float
    stretches: tuple[tuple[float, ...], ...]

    def percentile(self, share: float) -> float:
        """Return the percentile over all stretches."""
        return percentile(list(chain(*self.stretches)), share)

    def range(self, share: float) -> tuple[float, float]:
        """Return the lowest and the highest percentile of a stretch."""
        each = [percentile(stretch, share) for stretch in self.stretches]
        return min(each), max(each)


@dataclass
class _Watch:
    """When each dossier was due, and how long its alert took; `done` once all alerts are recorded."""

    expected: int
    due: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, alerted: AbstractIncomingMessage) -> None:
        """Take in the message that announces an alert: its correlation id is the dossier's id."""
        id = str(alerted.headers.get("ce-correlationid") or alerted.headers.get("ce-id") or alerted.correlation_id)
        if id in self.due:
            self.seconds.append(asyncio.get_running_loop().time() - self.due.pop(id))
        if len(self.seconds) == self.expected:
            self.done.set()


async def latency_at(arena: Arena, contestant: Contestant, offered: float, plan: Plan) -> Latency:
    """Start a contestant, warm it, and offer it a fixed load for the plan's time.

    Raises:
        BenchmarkError: not every dossier has its alert a minute after the last was filed.
        StackError: a worker does not become ready.
    """
    filings = new_filings(plan.seed, "latency")
    count = max(round(offered * plan.latency_seconds), 5)
    async with counted(arena, contestant) as started:
        await warm(started, filings, plan)
        stretches = []
        for number in range(1, plan.latency_stretches + 1):
            arena.say(f"{contestant.title}: {offered:.0f} dossiers/s, {number} of {plan.latency_stretches} stretches")
            stretches.append(await _stretch(started, list(islice(filings, count)), offered))
    measured = Latency(contestant, offered, tuple(stretches))
    p50, p99 = (measured.percentile(share) for share in (0.5, 0.99))
    arena.say(f"{contestant.title} at {offered:.0f}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return measured


async def _stretch(started: RunningContestant, offering: list[BenchmarkDossier], offered: float) -> tuple[float, ...]:
    await started.forget()
    watch = _Watch(len(offering))
    alerts = await started.channel.get_queue(ALERTED)
    tag = await alerts.consume(watch.note, no_ack=True)
    await _offer(started, offering, offered, watch)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await watch.done.wait()
    except TimeoutError:
        raise BenchmarkError(f"{started.contestant.title}: {len(watch.due)} dossiers have no alert") from None
    await alerts.cancel(tag)
    return tuple(1000 * each for each in watch.seconds)


async def _offer(started: RunningContestant, offering: list[BenchmarkDossier], offered: float, watch: _Watch) -> None:
    """File each dossier when it is due, whatever has become of the earlier ones.

    Latency counts from when it was due: where the generator itself is late, that is part of what a sender would see.
    """
    contestant, clock = started.contestant, asyncio.get_running_loop().time
    exchange = await intake_of(started.channel, contestant)
    ready = [(filing.id, message(filing, contestant)) for filing in offering]
    started.filed += len(ready)
    begun = clock()
    async with asyncio.TaskGroup() as publishing:
        for number, (id, each) in enumerate(ready):
            watch.due[id] = begun + number / offered
            await asyncio.sleep(max(watch.due[id] - clock(), 0))
            publishing.create_task(exchange.publish(each, contestant.routing_key))
