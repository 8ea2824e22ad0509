"""What becomes of the services as everything grows: products in the register, a backlog, instances."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from time import monotonic

import aio_pika

from benchmarks.arena import Arena
from benchmarks.contestants import OURS
from benchmarks.dossiers import Filing, new_filings
from benchmarks.filing import file_all
from benchmarks.latency import Latency, latency_at
from benchmarks.plan import Plan
from benchmarks.register import fill
from benchmarks.running import Running, running
from benchmarks.throughput import Throughput, rounds


@dataclass(frozen=True)
class Stored:
    """The services with so many products in the register."""

    products: int
    throughput: Throughput
    latency: Latency


@dataclass(frozen=True)
class Stretch:
    """A tenth of a backlog: alerts so far, the rate since the last stretch, and the memory at its end."""

    told: int
    rate: float
    resident_bytes: dict[str, int]


@dataclass(frozen=True)
class Instances:
    """The services with so many instances of each."""

    count: int
    throughput: Throughput


async def measure_stored(arena: Arena, plan: Plan) -> list[Stored]:
    """Measure throughput and latency with a fuller and fuller register; latency at the same load throughout."""
    filings = new_filings(plan.seed, "stored")
    results: list[Stored] = []
    for already, products in pairwise((0, *plan.stored)):
        await fill(arena, already=already, count=products, seed=plan.seed)
        async with running(arena, OURS) as services:
            throughput = await _throughput(services, filings, plan)
            offered = results[0].latency.offered if results else throughput.median / 2
            results.append(Stored(products, throughput, await latency_at(services, filings, offered, plan)))
    return results


async def measure_instances(arena: Arena, plan: Plan) -> list[Instances]:
    """Measure throughput with more and more instances of each service."""
    filings = new_filings(plan.seed, "instances")
    results = []
    for count in plan.instances:
        async with running(arena, OURS, instances=count) as services:
            results.append(Instances(count, await _throughput(services, filings, plan)))
            arena.tell(f"{count} instances of each: {results[-1].throughput.median:.0f} dossiers/s")
    return results


async def measure_backlog(arena: Arena, plan: Plan) -> list[Stretch]:
    """Start the services on a backlog that nobody has touched, and follow it to its end."""
    filings = islice(new_filings(plan.seed, "backlog"), plan.backlog)
    async with await aio_pika.connect(arena.amqp_url(OURS.vhost)) as connection:
        await file_all(arena, OURS, await connection.channel(), filings)
    arena.tell(f"{plan.backlog:,} dossiers wait")
    stretches: list[Stretch] = []
    async with running(arena, OURS) as services:
        for tenth in range(1, 11):
            stretches.append(await _stretch(services, plan.backlog * tenth // 10, stretches))
            arena.tell(f"{stretches[-1].told:,} told, {stretches[-1].rate:.0f} dossiers/s")
    return stretches


async def _throughput(services: Running, filings: Iterator[Filing], plan: Plan) -> Throughput:
    measured = Throughput(OURS, dict(services.usage().resident_bytes))
    measured.rounds.extend([each async for each in rounds(services, filings, plan)])
    return measured


async def _stretch(services: Running, until: int, earlier: list[Stretch]) -> Stretch:
    told, begun = earlier[-1].told if earlier else 0, monotonic()
    await services.until_told(until)
    now = await services.told()
    return Stretch(now, (now - told) / (monotonic() - begun), dict(services.usage().resident_bytes))
