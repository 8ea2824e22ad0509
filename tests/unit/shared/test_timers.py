"""What falls due is handled once: late, with two instances, after a crash, and never where it was overtaken."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.timers import BROKEN_OFF_AFTER, LOOK_SECONDS
from tests.unit import memory
from tests.unit.shared.cards import TIMETABLE, VALID, WARNED_BEFORE, Card, Cards, card_is_due
from tests.unit.shared.timed import START, Instance, World

A_DAY = timedelta(days=1)
WARNING, END = START + VALID - WARNED_BEFORE, START + VALID
RENEWED, WARNED, ENDED = ("10-a", "renewed"), ("10-a", "expiring-0"), ("10-a", "expired-0")
NEVER = datetime.max.replace(tzinfo=UTC)


@pytest.fixture
async def world() -> World:
    return World()


@pytest.fixture
async def instance(world: World) -> Instance:
    """An instance that has begun a card."""
    instance = await Instance.started(world)
    await instance.renew("10-a", 0)
    return instance


async def test_a_milestone_is_handled_at_its_time_and_once(world: World, instance: Instance) -> None:
    world.clock.now = WARNING - timedelta(seconds=1)
    assert await instance.look() == WARNING
    assert world.said == [RENEWED]

    world.clock.now = WARNING
    for _ in range(3):
        assert await instance.look() == NEVER

    assert [each.data["said"] for each in world.announced] == ["renewed", "expiring-0"]


async def test_what_is_due_takes_the_four_steps_under_an_id_that_follows_from_the_milestone(
    world: World, instance: Instance
) -> None:
    world.clock.now = WARNING
    await instance.look()

    record = world.records[-1]
    again = World()
    again.clock.now = START
    other = await Instance.started(again)
    await other.renew("10-a", 0)
    again.clock.now = END
    await other.look()
    assert record["history"]["version"] == 2
    assert record["_id"] == again.records[1]["_id"]


async def test_over_ten_years_each_milestone_is_handled_at_its_time(world: World, instance: Instance) -> None:
    times: dict[str, datetime] = {}
    for day in range(3653):
        world.clock.now = START + day * A_DAY
        if day % 330 == 0 and 0 < day < 2000:
            await instance.renew("10-a", day)
        await instance.look()
        times |= {said: world.clock.now for _, said in world.said if said not in times}

    renewals = [START + day * A_DAY for day in range(0, 2000, 330)]
    warnings = {f"expiring-{n}": each + VALID - WARNED_BEFORE for n, each in enumerate(renewals)}
    assert times == {"renewed": START, **warnings, "expired-6": renewals[-1] + VALID}
    assert len(world.announced) == 7 + 7 + 1


async def test_after_downtime_what_is_late_is_handled_once_in_its_order(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()
    world.clock.now = END + 30 * A_DAY

    restarted = await Instance.started(world)
    await restarted.look()
    await restarted.look()

    assert [(each.data["card"], each.data["said"]) for each in world.announced] == [RENEWED, WARNED, ENDED]


async def test_what_an_event_has_overtaken_is_never_handled(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()
    world.clock.now = WARNING
    await instance.renew("10-a", 1)  # its document of now is behind

    await instance.timers.look()

    assert world.said == [RENEWED, RENEWED]
    assert world.now_documents[0]["version"] == 2  # and was mended
    assert world.now_documents[0]["next_due"] == WARNING + VALID - WARNED_BEFORE


async def test_two_instances_that_find_the_same_end_in_one_record(world: World, instance: Instance) -> None:
    other = await Instance.started(world)
    for n in range(30):
        await instance.renew(f"10-{n}", 0)
    await instance.write_behind.flush()
    world.clock.now = WARNING

    await asyncio.gather(instance.look(), other.look())

    milestones = [each.data["card"] for each in world.announced if each.data["said"] == "expiring-0"]
    assert sorted(milestones) == sorted({*(f"10-{n}" for n in range(30)), "10-a"})
    assert len(world.records) == 2 * 31


async def test_what_was_recorded_and_not_announced_is_announced_by_whoever_looks_next(
    world: World, instance: Instance
) -> None:
    world.clock.now, world.breaks = WARNING, True
    with pytest.raises(OutageError):
        await instance.look()
    world.breaks = False
    assert world.said == [RENEWED]

    other = await Instance.started(world)
    await other.look()
    assert world.said == [RENEWED]  # the first may be at it still
    world.clock.now += BROKEN_OFF_AFTER
    for _ in range(2):
        await other.look()

    assert [(each.data["card"], each.data["said"]) for each in world.announced] == [RENEWED, WARNED]
    assert len(world.records) == 2


async def test_what_was_overtaken_after_an_instance_died_on_it_is_never_handled(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.now = WARNING
    with monkeypatch.context() as patched:
        patched.setattr(instance.cards.records, "record", _away)
        with pytest.raises(OutageError):
            await instance.look()
    await instance.renew("10-a", 1)

    world.clock.now += BROKEN_OFF_AFTER
    await instance.look()

    assert world.said == [RENEWED, RENEWED]


async def test_what_was_begun_by_a_clock_that_was_stepped_back_since_is_announced(
    world: World, instance: Instance
) -> None:
    world.clock.now, world.breaks = WARNING, True
    with pytest.raises(OutageError):
        await instance.look()
    world.clock.now, world.breaks = START, False

    await instance.look()

    assert world.said == [RENEWED, WARNED]


async def test_what_is_not_due_yet_by_a_clock_that_was_stepped_back_waits_for_its_time(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.clock.now = WARNING
    with monkeypatch.context() as patched:
        patched.setattr(instance.cards.records, "record", _away)
        with pytest.raises(OutageError):
            await instance.look()
    world.clock.now = START
    await instance.look()
    assert world.said == [RENEWED]
    assert len(world.database.derived("milestones").documents) == 1  # another instance may be at it

    world.clock.now = WARNING + BROKEN_OFF_AFTER
    await instance.look()

    assert world.said == [RENEWED, WARNED]


async def test_a_clock_that_is_stepped_back_during_a_look_does_not_put_off_the_next(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, looked_again = 0, asyncio.Event()

    async def look() -> datetime:
        nonlocal looks
        looks += 1
        world.clock.now -= A_DAY
        if looks > 1:
            looked_again.set()
        return NEVER

    monkeypatch.setattr("shared.timers.LOOK_SECONDS", 0.01)
    monkeypatch.setattr(instance.timers, "look", look)
    running = asyncio.create_task(instance.timers.run())

    await asyncio.wait_for(looked_again.wait(), 10)

    running.cancel()


async def _away(_: Decision) -> None:
    raise OutageError("the database is away")


async def test_a_page_that_is_due_hides_nothing_behind_it(
    world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MAX_BATCH", 10)
    for n in range(25):
        await instance.renew(f"10-{n}", 0)
    world.clock.now = WARNING

    await instance.look()

    assert len(world.said) == 2 * 26


async def _keeps_it_due(cards: Cards, version: Version[Card], event: Event) -> Decision:
    decision = await card_is_due(cards, version, event)
    return replace(decision, version=version.then(version.state))


async def _breaks(cards: Cards, version: Version[Card], event: Event) -> Decision:
    if version.of == "10-a":
        raise ZeroDivisionError
    return await card_is_due(cards, version, event)


@pytest.mark.parametrize("decide", [_keeps_it_due, _breaks])
async def test_a_decision_that_settles_nothing_is_not_recorded_and_an_error(
    world: World, instance: Instance, decide: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors: list[str] = []
    monkeypatch.setattr("shared.timers.log_bug", lambda _, **fields: errors.append(fields["milestone"]))
    timers = instance.with_timetable(replace(TIMETABLE, decide=decide))
    await instance.write_behind.flush()
    world.clock.now = WARNING

    await timers.look()

    assert errors == ["expiring-0"]
    assert len(world.records) == 1


async def test_the_loop_looks_when_something_nearer_falls_due(world: World, instance: Instance) -> None:
    world.clock.now = WARNING - timedelta(seconds=LOOK_SECONDS / 2)
    running = asyncio.create_task(instance.timers.run())
    await asyncio.sleep(0)  # it has looked, and found nothing
    world.clock.now = WARNING
    world.published.clear()

    await instance.write_behind.flush()
    await asyncio.wait_for(world.published.wait(), LOOK_SECONDS / 10)

    running.cancel()
    assert world.said == [RENEWED, WARNED]


async def test_an_outage_ends_no_loop(world: World, instance: Instance) -> None:
    await instance.write_behind.flush()
    world.clock.now, world.breaks = WARNING, True
    running = asyncio.create_task(instance.timers.run())
    await asyncio.sleep(0)
    world.breaks = False
    world.clock.now += BROKEN_OFF_AFTER
    world.published.clear()

    instance.timers.waken()
    await asyncio.wait_for(world.published.wait(), LOOK_SECONDS / 10)

    running.cancel()
    assert world.said == [RENEWED, WARNED]
