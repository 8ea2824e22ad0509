"""How long from filing to the told alert, under a load that does not wait for anybody."""

import asyncio
import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from aio_pika.abc import AbstractIncomingMessage

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import OURS, RELAY, TOLD, Contestant
from benchmarks.dossiers import Filing, new_filings
from benchmarks.filing import intake_of, message
from benchmarks.plan import Plan
from benchmarks.running import PATIENCE_SECONDS, Running, running
from benchmarks.throughput import rounds, warm


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest value that so large a share (0 to 1) of them does not exceed. Raises ValueError without any."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


@dataclass(frozen=True)
class Latency:
    """Milliseconds of each dossier, from the moment at which it was due to be filed, at so many dossiers a second."""

    contestant: Contestant
    offered: float
    milliseconds: tuple[float, ...]


@dataclass
class _Watch:
    """When each dossier was due, and how long its alert took; `done` once all alerts are told."""

    expected: int
    due: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def note(self, told: AbstractIncomingMessage) -> None:
        """Take in the message that tells of an alert: its story began with the dossier's id."""
        id = str(told.headers.get("ce-correlationid") or told.headers["ce-id"])
        if id in self.due:
            self.seconds.append(asyncio.get_running_loop().time() - self.due.pop(id))
        if len(self.seconds) == self.expected:
            self.done.set()


async def measure_latency(arena: Arena, plan: Plan) -> list[Latency]:
    """Measure the services at half their throughput, and the raw relay at the same load."""
    filings = new_filings(plan.seed, "latency")
    async with running(arena, OURS) as services:
        half = statistics.median([each.rate async for each in rounds(services, filings, plan)]) / 2
        ours = await latency_at(services, filings, half, plan)
    async with running(arena, RELAY) as relay:
        await warm(relay, filings, plan)
        return [ours, await latency_at(relay, filings, half, plan)]


async def latency_at(started: Running, filings: Iterator[Filing], offered: float, plan: Plan) -> Latency:
    """Offer a fixed load for the plan's time and give the latency of each dossier.

    Raises:
        BenchmarkError: not every dossier has its alert a minute after the last was filed.
    """
    await started.forget()
    offering = list(islice(filings, max(round(offered * plan.latency_seconds), 5)))
    watch = _Watch(len(offering))
    told = await started.channel.get_queue(TOLD)
    tag = await told.consume(watch.note, no_ack=True)
    await _offer(started, offering, offered, watch)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await watch.done.wait()
    except TimeoutError:
        raise BenchmarkError(f"{started.contestant.title}: {len(watch.due)} dossiers have no alert") from None
    await told.cancel(tag)
    measured = Latency(started.contestant, offered, tuple(1000 * each for each in watch.seconds))
    p50, p99 = (percentile(measured.milliseconds, share) for share in (0.5, 0.99))
    started.arena.tell(f"{started.contestant.title} at {offered:.0f}/s: p50 {p50:.0f} ms, p99 {p99:.0f} ms")
    return measured


async def _offer(started: Running, offering: list[Filing], offered: float, watch: _Watch) -> None:
    """File each dossier when it is due, whatever has become of the earlier ones.

    Latency counts from when it was due: where the generator itself is late, that is part of what a sender would see.
    """
    contestant, clock = started.contestant, asyncio.get_running_loop().time
    exchange = await intake_of(started.channel, contestant)
    ready = [(filing.id, message(filing, contestant)) for filing in offering]
    begun = clock()
    async with asyncio.TaskGroup() as publishing:
        for number, (id, each) in enumerate(ready):
            watch.due[id] = begun + number / offered
            await asyncio.sleep(max(watch.due[id] - clock(), 0))
            publishing.create_task(exchange.publish(each, contestant.routing_key))
