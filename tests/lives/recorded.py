"""Hears which filings evaluation has put on record: a session or a scorecard has no answer to wait for."""

import asyncio
from collections.abc import Collection
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection


class Recorded:
    """The ids of the filings that are on record, as they come."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._heard = asyncio.Condition()

    async def listen(self, collection: AsyncCollection[dict[str, Any]], listening: asyncio.Event) -> None:
        """Hear of every record until it is cancelled; `listening` is set once none is missed."""
        async with await collection.watch() as changes:
            listening.set()
            async for change in changes:
                event = (change.get("fullDocument") or {}).get("event")
                if event:
                    await self._hear(event["id"])

    async def _hear(self, id: str) -> None:
        async with self._heard:
            self._ids.add(id)
            self._heard.notify_all()

    async def until(self, ids: Collection[str], seconds: float) -> Collection[str]:
        """Wait until all are on record, and return those that are not within the time."""
        wanted = set(ids)
        try:
            async with asyncio.timeout(seconds), self._heard:
                await self._heard.wait_for(lambda: wanted <= self._ids)
        except TimeoutError:
            return wanted - self._ids
        return ()
