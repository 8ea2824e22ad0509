"""Each goal is judged by figures of one run."""

import pytest

from benchmarks.contestants import (
    CELERY,
    DRAMATIQ,
    FASTSTREAM,
    INBOX_OUTBOX,
    OURS,
    RELAY,
    Contestant,
)
from benchmarks.goals import Goal, Results, goals_of, goals_table
from benchmarks.growth import Stored
from benchmarks.latency import LOW_LOAD, Latency, Stretch
from benchmarks.throughput import Round, Throughput


def throughput(contestant: Contestant, rate: float, *, steps: float = 0.01, broker: float = 0.001) -> Throughput:
    """Return one second at a rate, and what a dossier cost in CPU seconds."""
    cost = {"step": rate * steps, "RabbitMQ": rate * broker, "benchmark": rate}
    return Throughput(contestant, {}, [Round(round(rate), 1, cost, {})])


def latency(contestant: Contestant, offered: float, *milliseconds: float, cost: float = 0.01) -> Latency:
    """Return one stretch, and what a dossier cost in CPU seconds."""
    spent = {"step": cost * len(milliseconds), "benchmark": 1.0}
    return Latency(contestant, offered, (Stretch(milliseconds, 1, spent),))


def stored(products: int, rate: float) -> Stored:
    return Stored(products, products, throughput(OURS, rate), latency(OURS, 10, 1))


def ratios(results: Results) -> dict[str, tuple[float | None, bool | None]]:
    """Return the ratio of each goal, and whether it is met."""
    return {goal.what: (None if goal.ratio is None else round(goal.ratio, 3), goal.met) for goal in goals_of(results)}


def test_throughput_is_held_against_everybody_elses() -> None:
    others = {INBOX_OUTBOX: 60, FASTSTREAM: 100, CELERY: 100, DRAMATIQ: 120, RELAY: 1000}
    measured = ratios(Results([throughput(OURS, 180), *(throughput(*each) for each in others.items())]))
    assert [measured[f"throughput ÷ {other.title}"] for other in others] == [
        (3, True),
        (1.8, True),
        (1.8, False),
        (1.5, True),
        (0.18, False),
    ]


def test_the_cost_is_held_against_plain_faststreams_without_the_generators() -> None:
    full = [throughput(OURS, 100, steps=0.008, broker=0.003), throughput(FASTSTREAM, 50, steps=0.009, broker=0.002)]
    half = [latency(OURS, 50, 1, cost=0.02), latency(FASTSTREAM, 50, 1, 1, cost=0.01)]
    measured = ratios(Results(full, half))
    assert measured["CPU a dossier under full load ÷ FastStream + Motor"] == (1, False)
    assert measured["CPU a dossier at half of our throughput ÷ FastStream + Motor"] == (2, False)
    assert measured["RabbitMQ's CPU a dossier under full load ÷ FastStream + Motor"] == (1.5, False)


def test_each_load_has_its_own_latencies() -> None:
    ours = [latency(OURS, 50, 10, 10, 30), latency(OURS, LOW_LOAD, 11, 11, 20)]
    plain = [latency(FASTSTREAM, 50, 10, 10, 20), latency(FASTSTREAM, LOW_LOAD, 10, 10, 20)]
    measured = ratios(Results(latencies=ours + plain))
    assert measured["p50 at half of our throughput ÷ FastStream + Motor"] == (1, True)
    assert measured["p50 at 5/s ÷ FastStream + Motor"] == (1.1, True)
    assert measured["p99 at half of our throughput ÷ FastStream + Motor"] == (1.5, False)
    assert measured["p99 at 5/s ÷ FastStream + Motor"] == (1, True)


def test_growth_is_judged_by_the_fullest_register_and_says_how_full_it_was() -> None:
    measured = ratios(Results(stored=[stored(1_000, 100), stored(100_000, 20), stored(1_000_000, 95)]))
    assert measured["throughput with 1,000,000 products, from a cold start ÷ with 1,000"] == (0.95, True)


@pytest.mark.parametrize(
    "results",
    [
        Results(),
        Results([throughput(OURS, 100)], [latency(OURS, 50, 1), latency(OURS, LOW_LOAD, 1)], [stored(1_000, 100)]),
        Results([throughput(each, 100) for each in (FASTSTREAM, INBOX_OUTBOX, CELERY, DRAMATIQ, RELAY)]),
    ],
    ids=["nothing", "ours alone", "the others alone"],
)
def test_without_both_figures_nothing_is_said(results: Results) -> None:
    assert {goal.met for goal in goals_of(results)} == {None}


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal("more", 1.2, "≥", 1.2), True),
        (Goal("more", 1.19, "≥", 1.2), False),
        (Goal("less", 1.3, "≤", 1.3), True),
        (Goal("less", 1.31, "≤", 1.3), False),
    ],
    ids=["just enough", "too little", "just not too much", "too much"],
)
def test_a_bound_is_part_of_its_goal(goal: Goal, met: bool) -> None:
    assert goal.met is met


def test_the_table_says_what_is_not_reached() -> None:
    table = goals_table(Results([throughput(OURS, 100), throughput(FASTSTREAM, 50), throughput(CELERY, 100)]))
    assert "| throughput ÷ FastStream + Motor | ≥ 1.2 | 2 | yes |" in table
    assert "| throughput ÷ Celery + PyMongo | ≥ 2 | 1 | **no** |" in table
    assert "| throughput ÷ Dramatiq + PyMongo | ≥ 1.5 | not measured | – |" in table
