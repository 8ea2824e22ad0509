"""Group commit on the real database: each writer gets its own result."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from uuid import uuid4

import pytest

from ops import database_reader
from ops.database_reader import Reader
from shared.errors import ConflictError, OutageError, TooManyError
from shared.storage import Collection, Database, Index
from tools.stack import LocalStack


@pytest.fixture
async def collection(stack: LocalStack) -> AsyncIterator[Collection]:
    database = Database(stack.mongo_url, service="storage-tests")
    collection = database.collection(uuid4().hex)
    await collection.ensure_indexes(Index(("code",), unique=True), Index(("keys",), unique=True))
    yield collection
    await database.close()


async def test_what_takes_too_long_to_go_through_is_not_taken_for_a_database_that_is_away(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(stack.mongo_url.replace("/admin?", "/?"), service="storage-tests")
    collection = database.collection("many")
    await asyncio.gather(*(collection.insert({"_id": n}) for n in range(3000)))
    monkeypatch.setattr(database_reader, "READ_SECONDS", 0.001)

    with closing(Reader(stack.mongo_url)) as reader, pytest.raises(TooManyError, match="too many records"):
        await reader.find("storage-tests", "many", {"other": 1}, order="code", limit=1)
    await database.close()


async def test_writers_at_the_same_time_each_get_their_own_result(collection: Collection) -> None:
    documents = [{"_id": n, "code": n // 2} for n in range(500)]

    results = await asyncio.gather(*(collection.insert(document) for document in documents), return_exceptions=True)

    for n, result in enumerate(results):
        assert result is None if n % 2 == 0 else isinstance(result, ConflictError), n
        assert (await collection.find_one({"_id": n}) is not None) == (n % 2 == 0)


async def test_a_document_without_a_unique_field_is_in_nobodys_way(collection: Collection) -> None:
    await asyncio.gather(*(collection.insert({"_id": n}) for n in range(3)))

    assert await collection.find_one({}, order="-_id") == {"_id": 2}


async def test_each_value_of_a_list_is_unique(collection: Collection) -> None:
    await collection.insert({"_id": 1, "code": 1, "keys": ["a", "b"]})

    with pytest.raises(ConflictError):
        await collection.insert({"_id": 2, "code": 2, "keys": ["b", "c"]})


async def test_a_writer_that_is_cancelled_does_not_disturb_the_others(collection: Collection) -> None:
    first = asyncio.create_task(collection.insert({"_id": 1}))
    second = asyncio.create_task(collection.insert({"_id": 2}))
    third = asyncio.create_task(collection.insert({"_id": 3}))
    await asyncio.sleep(0)
    second.cancel()

    await asyncio.gather(first, third)

    assert await collection.find_one({"_id": 3}) == {"_id": 3}


async def test_a_database_that_is_away_is_an_outage_for_all(unused_tcp_port: int) -> None:
    away = Database(f"mongodb://127.0.0.1:{unused_tcp_port}/?serverSelectionTimeoutMS=100", service="x")
    collection = away.collection("y")

    results = await asyncio.gather(*(collection.insert({"_id": n}) for n in range(3)), return_exceptions=True)

    assert [type(result) for result in results] == [OutageError] * 3
    with pytest.raises(OutageError):
        await away.ping()
    await away.close()
