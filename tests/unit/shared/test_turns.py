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


async def test_nothing_is_kept_of_who_has_passed() -> None:
    passing, again = Passing(), asyncio.Event()
    passing.away = {"a"}
    waiting = asyncio.create_task(passing.until_passed("a", again))
    await settle()
    passing.away.clear()
    again.set()
    await waiting
    await settle()

    assert passing.turns._lines == {}
