"""What becomes of the services as everything grows: products in the register, a backlog, instances."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import aio_pika

from benchmarks.arena import Arena
from benchmarks.contestants import OURS
from benchmarks.dossiers import new_filings
from benchmarks.filing import file_all
from benchmarks.latency import Latency, latency_at
from benchmarks.plan import Plan
from benchmarks.records import counted
from benchmarks.register import fill, registered
from benchmarks.running import RunningContestant
from benchmarks.throughput import Throughput, measure_throughput


@dataclass(frozen=True)
class Stored:
    """The services with so many products in the register, at first and in the end."""

    products: int
    in_the_end: int
    throughput: Throughput
    latency: Latency


@dataclass(frozen=True)
class Stretch:
    """A tenth of a backlog: alerts so far, the rate since the last stretch, and the memory at its end."""

    alerted: int
    rate: float
    resident_bytes: dict[str, int]


@dataclass(frozen=True)
class Instances:
    """The services with so many instances of each."""

    count: int
    throughput: Throughput


async def measure_stored(arena: Arena, plan: Plan, products: int, *, offered: float | None) -> Stored:
    """Fill a register and measure throughput and latency: at the load that is offered, or else at half of the first.

    Raises:
        BenchmarkError: the services get stuck, or what they were given is not on record in the end.
        StackError: a service does not become ready.
    """
    arena.say(f"{products:,} products are filled in …")
    await fill(arena, count=products, seed=plan.seed)
    throughput = await measure_throughput(arena, OURS, plan, run="stored")
    (latency,) = await latency_at(arena, OURS, [offered or throughput.median / 2], plan)
    return Stored(products, await registered(arena), throughput, latency)


async def measure_instances(arena: Arena, plan: Plan, count: int) -> Instances:
    """Measure throughput with so many instances of each service. Raise BenchmarkError, StackError."""
    return Instances(count, await measure_throughput(arena, OURS, plan, run=f"instances-{count}", instances=count))


async def measure_backlog(arena: Arena, plan: Plan) -> AsyncIterator[Stretch]:
    """Start the services on a backlog that nobody has touched, and follow it to its end.

    The first stretch is the services as they start. Raise BenchmarkError, StackError.
    """
    arena.say(f"{plan.backlog:,} dossiers are filed …")
    filings = islice(new_filings(plan.seed, "backlog"), plan.backlog)
    async with await aio_pika.connect(arena.amqp_url(OURS.vhost)) as connection:
        await file_all(arena, OURS, await connection.channel(), filings)
    async with counted(arena, OURS, backlog=plan.backlog) as services:
        earlier = Stretch(await services.alerted(), 0, dict(services.usage().resident_bytes))
        yield earlier
        for tenth in range(1, 11):
            earlier = await _stretch(services, plan.backlog * tenth // 10, earlier)
            arena.say(f"{earlier.alerted:,} alerts, {earlier.rate:.0f} dossiers/s")
            yield earlier


async def _stretch(services: RunningContestant, until: int, earlier: Stretch) -> Stretch:
    begun = monotonic()
    await services.until_alerted(until)
    now = await services.alerted()
    return Stretch(now, (now - earlier.alerted) / (monotonic() - begun), dict(services.usage().resident_bytes))
