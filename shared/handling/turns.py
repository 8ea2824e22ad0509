"""Whose turn it is: events that bear on the same thing are decided in the order in which they came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from shared.errors import OutageError


class Turns:
    """Lets tasks pass one after the other, by key, in the order in which they first asked.

    A task that meets an outage keeps its turn: those behind it wait until it has tried again, or has ended. Otherwise
    whoever tries again first after the outage would be decided first.
    """

    def __init__(self) -> None:
        self._lines: dict[str, dict[asyncio.Task[object], asyncio.Event]] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for this task's turn, and keep it in here; after an OutageError beyond, until the task ends."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a message is handled in a task")
        try:
            await self._place(key, task).wait()
            yield
        except OutageError:
            raise
        except BaseException:
            self._leave(key, task)
            raise
        self._leave(key, task)

    def _place(self, key: str, task: asyncio.Task[object]) -> asyncio.Event:
        """Return what is set at a task's turn; who has a place in the line keeps it."""
        line = self._lines.setdefault(key, {})
        if task not in line:
            line[task] = asyncio.Event()
            task.add_done_callback(partial(self._leave, key))
        turn = line[task]
        if next(iter(line)) is task:
            turn.set()
        return turn

    def _leave(self, key: str, task: asyncio.Task[object]) -> None:
        line = self._lines.get(key, {})
        line.pop(task, None)
        if line:
            next(iter(line.values())).set()
        else:
            self._lines.pop(key, None)
