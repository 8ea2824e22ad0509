"""What handlers rely on of a collection holds for the real one and for the one in memory alike."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.errors import ConflictError
from shared.handling.records import VERSIONS
from shared.storage import MAX_BATCH, Database, Index
from tests.unit.memory import MemoryCollection
from tools.stack import LocalStack


@pytest.fixture(params=["in memory", "on the server"])
async def collection(request: pytest.FixtureRequest, stack: LocalStack) -> AsyncIterator[Any]:
    database = Database(stack.mongo_url, service="storage-tests")
    made: Any = MemoryCollection() if request.param == "in memory" else database.collection(uuid4().hex)
    await made.ensure_indexes(Index(("code",), unique=True), Index(("entry.keys",), unique=True), VERSIONS)
    yield made
    await database.close()


async def test_a_document_is_found_by_a_unique_field_and_by_each_value_of_a_list(collection: Any) -> None:
    document = {"_id": "1", "code": "c", "entry": {"keys": ["a", "b"]}}
    await collection.insert(document)

    assert await collection.find_by("_id", "1") == document
    assert await collection.find_by("entry.keys", "b") == document
    assert await collection.find_by("entry.keys", "c") is None
    assert await collection.find_one({"code": "c", "_id": "2"}) is None


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"_id": "1", "code": "d"}, id="the id"),
        pytest.param({"_id": "2", "code": "c"}, id="a field"),
        pytest.param({"_id": "2", "code": "d", "entry": {"keys": ["x", "b"]}}, id="a value of a list"),
    ],
)
async def test_what_is_unique_is_written_once(collection: Any, second: dict[str, Any]) -> None:
    await collection.insert({"_id": "1", "code": "c", "entry": {"keys": ["a", "b"]}})

    with pytest.raises(ConflictError):
        await collection.insert(second)

    assert await collection.find_one({}, order="-_id", only=("code",)) == {"_id": "1", "code": "c"}
    assert await collection.find_one({}, order="-_id") == {"_id": "1", "code": "c", "entry": {"keys": ["a", "b"]}}


async def test_a_document_without_a_unique_field_is_in_nobodys_way(collection: Any) -> None:
    for n in range(3):
        await collection.insert({"_id": str(n), "n": n})

    assert await collection.find_one({}, order="n") == {"_id": "0", "n": 0}
    assert await collection.find_one({}, order="-n") == {"_id": "2", "n": 2}


async def test_all_documents_with_a_unique_field_are_found_page_by_page(collection: Any) -> None:
    codes = [f"c{n:03}" for n in range(MAX_BATCH + 2)]
    await collection.insert({"_id": "without"})
    for code in reversed(codes):
        await collection.insert({"_id": code, "code": code})

    first = await collection.find_after("code", "")
    second = await collection.find_after("code", first[-1]["code"])

    assert [[each["code"] for each in page] for page in (first, second)] == [codes[:MAX_BATCH], codes[MAX_BATCH:]]
    assert await collection.find_after("code", codes[-1]) == []
    some = await collection.find_after("code", "c003", below="c009", limit=2, only=("code",))
    assert some == [{"_id": code, "code": code} for code in ("c004", "c005")]
    assert len(await collection.find_after("code", "c003", below="c005")) == 1


async def test_two_versions_of_one_history_are_two_documents_and_one_version_is_one(collection: Any) -> None:
    for n, (of, version) in enumerate((("a", 1), ("a", 2), ("b", 1))):
        await collection.insert({"_id": str(n), "history": {"of": of, "version": version}})

    with pytest.raises(ConflictError):
        await collection.insert({"_id": "late", "history": {"of": "a", "version": 2}})


async def test_the_last_of_a_history_is_found_with_the_part_that_was_asked_for(collection: Any) -> None:
    for version in (2, 10, 1):
        history = {"of": "a", "version": version, "state": {"n": version}}
        await collection.insert({"_id": str(version), "announced": ["much"], "history": history})
    await collection.insert({"_id": "other", "history": {"of": "b", "version": 99}})

    assert await collection.find_last("history.of", "a", order="history.version", only="history") == {
        "_id": "10",
        "history": {"of": "a", "version": 10, "state": {"n": 10}},
    }
    assert await collection.find_last("history.of", "c", order="history.version", only="history") is None
    all_of_it = await collection.find_all("history.of", "a", order="history.version")
    assert [each["_id"] for each in all_of_it] == ["1", "2", "10"]


async def test_all_that_match_are_found_in_order_page_by_page_with_the_parts_asked_for(
    collection: Any,
) -> None:
    start = datetime(2026, 11, 29, tzinfo=UTC)
    for n in reversed(range(MAX_BATCH + 2)):
        await collection.insert({"_id": str(n), "at": start + timedelta(hours=n), "much": "more"})
    await collection.insert({"_id": "never", "at": None})
    await collection.insert({"_id": "without"})

    query = {"at": {"$gte": start + timedelta(hours=1)}}
    pages = [page async for page in collection.pages(query, order="at", only=("at",))]
    few = [page async for page in collection.pages({"_id": {"$in": ["3", "no"]}, "much": "more"}, order="_id")]

    assert [len(page) for page in pages] == [MAX_BATCH, 1]
    assert pages[0][0] == {"_id": "1", "at": start + timedelta(hours=1)}
    assert [each["_id"] for page in pages for each in page] == [str(n) for n in range(1, MAX_BATCH + 2)]
    assert few == [[{"_id": "3", "at": start + timedelta(hours=3), "much": "more"}]]


@pytest.mark.parametrize(
    ("there", "version", "below", "afterwards"),
    [
        pytest.param(None, 1, 1, 1, id="the first"),
        pytest.param(None, 3, 3, 3, id="a later one, and none is there"),
        pytest.param(1, 2, 2, 2, id="a higher one"),
        pytest.param(2, 2, 2, 2, id="the same"),
        pytest.param(2, 1, 1, 2, id="the first, late"),
        pytest.param(3, 2, 2, 3, id="a lower one"),
        pytest.param(3, 2, 4, 2, id="a lower one whatever is there"),
    ],
)
async def test_a_derived_document_is_replaced_by_a_higher_version_only(
    collection: Any, there: int | None, version: int, below: int, afterwards: int
) -> None:
    if there:
        await collection.insert({"_id": "a", "version": there, "old": True})

    await collection.replace_below([({"_id": "a", "version": version}, below), ({"_id": "b", "version": 1}, 1)])

    (found,) = [page async for page in collection.pages({}, order="_id")]
    replaced = {} if there == afterwards else {"a": {"_id": "a", "version": afterwards}}
    expected = {"a": {"_id": "a", "version": there, "old": True}, "b": {"_id": "b", "version": 1}} | replaced
    assert {each["_id"]: each for each in found} == expected


async def test_derived_documents_are_removed_by_their_keys(collection: Any) -> None:
    for id in "abc":
        await collection.insert({"_id": id})

    await collection.remove(["a", "c", "unknown"])

    assert [page async for page in collection.pages({}, order="_id")] == [[{"_id": "b"}]]


async def test_a_derived_document_is_replaced_only_if_nobody_else_has_replaced_it(collection: Any) -> None:
    await collection.insert({"_id": "a", "version": 1})

    replaced = [await collection.replace_at({"_id": "a", "version": 2, "by": each}, 1) for each in ("me", "them")]

    assert replaced == [True, False]
    assert await collection.replace_at({"_id": "unknown", "version": 1}, 0) is False
    assert [page async for page in collection.pages({}, order="_id")] == [[{"_id": "a", "version": 2, "by": "me"}]]
