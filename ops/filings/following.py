"""Follows a batch until each of its filings is answered, or no answer comes any more."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol


class Followed(Protocol):
    """What one command files: whether an answer is still to come, how far it is, and news of it."""

    @property
    def waits(self) -> bool:
        """Return whether an answer is still to come."""

    @property
    def how_far(self) -> str:
        """How many were filed, and answered, in words."""

    async def anything_new(self) -> None:
        """Wait until something new is known."""


async def until_answered(batch: Followed, following: asyncio.Task[None], *, patience_seconds: float) -> None:
    """Wait until each that was filed has its answer, or none has come for so long.

    Raises:
        Exception: whatever ended the following.
    """
    while batch.waits:
        news = asyncio.ensure_future(batch.anything_new())
        try:
            done, _pending = await asyncio.wait(
                {news, following}, timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            news.cancel()
        if following in done:
            following.result()
        if not done:
            return


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Let work that has no end go on for the length of a block."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
