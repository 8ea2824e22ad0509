"""Makes sure that what was counted was also done: every dossier left its documents in the database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pymongo import AsyncMongoClient

from benchmarks.arena import Arena, BenchmarkError, Json
from benchmarks.contestants import Contestant
from benchmarks.running import RunningContestant, running
from services.registry.migration import MIGRATED_NOTE
from services.registry.products import KEY_NOTE
from services.registry.round_deadlines import ROUND_DEADLINES

#: What the registry notes at its first start, beside the dossiers.
_NOTES = [KEY_NOTE, MIGRATED_NOTE, ROUND_DEADLINES]


@asynccontextmanager
async def counted(
    arena: Arena, contestant: Contestant, *, instances: int = 1, backlog: int = 0
) -> AsyncIterator[RunningContestant]:
    """Run a contestant, and compare at the end what was filed, with the backlog before, with what was recorded.

    Raises:
        BenchmarkError: they differ.
        StackError: a worker does not become ready.
    """
    before = await _counts(arena, contestant)  # now: once it runs, it may be through the backlog before we look
    async with running(arena, contestant, instances=instances) as started:
        started.filed += backlog
        yield started
        for collection, count in (await _counts(arena, contestant)).items():
            if count - before[collection] != started.filed:
                counted = f"{started.filed} dossiers filed, {count - before[collection]} documents in {collection}"
                raise BenchmarkError(f"{contestant.title}: {counted}")


async def _counts(arena: Arena, contestant: Contestant) -> dict[str, int]:
    async with AsyncMongoClient[Json](arena.stack.mongo_url) as client:
        return {
            f"{database}.{collection}": await client[database][collection].estimated_document_count()
            - await client[database][collection].count_documents({"_id": {"$in": _NOTES}})
            for database, collection in contestant.collections
        }
