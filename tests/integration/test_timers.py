"""Timers and documents of now on the real broker and database: once, whoever looks and whoever dies."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from shared.handling.now import NEXT_DUE, NowDocuments
from shared.handling.write_behind import rebuild
from shared.storage import Database, now_database_of
from shared.timers import BROKEN_OFF_AFTER
from tests.integration.portal import PATIENCE_SECONDS, Portal
from tests.integration.probe import CARDS, PROBE_SERVICE, probe_portal, send_probe
from tests.integration.processes import running_probe
from tests.integration.running import running_service
from tests.unit.shared.cards import COLLECTION, VALID, VIEW, WARNED_BEFORE
from tests.unit.shared.timed import START, SetClock
from tools.stack import LocalStack

WARNING, END = START + VALID - WARNED_BEFORE, START + VALID


@dataclass(frozen=True)
class Kept:
    """A database of this test's own, read past the service's code."""

    client: AsyncMongoClient[dict[str, Any]]
    name: str
    url: str

    async def records(self) -> list[dict[str, Any]]:
        return await self.client[self.name][COLLECTION].find().sort("history.version").to_list()

    async def now(self) -> list[dict[str, Any]]:
        return await self.client[now_database_of(self.name)][COLLECTION].find().sort("_id").to_list()

    async def until_now(self, versions: dict[str, int]) -> None:
        """Wait until the documents of now have these versions."""
        collection = self.client[now_database_of(self.name)][COLLECTION]
        async with asyncio.timeout(PATIENCE_SECONDS), await collection.watch() as changes:
            while {each["_id"]: each["version"] for each in await self.now()} != versions:
                await anext(changes)


@pytest.fixture
async def kept(stack: LocalStack) -> AsyncIterator[Kept]:
    name = f"cards_{uuid4().hex}"
    url = stack.mongo_url.replace("/admin?", f"/{name}?authSource=admin&")
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url, tz_aware=True) as client:
        yield Kept(client, name, url)


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with probe_portal(stack.amqp_url) as portal:
        yield portal


def card() -> str:
    return f"10-{uuid4().hex}"


async def said(portal: Portal, card: str, *, count: int) -> list[str]:
    """Wait until so much was said of a card, and return all of it."""
    return [event.data["said"] for event in await portal.events(card, "alert.delivered", count=count)]


async def test_two_instances_handle_what_is_late_once_and_in_order(
    stack: LocalStack, portal: Portal, kept: Kept
) -> None:
    clock, cards = SetClock(), [card() for _ in range(20)]
    both: dict[str, Any] = {"amqp_url": stack.amqp_url, "mongo_url": kept.url, "clock": clock}
    async with running_service(stack, CARDS, **both):
        for each in cards:
            await send_probe(portal, f"{each}/0")
        await kept.until_now(dict.fromkeys(sorted(cards), 1))

    clock.now = END + timedelta(days=30)
    async with running_service(stack, CARDS, **both), running_service(stack, CARDS, **both):
        await kept.until_now(dict.fromkeys(sorted(cards), 3))

    for each in cards:
        assert await said(portal, each, count=3) == ["renewed", "expiring-0", "expired-0"]
    assert len(await kept.records()) == 3 * len(cards)


async def test_what_was_overtaken_is_never_handled(stack: LocalStack, portal: Portal, kept: Kept) -> None:
    clock, mine = SetClock(), card()
    settings: dict[str, Any] = {"amqp_url": stack.amqp_url, "mongo_url": kept.url, "clock": clock}
    async with running_service(stack, CARDS, **settings) as service:
        await send_probe(portal, f"{mine}/0")
        await kept.until_now({mine: 1})
        clock.now = WARNING - timedelta(days=1)
        await send_probe(portal, f"{mine}/1")
        await kept.until_now({mine: 2})
        clock.now = WARNING + timedelta(days=1)
        assert service.timers
        assert await service.timers.look() > clock.now
        clock.now += VALID - WARNED_BEFORE
        service.timers.waken()
        await kept.until_now({mine: 3})

    assert await said(portal, mine, count=3) == ["renewed", "renewed", "expiring-1"]


async def test_a_service_killed_between_record_and_document_of_now_writes_it_when_it_starts_anew(
    stack: LocalStack, portal: Portal, kept: Kept
) -> None:
    mine = card()
    settings: dict[str, Any] = {"module": "cards_process", "mongo_url": kept.url, "cards_at": START.isoformat()}
    async with running_probe(stack, ready=False, cards_dies_on="renewed", **settings) as process:
        await send_probe(portal, f"{mine}/0")
        await process.wait()
    assert len(await kept.records()) == 1
    assert await kept.now() == []

    async with running_probe(stack, **settings):
        await kept.until_now({mine: 1})


async def test_a_milestone_is_announced_though_the_service_was_killed_when_it_had_recorded_it(
    stack: LocalStack, portal: Portal, kept: Kept
) -> None:
    mine = card()
    settings: dict[str, Any] = {"module": "cards_process", "mongo_url": kept.url}
    async with running_probe(stack, cards_at=START.isoformat(), **settings):
        await send_probe(portal, f"{mine}/0")
        await kept.until_now({mine: 1})
    due: dict[str, Any] = {"cards_at": WARNING.isoformat(), "cards_dies_on": "expiring-0"}
    async with running_probe(stack, ready=False, **due, **settings) as process:
        await process.wait()
    assert len(await kept.records()) == 2
    assert await said(portal, mine, count=1) == ["renewed"]

    async with running_probe(stack, cards_at=(WARNING + 2 * BROKEN_OFF_AFTER).isoformat(), **settings):
        assert await said(portal, mine, count=2) == ["renewed", "expiring-0"]
        await kept.until_now({mine: 2})

    assert len(await kept.records()) == 2


async def test_rebuilt_the_documents_are_those_that_were_written_behind(
    stack: LocalStack, portal: Portal, kept: Kept
) -> None:
    cards = sorted(card() for _ in range(10))
    async with running_service(stack, CARDS, amqp_url=stack.amqp_url, mongo_url=kept.url):
        for number in range(2):
            for each in cards:
                await send_probe(portal, f"{each}/{number}")
        await kept.until_now(dict.fromkeys(cards, 2))
    before = await kept.now()
    await kept.client.drop_database(now_database_of(kept.name))

    database = Database(kept.url, service=PROBE_SERVICE.name)
    await rebuild(NowDocuments(database, COLLECTION, VIEW), lambda _: None)
    await database.close()

    assert await kept.now() == before


@pytest.mark.parametrize("stored", [100, 2000])
async def test_what_a_look_goes_through_follows_what_is_due_and_not_what_is_stored(kept: Kept, stored: int) -> None:
    database, today = Database(kept.url, service=PROBE_SERVICE.name), datetime(2026, 11, 29, tzinfo=UTC)
    derived = database.derived(COLLECTION)
    await derived.ensure_indexes(NEXT_DUE)
    documents = [{"_id": str(n), "version": 1, "next_due": today + timedelta(days=n)} for n in range(stored)]
    for start in range(0, stored, 200):
        await derived.replace_below([(each, 1) for each in documents[start : start + 200]])

    (page,) = [page async for page in NowDocuments(database, COLLECTION, VIEW).due_until(today + timedelta(days=9))]
    looked = kept.client[now_database_of(kept.name)][COLLECTION].find({"next_due": {"$lte": today + timedelta(days=9)}})
    explained = await looked.sort("next_due").explain()
    await database.close()

    assert [each["_id"] for each in page] == [str(n) for n in range(10)]
    assert explained["executionStats"]["totalDocsExamined"] == 10
