"""How much is measured: three sizes, and what changes them."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum


class Size(StrEnum):
    """How long a run takes on two cores: `tiny` two minutes, `small` an hour, `full` two hours."""

    TINY = "tiny"
    SMALL = "small"
    FULL = "full"


@dataclass(frozen=True)
class Plan:
    """What one run measures. The seed draws the dossiers and the answers."""

    seed: int
    rounds: int
    #: how often `throughput` goes through its contestants, every second time backwards, with so many rounds of each
    passes: int
    round_seconds: float
    warm_dossiers: int
    #: a stretch of the latency's load takes so long or longer, until all stretches together have so many dossiers
    latency_seconds: float
    latency_dossiers: int
    latency_stretches: int
    #: contestants, by name, whose latency is not measured: in the smallest size those that start slowly
    latency_without: tuple[str, ...]
    #: how many of the settings are tried, None for all
    variants: int | None
    #: products in the register before a measurement, in ascending order
    stored: tuple[int, ...]
    #: products among which is searched
    searched: int
    #: products of which reports are made
    reported: int
    #: times that each report is asked for, and the command started
    report_times: int
    backlog: int
    instances: tuple[int, ...]
    #: registries that there are on the same communes, in ascending order
    registries: tuple[int, ...]
    #: that a council's session has
    council_products: int
    #: of the country's busiest day that is played
    country_share: float
    #: to a webhook's receiver that never answers, beside which mails are sent
    hanging_deliveries: int
    assessments: int
    #: rounds in which every kind of event is read
    readings: int
    starts: int
    demo_runs: int
    #: whether each measurement gets a broker and a database that nobody has used
    fresh_for_each: bool
    #: GiB that must be free where broker and database lie
    disk_gib: int

    def dossiers_at(self, rate: float) -> int:
        """Return how many dossiers a round has at this rate."""
        return max(round(rate * self.round_seconds), 5)

    def stretch_at(self, offered: float) -> int:
        """Return how many dossiers a stretch has at a load, in dossiers a second."""
        return max(round(offered * self.latency_seconds), math.ceil(self.latency_dossiers / self.latency_stretches))


_PLANS = {
    Size.TINY: Plan(
        seed=26,
        rounds=1,
        passes=1,
        round_seconds=0.5,
        warm_dossiers=5,
        latency_seconds=1,
        latency_dossiers=5,
        latency_stretches=1,
        latency_without=("celery",),
        variants=1,
        stored=(50,),
        searched=100,
        reported=100,
        report_times=1,
        backlog=50,
        instances=(2,),
        registries=(2,),
        council_products=6,
        country_share=0.002,
        hanging_deliveries=20,
        assessments=100,
        readings=3,
        starts=1,
        demo_runs=1,
        fresh_for_each=False,
        disk_gib=2,
    ),
    Size.SMALL: Plan(
        seed=26,
        rounds=3,
        passes=1,
        round_seconds=5,
        warm_dossiers=100,
        latency_seconds=20,
        latency_dossiers=1_000,  # of which ten are beyond the p99
        latency_stretches=1,
        latency_without=(),
        variants=None,
        stored=(1_000, 10_000),
        searched=10_000,
        reported=20_000,
        report_times=5,
        backlog=5_000,
        instances=(1, 2),
        registries=(1, 2, 4),
        council_products=60,
        country_share=0.1,
        hanging_deliveries=10_000,
        assessments=5_000,
        readings=50,
        starts=5,
        demo_runs=2,
        fresh_for_each=True,
        disk_gib=4,
    ),
    Size.FULL: Plan(
        seed=26,
        rounds=4,
        passes=2,
        round_seconds=10,
        warm_dossiers=500,
        latency_seconds=40,
        latency_dossiers=1_000,
        latency_stretches=3,
        latency_without=(),
        variants=None,
        stored=(1_000, 100_000, 1_000_000),
        searched=100_000,
        reported=100_000,
        report_times=5,
        backlog=200_000,
        instances=(1, 2, 4),
        registries=(1, 2, 4),
        council_products=60,
        country_share=1,
        hanging_deliveries=10_000,
        assessments=50_000,
        readings=500,
        starts=10,
        demo_runs=2,
        fresh_for_each=True,
        disk_gib=25,
    ),
}


def plan_of(size: Size, *, seed: int | None = None, rounds: int | None = None) -> Plan:
    """Return the plan of a size, with another seed or number of rounds where one is given."""
    plan = _PLANS[size]
    return replace(plan, seed=plan.seed if seed is None else seed, rounds=rounds or plan.rounds)
