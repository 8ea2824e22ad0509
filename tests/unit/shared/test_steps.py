"""The four steps, taken by a fake records that can be slow, be away, or be overtaken."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shared.contracts.event import Event
from shared.errors import ConflictError, OutageError
from shared.handling.outcome import Answered, Decision, Provisional, Retry
from shared.handling.steps import MAX_CONFLICTS, Decide, Steps, announce, recorded

EVENT = Event(id="1", source="/ocop/registry", type="t", data={"n": 1}, time=datetime(2026, 11, 23, tzinfo=UTC))
DECISION = Decision(key="k", announced=(EVENT,))


class FakeRecords:
    """A records in memory; before each write, the next of `disturbances` happens."""

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


async def take(key: str, *, records: FakeRecords, decide: Decide, announcer: Announcer) -> Decision:
    decision = await recorded(key, records=records, decide=decide)
    await announce(decision, announcer)
    return decision


async def decide(_: int) -> Decision:
    return DECISION


async def test_what_is_decided_is_recorded_and_then_announced() -> None:
    records, announcer = FakeRecords(), Announcer()

    assert await take("k", records=records, decide=decide, announcer=announcer) == DECISION

    assert records.decisions == {"k": DECISION}
    assert announcer.announced == [EVENT]


async def test_a_second_delivery_gets_the_stored_answer_and_nothing_is_decided() -> None:
    records, announcer = FakeRecords(), Announcer()
    records.decisions["k"] = DECISION

    async def never(_: int) -> Decision:
        raise AssertionError("decided twice")

    await take("k", records=records, decide=never, announcer=announcer)

    assert announcer.announced == [EVENT]


async def test_who_is_overtaken_announces_what_the_faster_one_recorded() -> None:
    faster = Decision(key="k", announced=(replace(EVENT, data={"n": 2}),))
    records, announcer = FakeRecords(faster), Announcer()

    await take("k", records=records, decide=decide, announcer=announcer)

    assert announcer.announced == list(faster.announced)


async def test_a_conflict_over_something_else_is_decided_anew() -> None:
    records, announcer = FakeRecords(ConflictError(), ConflictError()), Announcer()
    decided: list[int] = []

    async def count(_: int) -> Decision:
        decided.append(1)
        return DECISION

    await take("k", records=records, decide=count, announcer=announcer)

    assert len(decided) == 3
    assert announcer.announced == [EVENT]


async def test_a_conflict_whose_record_cannot_be_read_yet_waits_and_does_not_spin() -> None:
    records, announcer = FakeRecords(*[ConflictError()] * 1000), Announcer()

    with pytest.raises(OutageError):
        await take("k", records=records, decide=decide, announcer=announcer)

    assert records.attempts == MAX_CONFLICTS
    assert announcer.announced == []


async def test_nothing_is_announced_that_is_not_recorded() -> None:
    announcer = Announcer()

    with pytest.raises(OutageError):
        await take("k", records=FakeRecords(OutageError()), decide=decide, announcer=announcer)

    assert announcer.announced == []


async def test_where_deciding_has_no_effect_a_new_event_costs_no_look_up() -> None:
    class Unread(FakeRecords):
        async def find(self, key: str) -> Decision | None:
            raise AssertionError(key)

    assert await recorded("k", records=Unread(), decide=decide, assume_new=True) == DECISION


async def test_where_it_was_decided_first_a_second_delivery_gets_the_stored_answer() -> None:
    records, anew = FakeRecords(), replace(DECISION, announced=(replace(EVENT, data={"n": 2}),))
    records.decisions["k"] = DECISION

    async def decide_anew(_: int) -> Decision:
        return anew

    assert await recorded("k", records=records, decide=decide_anew, assume_new=True) == DECISION
    assert records.decisions == {"k": DECISION}


@pytest.mark.parametrize("repeated", [False, True])
async def test_an_outage_while_announcing_says_whether_the_record_is_new(repeated: bool) -> None:
    async def away(_: Event) -> None:
        raise OutageError

    with pytest.raises(OutageError) as raised:
        await announce(replace(DECISION, repeated=repeated), away)

    assert raised.value.recorded is not repeated


async def test_what_came_before_under_an_ordering_key_can_be_waited_for() -> None:
    records, may_decide = FakeRecords(), asyncio.Event()
    steps = Steps(Announcer())

    async def slowly(_: int) -> Decision:
        await may_decide.wait()
        return DECISION

    before = asyncio.create_task(steps.take("k", records, slowly, ordering_key="session/S1"))
    await asyncio.sleep(0)
    behind = asyncio.create_task(steps.await_turn("session/S1"))
    await asyncio.wait_for(asyncio.create_task(steps.await_turn("session/S2")), 1)
    assert not behind.done()

    may_decide.set()
    await behind
    assert records.decisions == {"k": DECISION}
    await before


async def test_what_may_change_in_a_moment_is_answered_at_the_last_attempt_alone() -> None:
    records, announcer = FakeRecords(), Announcer()
    reason = "there is no product 1 yet"
    early = replace(DECISION, provisional=Provisional(reason, delays=2))

    async def decide_early(_: int) -> Decision:
        return early

    outcome = await Steps(announcer).take("k", records, decide_early)

    assert isinstance(outcome, Retry)
    assert replace(outcome, last_resort=None) == Retry("too-early", reason, early=True, delays=2)
    assert (records.decisions, announcer.announced) == ({}, [])
    assert outcome.last_resort
    assert await outcome.last_resort() == Answered(early)
    assert announcer.announced == [EVENT]
