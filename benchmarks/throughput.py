"""Dossiers fully handled a second, what each of them costs, and how much memory the processes hold."""

import statistics
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from time import monotonic

from benchmarks.arena import Arena
from benchmarks.contestants import Contestant
from benchmarks.dossiers import BenchmarkDossier, new_filings
from benchmarks.plan import Plan
from benchmarks.records import counted
from benchmarks.running import RunningContestant


@dataclass(frozen=True)
class Round:
    """A backlog drained: how many dossiers, from the first that was taken to the last alert that was recorded."""

    dossiers: int
    seconds: float
    cpu_seconds: dict[str, float]
    resident_bytes: dict[str, int]

    @property
    def rate(self) -> float:
        """Dossiers a second."""
        return self.dossiers / self.seconds


@dataclass(frozen=True)
class Throughput:
    """The rounds of one contestant."""

    contestant: Contestant
    idle_bytes: dict[str, int]
    rounds: list[Round] = field(default_factory=list)

    def with_rounds_of(self, again: "Throughput") -> "Throughput":
        """Return this with the rounds of the same contestant, started another time."""
        return replace(self, rounds=[*self.rounds, *again.rounds])

    @property
    def median(self) -> float:
        """Median of the rounds' dossiers a second."""
        return statistics.median(each.rate for each in self.rounds)

    @property
    def slowest(self) -> float:
        """The slowest round's dossiers a second."""
        return min(each.rate for each in self.rounds)

    @property
    def fastest(self) -> float:
        """The fastest round's dossiers a second."""
        return max(each.rate for each in self.rounds)

    def cpu_milliseconds(self) -> dict[str, float]:
        """Return the CPU milliseconds a dossier of each process, over all rounds."""
        dossiers = sum(each.dossiers for each in self.rounds)
        names = dict.fromkeys(name for each in self.rounds for name in each.cpu_seconds)
        return {name: 1000 * sum(each.cpu_seconds.get(name, 0) for each in self.rounds) / dossiers for name in names}


async def measure_throughput(
    arena: Arena, contestant: Contestant, plan: Plan, *, run: str, instances: int = 1
) -> Throughput:
    """Start a contestant, warm it, and give it several backlogs; the dossiers are those of this `run`.

    Raises:
        BenchmarkError: it gets stuck, or what it was given is not on record in the end.
        StackError: a worker does not become ready.
    """
    filings = new_filings(plan.seed, run)
    async with counted(arena, contestant, instances=instances) as started:
        measured = Throughput(contestant, dict(started.usage().resident_bytes))
        measured.rounds.extend([each async for each in rounds(started, filings, plan)])
    arena.say(f"{contestant.title}: {measured.median:.0f} dossiers/s ({measured.slowest:.0f}-{measured.fastest:.0f})")
    return measured


async def rounds(started: RunningContestant, filings: Iterator[BenchmarkDossier], plan: Plan) -> AsyncIterator[Round]:
    """Yield the plan's rounds; before them a contestant is warmed with rounds that do not count."""
    say, title = started.arena.say, started.contestant.title
    say(f"{title}: warming …")
    rate = await warm(started, filings, plan)
    for number in range(1, plan.rounds + 1):
        each = await drain(started, filings, plan.dossiers_at(rate))
        rate = each.rate
        say(f"{title}: round {number} of {plan.rounds}, {rate:.0f} dossiers/s")
        yield each


async def warm(started: RunningContestant, filings: Iterator[BenchmarkDossier], plan: Plan) -> float:
    """Warm a contestant up with its first dossiers. Return how many it handles a second, about."""
    await drain(started, filings, plan.warm_dossiers)
    return (await drain(started, filings, plan.warm_dossiers)).rate


async def drain(started: RunningContestant, filings: Iterator[BenchmarkDossier], count: int) -> Round:
    """File a backlog while the first step is held, let go, and wait for its last alert."""
    await started.forget()
    async with started.held():
        await started.file(list(islice(filings, count)))
        before = started.usage()
    begun = monotonic()
    await started.until_alerted(count)
    seconds, after = monotonic() - begun, started.usage()
    return Round(count, seconds, after.cpu_since(before), dict(after.resident_bytes))
