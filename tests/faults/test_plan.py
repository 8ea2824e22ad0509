"""What a run does follows from its seed alone, and no kind of fault or message is left to luck."""

from itertools import islice
from typing import get_args

from tests.faults.messages import Case, Kind
from tests.faults.schedule import Leg, Schedule
from tests.faults.stream import Stream


def cases(seed: int, count: int = 400) -> list[Case]:
    return list(islice(Stream(seed, year=2026).cases(), count))


def legs(seed: int, faults: int, *, nodes: int = 1) -> list[Leg]:
    return list(Schedule(seed, nodes=nodes).legs(faults))


def kinds_of_faults(legs: list[Leg]) -> list[str]:
    return [fault.kind for leg in legs for _, fault in leg.faults]


def test_the_same_seed_makes_the_same_messages() -> None:
    assert cases(1) == cases(1)
    assert cases(1) != cases(2)


def test_the_same_seed_makes_the_same_faults() -> None:
    assert legs(1, 50) == legs(1, 50)
    assert legs(1, 50) != legs(2, 50)


def test_every_kind_of_message_comes() -> None:
    assert {case.kind for case in cases(1)} == set(get_args(Kind))


def test_no_two_messages_are_the_same() -> None:
    bodies = [(each.id, each.body, each.sender) for case in cases(1) for each in case.messages]
    assert len(bodies) == len(set(bodies))


def test_as_many_faults_come_as_are_asked_for() -> None:
    assert len(kinds_of_faults(legs(1, 50))) == 50


def test_the_short_form_has_every_kind_of_fault() -> None:
    found = kinds_of_faults(legs(1, 19))
    assert {"kill broker", "kill database", "kill mail-server", "deliver answered events again"} <= set(found)
    assert {f"kill {service}" for service in ("registry", "evaluation", "notifications")} <= set(found)
    for verb in ("cut", "half-close", "drop", "delay"):
        assert {f"{verb} connections to broker", f"{verb} connections to database"} <= set(found)
    assert {kind.partition(" ")[0] for kind in found} >= {"stop", "freeze"}
    assert {"step clocks over New Year", "step clocks back"} <= set(found)


def test_every_node_of_a_cluster_is_killed() -> None:
    faults = [fault for leg in legs(1, 19, nodes=3) for _, fault in leg.faults]
    assert {f"broker-{number}" for number in (1, 2, 3)} <= {getattr(fault, "server", "") for fault in faults}
