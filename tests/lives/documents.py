"""Waits until the registry's documents of now show what is on record: half-yearly rounds are looked up there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient

from shared.storage import database_of, now_database_of
from shared.system import SYSTEM

#: The names of the registry's databases: records, and what follows from them.
_DATABASES = (database_of("registry"), now_database_of(database_of("registry")))
#: seconds after which the documents are read again
_AGAIN_SECONDS = 0.05


@dataclass(frozen=True)
class Documents:
    """Records of products, and the documents that follow from them."""

    client: AsyncMongoClient[dict[str, Any]]

    async def until_written(self, codes: Sequence[str], seconds: float) -> None:
        """Wait until the documents of these products are as new as their records. Raise TimeoutError."""
        async with asyncio.timeout(seconds):
            for code in codes:
                while not await self._is_written(code):  # noqa: ASYNC110  # another process has no event to wait for
                    await asyncio.sleep(_AGAIN_SECONDS)

    async def _is_written(self, code: str) -> bool:
        name = SYSTEM.collections["registry"]
        records, now = (self.client[of][name] for of in _DATABASES)
        newest = await records.find_one({"history.of": code}, {"history.version": 1}, sort=[("history.version", -1)])
        document = await now.find_one({"_id": code}, {"version": 1})
        return bool(newest and document and document["version"] >= newest["history"]["version"])
