"""The four steps, taken by a fake ledger that can be slow, be away, or be overtaken."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.contracts.envelope import Event
from shared.errors import ConflictError, OutageError
from shared.steps import MAX_CONFLICTS, Decision, take_steps

EVENT = Event(id="1", source="/ocop/registry", type="t", data={"n": 1}, time=datetime(2026, 11, 23, tzinfo=UTC))
DECISION = Decision(key="k", announced=(EVENT,))


class FakeLedger:
    """A ledger in memory; before each write, the next of `disturbances` happens."""

    def __init__(self, *disturbances: Exception | Decision) -> None:
        self.decisions: dict[str, Decision] = {}
        self._disturbances = list(disturbances)
        self.attempts = 0

    async def find(self, key: str) -> Decision | None:
        return self.decisions.get(key)

    async def record(self, decision: Decision) -> None:
        self.attempts += 1
        match self._disturbances.pop(0) if self._disturbances else None:
            case Decision() as faster:
                self.decisions[faster.key] = faster
            case Exception() as error:
                raise error
        if decision.key in self.decisions:
            raise ConflictError
        self.decisions[decision.key] = decision


class Announcer:
    def __init__(self) -> None:
        self.announced: list[Event] = []

    async def __call__(self, event: Event) -> None:
        self.announced.append(event)


async def decide() -> Decision:
    return DECISION


async def test_what_is_decided_is_recorded_and_then_announced() -> None:
    ledger, announce = FakeLedger(), Announcer()

    assert await take_steps("k", ledger=ledger, decide=decide, announce=announce) == DECISION

    assert ledger.decisions == {"k": DECISION}
    assert announce.announced == [EVENT]


async def test_a_second_delivery_gets_the_stored_answer_and_nothing_is_decided() -> None:
    ledger, announce = FakeLedger(), Announcer()
    ledger.decisions["k"] = DECISION

    async def never() -> Decision:
        raise AssertionError("decided twice")

    await take_steps("k", ledger=ledger, decide=never, announce=announce)

    assert announce.announced == [EVENT]


async def test_who_is_overtaken_announces_what_the_faster_one_recorded() -> None:
    faster = Decision(key="k", announced=(replace(EVENT, data={"n": 2}),))
    ledger, announce = FakeLedger(faster), Announcer()

    await take_steps("k", ledger=ledger, decide=decide, announce=announce)

    assert announce.announced == list(faster.announced)


async def test_a_conflict_over_something_else_is_decided_anew() -> None:
    ledger, announce = FakeLedger(ConflictError(), ConflictError()), Announcer()
    decided: list[int] = []

    async def count() -> Decision:
        decided.append(1)
        return DECISION

    await take_steps("k", ledger=ledger, decide=count, announce=announce)

    assert len(decided) == 3
    assert announce.announced == [EVENT]


async def test_a_conflict_whose_record_cannot_be_read_yet_waits_and_does_not_spin() -> None:
    ledger, announce = FakeLedger(*[ConflictError()] * 1000), Announcer()

    with pytest.raises(OutageError):
        await take_steps("k", ledger=ledger, decide=decide, announce=announce)

    assert ledger.attempts == MAX_CONFLICTS
    assert announce.announced == []


async def test_nothing_is_announced_that_is_not_recorded() -> None:
    announce = Announcer()

    with pytest.raises(OutageError):
        await take_steps("k", ledger=FakeLedger(OutageError()), decide=decide, announce=announce)

    assert announce.announced == []
