"""Calls that happen at the same time travel together, and each gets its own result.

    look_up = GroupCommit(send, operation="find", max_items=200)
    document = await look_up("key")

A lone call goes at once. While one batch is on its way the next one gathers, so the busier the sender, the larger the
batches: nobody waits for a clock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Generic, TypeVar

from shared.metrics import BATCH_SIZE, DATABASE_SECONDS

Item = TypeVar("Item")
Result = TypeVar("Result")


class GroupCommit(Generic[Item, Result]):
    """Sends items in batches of at most `max_items`, one batch at a time; `operation` is what the metrics call it.

    `send` gives the result of each item, in their order; an exception among the results is raised to its item's caller
    alone. Where `send` itself raises, all callers of the batch get that.
    """

    def __init__(
        self,
        send: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        operation: str,
        max_items: int,
    ) -> None:
        self._send = send
        self._max_items = max_items
        self._size, self._seconds = BATCH_SIZE.labels(operation), DATABASE_SECONDS.labels(operation)
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._sender: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Send an item with the others that wait, and return its own result."""
        answered: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answered))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_waiting())
        return await answered

    async def _send_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._max_items], self._waiting[self._max_items :]
            results = await self._results([item for item, _ in batch])
            for (_, answered), result in zip(batch, results, strict=True):
                if answered.done():  # its caller was cancelled
                    continue
                if isinstance(result, Exception):
                    answered.set_exception(result)
                else:
                    answered.set_result(result)

    async def _results(self, items: list[Item]) -> Sequence[Result | Exception]:
        self._size.observe(len(items))
        started = perf_counter()
        try:
            results = await self._send(items)
        except Exception as error:  # noqa: BLE001  # each caller gets it, and the next batch goes its way
            return [error] * len(items)
        finally:
            self._seconds.observe(perf_counter() - started)
        if len(results) != len(items):
            return [RuntimeError(f"{len(results)} results for {len(items)} items")] * len(items)
        return results
