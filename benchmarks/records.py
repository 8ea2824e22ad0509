"""Makes sure that what was counted was also done: every dossier left its documents in the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo import AsyncMongoClient

from benchmarks.arena import BenchmarkError, Json
from benchmarks.running import Running


@asynccontextmanager
async def all_recorded(started: Running) -> AsyncIterator[None]:
    """Compare, at the end, what was filed with what was recorded. Raises BenchmarkError where they differ."""
    before = await _counts(started)
    yield
    for collection, count in (await _counts(started)).items():
        if count - before[collection] != started.filed:
            told = f"{started.filed} dossiers filed, {count - before[collection]} documents in {collection}"
            raise BenchmarkError(f"{started.contestant.title}: {told}")


async def _counts(started: Running) -> dict[str, int]:
    async with AsyncMongoClient[Json](started.arena.stack.mongo_url) as client:
        return {
            f"{database}.{collection}": await client[database][collection].count_documents({})
            for database, collection in started.contestant.collections
        }
