"""What the services are to reach beside the others, each goal a ratio of two figures of one run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, TypeVar

from benchmarks.contestants import CELERY, DRAMATIQ, FASTSTREAM, INBOX_OUTBOX, OURS, RELAY, Contestant
from benchmarks.cost import without_own
from benchmarks.growth import Stored
from benchmarks.latency import LOW_LOAD, Latency
from benchmarks.tables import table
from benchmarks.throughput import Throughput

_Measured = TypeVar("_Measured", Throughput, Latency)


@dataclass
class Results:
    """What a run has measured so far, of what there are goals for."""

    throughput: Sequence[Throughput] = ()
    latencies: list[Latency] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)


@dataclass(frozen=True)
class Goal:
    """A ratio that is to be no less, or no more, than a bound; None where the run did not measure both figures."""

    what: str
    ratio: float | None
    sign: Literal["≥", "≤"]
    bound: float

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where that was not measured."""
        if self.ratio is None:
            return None
        return self.ratio >= self.bound if self.sign == "≥" else self.ratio <= self.bound


def goals_of(results: Results) -> list[Goal]:
    """Return each goal with its ratio in these results."""
    return [*_of_throughput(results), *_of_cost(results), *_of_latency(results), _of_growth(results.stored)]


def goals_table(results: Results) -> str:
    """Return the goals, what became of each, and whether it is met."""
    return table(
        ("ours ÷ the other's", "goal", "this run", "met"),
        (
            (
                goal.what,
                f"{goal.sign} {goal.bound:g}",
                "not measured" if goal.ratio is None else f"{goal.ratio:.3g}",
                {None: "–", True: "yes", False: "**no**"}[goal.met],
            )
            for goal in goals_of(results)
        ),
    )


def _of_throughput(results: Results) -> Iterator[Goal]:
    bounds = {INBOX_OUTBOX: 3, FASTSTREAM: 1.2, CELERY: 2, DRAMATIQ: 1.5, RELAY: 0.2}
    for other, bound in bounds.items():
        ratio = _ratio(results.throughput, other, lambda measured: measured.median)
        yield Goal(f"throughput ÷ {other.title}", ratio, "≥", bound)


def _of_cost(results: Results) -> Iterator[Goal]:
    full = _ratio(results.throughput, FASTSTREAM, lambda measured: without_own(measured.cpu_milliseconds()))
    half = _ratio(_at_half(results.latencies), FASTSTREAM, lambda measured: measured.cpu_milliseconds)
    broker = _ratio(results.throughput, FASTSTREAM, lambda measured: measured.cpu_milliseconds().get("RabbitMQ", 0))
    yield Goal(f"CPU a dossier under full load ÷ {FASTSTREAM.title}", full, "≤", 0.95)
    yield Goal(f"CPU a dossier at half of our throughput ÷ {FASTSTREAM.title}", half, "≤", 1.0)
    yield Goal(f"RabbitMQ's CPU a dossier under full load ÷ {FASTSTREAM.title}", broker, "≤", 1.4)


def _of_latency(results: Results) -> Iterator[Goal]:
    loads = (("half of our throughput", _at_half(results.latencies)), (f"{LOW_LOAD:g}/s", _at_low(results.latencies)))
    for name, share, bounds in (("p50", 0.5, (1.2, 1.1)), ("p99", 0.99, (1.3, 1.3))):
        for (load, latencies), bound in zip(loads, bounds, strict=True):
            ratio = _ratio(latencies, FASTSTREAM, partial(Latency.percentile, share=share))
            yield Goal(f"{name} at {load} ÷ {FASTSTREAM.title}", ratio, "≤", bound)


def _of_growth(stored: Sequence[Stored]) -> Goal:
    """Return the goal for the fullest register, which is a million products in the full size only."""
    if len(stored) < 2:
        return Goal("throughput with more products, from a cold start ÷ with few", None, "≥", 0.95)
    few, many = stored[0], stored[-1]
    what = f"throughput with {many.products:,} products, from a cold start ÷ with {few.products:,}"
    return Goal(what, many.throughput.median / few.throughput.median, "≥", 0.95)


def _at_half(latencies: Sequence[Latency]) -> list[Latency]:
    return [each for each in latencies if each.offered != LOW_LOAD]


def _at_low(latencies: Sequence[Latency]) -> list[Latency]:
    return [each for each in latencies if each.offered == LOW_LOAD]


def _ratio(measured: Sequence[_Measured], other: Contestant, figure: Callable[[_Measured], float]) -> float | None:
    """Return our figure divided by another's, or None where one of them was not measured."""
    figures = {each.contestant: figure(each) for each in measured if each.contestant in (OURS, other)}
    return figures[OURS] / figures[other] if len(figures) == 2 and figures[other] else None
