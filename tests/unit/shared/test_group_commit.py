"""Calls at the same time travel together; held against a model: each gets what it would have got alone."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.storage.collection import GroupCommit


class Sender:
    """Answers a number with its square, refuses negative ones, and breaks down on the batches it is told to."""

    def __init__(self, *, breaks_down_on: frozenset[int] = frozenset(), pauses: int = 1) -> None:
        self.batches: list[list[int]] = []
        self.under_way = 0
        self._breaks_down_on = breaks_down_on
        self._pauses = pauses

    async def __call__(self, numbers: Sequence[int]) -> list[int | Exception]:
        assert self.under_way == 0, "two batches at once"
        self.under_way += 1
        self.batches.append(list(numbers))
        for _ in range(self._pauses):
            await asyncio.sleep(0)
        self.under_way -= 1
        if len(self.batches) - 1 in self._breaks_down_on:
            raise ConnectionError
        return [ValueError(number) if number < 0 else number * number for number in numbers]


def result_alone(number: int) -> int | str:
    return f"ValueError({number})" if number < 0 else number * number


@given(
    numbers=st.lists(st.integers(-50, 50), max_size=60),
    max_items=st.integers(1, 20),
    pauses=st.lists(st.integers(0, 3), min_size=60, max_size=60),
)
def test_each_gets_its_own_result(numbers: list[int], max_items: int, pauses: list[int]) -> None:
    sender = Sender()

    async def call(batches: GroupCommit[int, int], number: int, pause: int) -> int | str:
        for _ in range(pause):
            await asyncio.sleep(0)
        try:
            return await batches(number)
        except ValueError as refused:
            return repr(refused)

    async def run() -> list[int | str]:
        batches = GroupCommit(sender, operation="test", max_items=max_items)
        return await asyncio.gather(*(call(batches, n, p) for n, p in zip(numbers, pauses, strict=False)))

    assert asyncio.run(run()) == list(map(result_alone, numbers))
    assert sorted(number for batch in sender.batches for number in batch) == sorted(numbers)
    assert all(len(batch) <= max_items for batch in sender.batches)


@given(
    count=st.integers(1, 60),
    max_items=st.integers(1, 20),
    broken=st.frozensets(st.integers(0, 10)),
    cancelled=st.frozensets(st.integers(0, 59)),
)
def test_an_outage_fails_all_of_a_batch_and_a_cancellation_only_its_own(
    count: int, max_items: int, broken: frozenset[int], cancelled: frozenset[int]
) -> None:
    sender = Sender(breaks_down_on=broken, pauses=3)

    async def run() -> list[int | BaseException]:
        batches = GroupCommit(sender, operation="test", max_items=max_items)
        calls = [asyncio.create_task(batches(number)) for number in range(count)]
        await asyncio.sleep(0)
        for number in cancelled:
            if number < count:
                calls[number].cancel()
        return await asyncio.gather(*calls, return_exceptions=True)

    results = asyncio.run(run())

    batch_of = {number: n for n, batch in enumerate(sender.batches) for number in batch}
    for number, result in enumerate(results):
        if number in cancelled:
            assert isinstance(result, asyncio.CancelledError)
        elif batch_of[number] in broken:
            assert isinstance(result, ConnectionError)
        else:
            assert result == number * number


async def test_a_lone_call_goes_at_once_and_the_rest_gathers_behind_it() -> None:
    sender = Sender()
    batches = GroupCommit(sender, operation="test", max_items=100)

    first = asyncio.create_task(batches(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = [asyncio.create_task(batches(number)) for number in (2, 3, 4)]
    await asyncio.gather(first, *rest)

    assert sender.batches == [[1], [2, 3, 4]]


async def test_a_sender_that_forgets_an_answer_is_a_bug_that_shows() -> None:
    async def forgetful(numbers: Sequence[int]) -> list[int | Exception]:
        return [number for number in numbers if number > 1]

    batches = GroupCommit(forgetful, operation="test", max_items=10)

    with pytest.raises(RuntimeError, match="0 results for 1 items"):
        await batches(1)
