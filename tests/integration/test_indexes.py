"""Each query of the services' records goes by the index that docs/decisions/0033-indexes.md names for it."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from ops.access import former as of_former
from ops.access.former import FORMER_DERIVED, FORMER_NOW, drop_former
from ops.doctor.database import INDEXES
from services.evaluation.council import records
from services.registry import products
from shared.handling.records import RECORDED_AT
from shared.storage import Index, now_database_of
from shared.system import SYSTEM
from tools.stack import LocalStack

PAGE = Path(__file__).parents[2] / "docs" / "decisions" / "0033-indexes.md"
Client = AsyncMongoClient[dict[str, Any]]

#: What services and operators ask of their records, but for what they find by `_id`.
QUERIES = [
    ("registry", {"filing": {"$in": ["f"]}}, None),
    ("registry", {"registered.code": {"$in": ["01-09574-1-2026"]}}, None),
    ("registry", {"registered.code": {"$gt": "01-09574-", "$lt": "01-09574."}}, "registered.code"),
    ("registry", {"registered.keys": {"$in": ["n/k"]}}, None),
    ("registry", {"former.code": {"$in": ["01-269-09574-1-2022"]}}, None),
    ("registry", {"certificate.key": {"$in": ["01/2026/1"]}}, None),
    ("registry", {"certificate.released": "01/2026/1"}, "recorded_at"),
    ("registry", {"rejected.of": "01-09574-1-2026"}, "recorded_at"),
    ("registry", {"history.of": {"$in": ["01-09574-1-2026"]}}, "history.version"),
    ("registry", {"recorded_at": {"$gte": 1}}, "recorded_at"),
    ("evaluation", {"product_code": "01-09574-1-2026"}, "recorded_at"),
    ("evaluation", {"filed.dossier": "d", "filed.by": "integration.portal"}, None),
    ("evaluation", {"history.of": {"$in": ["work/01-09574-1-2026"]}}, "history.version"),
    ("evaluation", {"holds": {"$in": ["h"]}}, None),
    ("evaluation", {"replaces": {"$in": ["s"]}}, None),
    ("evaluation", {"former_code": "01-269-09574-1-2022"}, "recorded_at"),
    ("evaluation", {"recorded_at": {"$gte": 1}}, "recorded_at"),
    ("notifications", {"product_code": "01-09574-1-2026"}, "recorded_at"),
    ("notifications", {"history.of": {"$in": ["a"]}}, "history.version"),
    ("notifications", {"recorded_at": {"$gte": 1}}, "recorded_at"),
]


def all_of(service: str) -> tuple[Index, ...]:
    return (*INDEXES[service], RECORDED_AT)


@pytest.fixture
async def client(stack: LocalStack) -> AsyncIterator[Client]:
    async with Client(stack.mongo_url) as client:
        yield client


@pytest.fixture
async def database(client: Client) -> AsyncIterator[str]:
    name = f"indexes-{uuid4().hex}"
    for service in INDEXES:
        await client[name][service].create_indexes([index.model for index in all_of(service)])
    yield name
    await client.drop_database(name)


async def test_each_query_has_an_index_and_each_index_a_query(client: Client, database: str) -> None:
    used: dict[str, set[str]] = {service: set() for service in INDEXES}
    for service, query, order in QUERIES:
        found = client[database][service].find(query)
        explained = await (found.sort(order) if order else found).explain()
        names = re.findall(r"'indexName': '([^']+)'", str(explained["queryPlanner"]["winningPlan"]))
        assert names, f"{service}: {query}"
        used[service] |= {*names}

    unique_alone = {"registry": {"registered.follows_1"}, "evaluation": set(), "notifications": set()}
    assert {service: {index.name for index in all_of(service)} for service in INDEXES} == {
        service: used[service] | unique_alone[service] for service in INDEXES
    }


def test_the_page_names_them_all() -> None:
    page = PAGE.read_text("utf-8")

    missing = [
        index for service in INDEXES for index in all_of(service) if f"| `{', '.join(index.fields)}` |" not in page
    ]
    assert missing == []


async def test_former_indexes_are_dropped_once_todays_are_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"former-{uuid4().hex}"
    monkeypatch.setattr(of_former, "database_of", lambda service: f"{name}-{service}")
    kept = {"registry": client[f"{name}-registry"]["products"], "evaluation": client[f"{name}-evaluation"]["ratings"]}
    former = {"registry": products.FORMER_INDEXES, "evaluation": records.FORMER_INDEXES}

    async def there(service: str) -> set[str]:
        return {*await kept[service].index_information()} - {"_id_"}

    for service, collection in kept.items():
        await collection.create_indexes([index.model for index in former[service]])
    await drop_former(client)
    assert {each: await there(each) for each in kept} == {each: {index.name for index in former[each]} for each in kept}

    for service, collection in kept.items():
        await collection.create_indexes([index.model for index in INDEXES[service]])
    await drop_former(client)
    await drop_former(client)
    assert {each: await there(each) for each in kept} == {
        each: {index.name for index in INDEXES[each]} for each in kept
    }
    for service in kept:
        await client.drop_database(f"{name}-{service}")


@pytest.mark.parametrize("behind", [0, 1])
async def test_former_documents_of_now_are_dropped_once_todays_are_written(
    client: Client, monkeypatch: pytest.MonkeyPatch, behind: int
) -> None:
    name = f"former-{uuid4().hex}"
    monkeypatch.setattr(of_former, "database_of", lambda service: f"{name}-{service}")
    derived = {each: client[now_database_of(f"{name}-{each}")] for each in FORMER_NOW}
    for service, (view, former) in FORMER_NOW.items():
        await derived[service]["marks"].insert_one({"_id": "caught-up", "shape": view.shape - behind})
        for index in (*former, *view.indexes):
            await derived[service][SYSTEM.collections[service]].create_indexes([index.model])
        for collection in FORMER_DERIVED.get(service, ()):
            await derived[service][collection].insert_one({"_id": "of before"})

    await drop_former(client)
    await drop_former(client)

    for service, (view, former) in FORMER_NOW.items():
        kept = {index.name for index in (*view.indexes, *(former if behind else ()))}
        there = await derived[service][SYSTEM.collections[service]].index_information()
        assert {*there} - {"_id_"} == kept
        left = {*FORMER_DERIVED.get(service, ())} & {*await derived[service].list_collection_names()}
        assert left == ({*FORMER_DERIVED.get(service, ())} if behind else set())
        await client.drop_database(derived[service].name)
