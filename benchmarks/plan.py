"""How much is measured: three sizes, and what changes them."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Size(StrEnum):
    """How long a run takes on two cores: `tiny` a minute or two, `small` half an hour, `full` an hour or two."""

    TINY = "tiny"
    SMALL = "small"
    FULL = "full"


@dataclass(frozen=True)
class Plan:
    """What one run measures. The seed draws the dossiers and the answers."""

    seed: int
    rounds: int
    round_seconds: float
    warm_dossiers: int
    latency_seconds: float
    #: products in the register before a measurement, in ascending order
    stored: tuple[int, ...]
    backlog: int
    instances: tuple[int, ...]
    assessments: int
    starts: int
    demo_runs: int
    #: whether each benchmark, and each contestant of `throughput`, gets a broker and a database that nobody has used
    fresh_for_each: bool

    def dossiers_at(self, rate: float) -> int:
        """Give how many dossiers a round has at this rate."""
        return max(round(rate * self.round_seconds), 5)


_PLANS = {
    Size.TINY: Plan(
        seed=26,
        rounds=1,
        round_seconds=0.5,
        warm_dossiers=5,
        latency_seconds=1,
        stored=(50,),
        backlog=50,
        instances=(2,),
        assessments=100,
        starts=1,
        demo_runs=1,
        fresh_for_each=False,
    ),
    Size.SMALL: Plan(
        seed=26,
        rounds=3,
        round_seconds=5,
        warm_dossiers=100,
        latency_seconds=20,
        stored=(1_000, 10_000),
        backlog=5_000,
        instances=(1, 2),
        assessments=5_000,
        starts=5,
        demo_runs=2,
        fresh_for_each=True,
    ),
    Size.FULL: Plan(
        seed=26,
        rounds=7,
        round_seconds=10,
        warm_dossiers=500,
        latency_seconds=120,
        stored=(1_000, 100_000, 1_000_000),
        backlog=200_000,
        instances=(1, 2, 4),
        assessments=50_000,
        starts=10,
        demo_runs=2,
        fresh_for_each=True,
    ),
}


def plan_of(size: Size, *, seed: int | None = None, rounds: int | None = None) -> Plan:
    """Give the plan of a size, with another seed or number of rounds where one is given."""
    plan = _PLANS[size]
    return replace(plan, seed=plan.seed if seed is None else seed, rounds=rounds or plan.rounds)
