"""What `ocop submit` says while no answer comes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ops.dossiers.batch import DossierBatch
from ops.dossiers.outcomes import DossierStatus, Ending
from ops.dossiers.submitting import ON_THE_WAY
from ops.filings.waiting import reason_of, say_why_it_waits
from ops.queues.state import QueueKind, QueueState

LIFE, SUBMITTED, *_ = ON_THE_WAY


def states(*, of_registry: int, of_evaluation: int) -> list[QueueState]:
    """Return the queues on the way, read by so many instances of each service."""
    return [
        QueueState(LIFE, QueueKind.WORK, waiting=3, consumers=of_registry),
        QueueState(SUBMITTED, QueueKind.WORK, waiting=0, consumers=of_evaluation),
    ]


def test_the_queues_on_the_way_are_those_of_dossiers_and_of_what_the_registry_makes_of_them() -> None:
    assert ON_THE_WAY[:2] == ("registry.life", "evaluation.product-submitted")
    assert {"registry.retry.1s", "registry.retry.30s", "evaluation.retry.1m"} <= {*ON_THE_WAY}


def test_a_service_that_is_away_is_named() -> None:
    assert reason_of(states(of_registry=0, of_evaluation=1)).startswith(
        "registry.life: no consumer: is registry running"
    )
    assert reason_of(states(of_registry=1, of_evaluation=0)).startswith(f"{SUBMITTED}: no consumer")


def test_where_nothing_is_unusual_it_is_said_what_waits_where() -> None:
    assert reason_of(states(of_registry=1, of_evaluation=1)) == (
        "Waiting: 3 in registry.life, 0 in evaluation.product-submitted; ocop queues shows more"
    )


def test_what_is_looked_at_again_is_said_where_it_waits() -> None:
    """A code that nobody has is answered after 36 seconds: its registration may be on its way."""
    again = QueueState("registry.retry.30s", QueueKind.RETRY, waiting=1, consumers=0)
    none = QueueState("registry.retry.5s", QueueKind.RETRY, waiting=0, consumers=0)
    reason = reason_of([*states(of_registry=1, of_evaluation=1), none, again])

    assert reason == "Looked at again in a moment, since what they name may be on its way: 1"
    assert reason_of([*states(of_registry=0, of_evaluation=1), again]).startswith("registry.life: no consumer")


async def said(batch: DossierBatch, *seen: Sequence[QueueState], after: int) -> list[str]:
    """Return what is said until the queues were looked at so often; of these states the last one stays."""
    lines: list[str] = []
    looks, enough = [*seen], asyncio.Event()
    count = 0

    async def look() -> Sequence[QueueState]:
        nonlocal count
        count += 1
        if count > after:
            enough.set()
        return looks.pop(0) if len(looks) > 1 else looks[0]

    saying = asyncio.create_task(
        say_why_it_waits(batch, look, lines.append, patience_seconds=60, look_after_seconds=0.001)
    )
    await enough.wait()
    saying.cancel()
    return lines


def filed() -> DossierBatch:
    batch = DossierBatch("5b1c7a30-0000-4000-8000-000000000001", [Path("a.json"), Path("b.json"), Path("c.json")])
    batch.note(batch.filings[0], Ending(DossierStatus.RATED))
    batch.note(batch.filings[1], Ending(DossierStatus.FILED))
    return batch


async def test_a_reason_is_said_once_with_how_far_it_is_and_for_how_long_it_waits() -> None:
    (line,) = await said(filed(), states(of_registry=0, of_evaluation=1), after=3)

    assert line.startswith("2 of 3 filed, 1 answered; it waits 60 s for the next answer. registry.life: no consumer")


async def test_another_reason_is_said_too() -> None:
    lines = await said(filed(), states(of_registry=0, of_evaluation=1), states(of_registry=1, of_evaluation=0), after=3)

    assert [line.partition("answer. ")[2].partition(":")[0] for line in lines] == [LIFE, SUBMITTED]
