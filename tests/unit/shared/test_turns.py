"""Who came first is first, also after an outage."""

import asyncio

import pytest

from shared.errors import OutageError
from shared.handling.steps import Turns


class Passing:
    """Tasks that want to pass, and the order in which they did; `away` are those that meet an outage at first."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.passed: list[str] = []
        self.away: set[str] = set()

    async def try_once(self, name: str, key: str = "38-14758") -> None:
        async with self.turns.turn(key):
            await asyncio.sleep(0)
            if name in self.away:
                raise OutageError("away")
            self.passed.append(name)

    async def until_passed(self, name: str, waits: asyncio.Event, key: str = "38-14758") -> None:
        while True:
            try:
                await self.try_once(name, key)
            except OutageError:
                await waits.wait()
            else:
                return


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_tasks_pass_in_the_order_in_which_they_came() -> None:
    passing = Passing()
    await asyncio.gather(*(passing.try_once(name) for name in "abcd"))

    assert passing.passed == list("abcd")


async def test_nobody_overtakes_a_task_that_waits_for_the_end_of_an_outage() -> None:
    passing, again = Passing(), asyncio.Event()
    passing.away = {"rejection"}
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(passing.until_passed("rejection", again))
        tasks.create_task(passing.try_once("correction"))
        await settle()
        assert passing.passed == []
        passing.away.clear()
        again.set()

    assert passing.passed == ["rejection", "correction"]


async def test_another_key_does_not_wait() -> None:
    passing, again = Passing(), asyncio.Event()
    passing.away = {"rejection"}
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(passing.until_passed("rejection", again))
        await passing.try_once("another product", key="38-14797")
        waiting.cancel()

    assert passing.passed == ["another product"]


@pytest.mark.parametrize("waits_in_line", [False, True])
async def test_a_task_that_is_broken_off_lets_the_next_pass(*, waits_in_line: bool) -> None:
    passing, again = Passing(), asyncio.Event()
    passing.away = {"first"}
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(passing.until_passed("first", again))
        second = tasks.create_task(passing.try_once("second"))
        tasks.create_task(passing.try_once("third"))
        await settle()
        if waits_in_line:
            second.cancel()
            await settle()
            assert passing.passed == []
        first.cancel()

    assert passing.passed == (["third"] if waits_in_line else ["second", "third"])


async def test_what_fails_otherwise_lets_the_next_pass() -> None:
    passing = Passing()
    with pytest.raises(ZeroDivisionError):
        async with passing.turns.turn("38-14758"):
            raise ZeroDivisionError
    await passing.try_once("next")

    assert passing.passed == ["next"]


async def test_tasks_do_not_wait_for_what_each_has_kept_in_an_outage() -> None:
    """Two tasks take two turns each, crosswise, meet an outage in their second ones, and begin anew."""
    passing, again, both = Passing(), asyncio.Event(), asyncio.Barrier(2)
    passing.away = {"second of a", "second of b"}

    async def take_two(name: str, first: str, second: str) -> None:
        await passing.try_once(f"first of {name}", first)
        await both.wait()
        try:
            await passing.try_once(f"second of {name}", second)
        except OutageError:
            await again.wait()
            await passing.try_once(f"first of {name}", first)
            await passing.try_once(f"second of {name}", second)

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(take_two("a", "38-14758", "38-14797"))
        tasks.create_task(take_two("b", "38-14797", "38-14758"))
        await settle()
        passing.away.clear()
        again.set()
    await settle()

    assert sorted(passing.passed[-4:]) == ["first of a", "first of b", "second of a", "second of b"]
    assert (passing.turns._lines, passing.turns._kept) == ({}, {})


async def test_who_waits_for_another_turn_lets_nobody_overtake_meanwhile() -> None:
    passing, sits, again = Passing(), asyncio.Event(), asyncio.Event()
    passing.away = {"card", "session"}

    async def file_card() -> None:
        try:
            await passing.try_once("card", "38-14758")
        except OutageError:
            await again.wait()
            await passing.try_once("card's session", "2026-1")
            await passing.try_once("card", "38-14758")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(file_card())
        tasks.create_task(passing.until_passed("session", sits, "2026-1"))
        tasks.create_task(passing.try_once("conclusion", "38-14758"))
        await settle()
        passing.away.clear()
        again.set()
        await settle()
        assert passing.passed == []
        sits.set()

    assert passing.passed == ["session", "card's session", "card", "conclusion"]


async def test_nothing_is_kept_of_who_has_passed() -> None:
    passing, again = Passing(), asyncio.Event()
    passing.away = {"a"}
    waiting = asyncio.create_task(passing.until_passed("a", again))
    await settle()
    passing.away.clear()
    again.set()
    await waiting
    await settle()

    assert (passing.turns._lines, passing.turns._kept) == ({}, {})
