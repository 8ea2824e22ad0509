"""Several registries on few communes: serial numbers must not be a race, whose loser waits."""

import asyncio
import statistics
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

from aio_pika.abc import AbstractExchange, AbstractIncomingMessage

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import OURS
from benchmarks.dossiers import BenchmarkDossier, new_filings
from benchmarks.filing import intake_of, message
from benchmarks.plan import Plan
from benchmarks.records import counted
from benchmarks.running import PATIENCE_SECONDS, RunningContestant, start_more_of_the_first_step
from benchmarks.throughput import warm
from services.registry.units import COMMUNES
from shared.contracts.catalogue import EVENTS, PRODUCT_SUBMITTED

#: Dossiers on their way at the same time, as many as a registry has in flight: the next is filed when one is answered.
ON_THEIR_WAY = 100
#: How many communes these are of.
PLACES = (1, 8)

_ANSWERS = f"{PRODUCT_SUBMITTED.name}.v1.#"


@dataclass(frozen=True)
class Registries:
    """So many registries on so many communes: dossiers answered a second, by round, and the longest that one took."""

    registries: int
    communes: int
    rates: tuple[float, ...]
    longest_seconds: float

    @property
    def median(self) -> float:
        """Median of the rounds' dossiers a second."""
        return statistics.median(self.rates)


@dataclass
class _Answers:
    """The dossiers that wait for their answer, and how long the others have waited, in seconds."""

    awaited: dict[str, asyncio.Event] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    async def note(self, submitted: AbstractIncomingMessage) -> None:
        """Take in an answer of the registry, whose correlation id is the dossier's id."""
        if answered := self.awaited.pop(str(submitted.headers["ce-correlationid"]), None):
            answered.set()


async def measure_registries(arena: Arena, plan: Plan, registries: int, communes: int) -> Registries:
    """Start the services with so many registries, and keep dossiers of so many communes on their way.

    Raises:
        BenchmarkError: a dossier gets no answer, or what was filed is not on record in the end.
        StackError: a service does not become ready.
    """
    places = sorted(COMMUNES)[:communes]
    filings = new_filings(plan.seed, f"registries-{registries}-{communes}", communes=places)
    async with counted(arena, OURS) as started:
        await start_more_of_the_first_step(started, registries - 1)
        await warm(started, filings, plan)
        await started.forget()
        before = started.filed
        async with _answers(started) as answers:
            rates = tuple([await _round(started, filings, answers, plan.round_seconds) for _ in range(plan.rounds)])
        await started.until_alerted(started.filed - before)
    measured = Registries(registries, communes, rates, max(answers.seconds))
    arena.say(
        f"{registries} registries, {communes} communes: {measured.median:.0f} dossiers/s, "
        f"the longest took {measured.longest_seconds:.2f} s"
    )
    return measured


@asynccontextmanager
async def _answers(started: RunningContestant) -> AsyncIterator[_Answers]:
    answers = _Answers()
    queue = await started.channel.declare_queue(exclusive=True)
    await queue.bind(EVENTS, _ANSWERS)
    tag = await queue.consume(answers.note, no_ack=True)
    yield answers
    await queue.cancel(tag)
    await queue.delete(if_unused=False, if_empty=False)


async def _round(
    started: RunningContestant, filings: Iterator[BenchmarkDossier], answers: _Answers, seconds: float
) -> float:
    """Keep dossiers on their way for so many seconds. Return how many were answered a second, until the last was."""
    clock, numbers = asyncio.get_running_loop().time, count()
    exchange = await intake_of(started.channel, OURS)
    begun = clock()

    async def one_after_the_other() -> None:
        while clock() - begun < seconds:
            next(numbers)
            answers.seconds.append(await _answered(exchange, next(filings), answers))

    async with asyncio.TaskGroup() as filing:
        for _ in range(ON_THEIR_WAY):
            filing.create_task(one_after_the_other())
    filed = next(numbers)
    started.filed += filed
    return filed / (clock() - begun)


async def _answered(exchange: AbstractExchange, filing: BenchmarkDossier, answers: _Answers) -> float:
    """File a dossier. Return the seconds until its answer."""
    filed, answered = asyncio.get_running_loop().time(), asyncio.Event()
    answers.awaited[filing.id] = answered
    await exchange.publish(message(filing, OURS), OURS.routing_key)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await answered.wait()
    except TimeoutError:
        raise BenchmarkError(f"{filing.id} was not answered within {PATIENCE_SECONDS} s") from None
    return asyncio.get_running_loop().time() - filed
