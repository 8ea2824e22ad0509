"""Certificates on the real broker and database: imported, and told of by two registries, each milestone once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.contracts.event import Event
from shared.integrations import load_integrations
from shared.service import Service
from shared.storage import database_of, now_database_of
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tests.integration.running import APPS, running_service
from tests.integration.test_scopes import HANOI, connected
from tests.unit.registry.lives import at_noon, imported, what
from tests.unit.shared.timed import SetClock
from tools.stack import LocalStack

REGISTRY, LAST = APPS["registry"], date(2028, 11, 2)
SCOPES = 'ha-noi: {scope: {province: "01"}, listens_to: [product.submitted]}'
PRODUCTS = 12


def before(days: int) -> date:
    return LAST - timedelta(days=days)


@dataclass
class World:
    """A broker and a database of this test's own, one clock, and all that was announced."""

    stack: LocalStack
    portal: Portal
    client: AsyncMongoClient[dict[str, Any]]
    integrations: Path
    clock: SetClock = field(default_factory=SetClock)

    async def registries(self, running: AsyncExitStack, count: int) -> list[Service[Any]]:
        services = [
            running_service(self.stack, REGISTRY, integrations=self.integrations, clock=self.clock)
            for _ in range(count)
        ]
        return [await running.enter_async_context(each) for each in services]

    async def import_(self, number: int) -> str:
        """Import a certificate that ends on `LAST`, and return the product's code."""
        data = imported(
            {
                "product_code": f"01-09574-{number}-2025",
                "product.name": f"Bánh số {number}",
                "certificate.number": f"{number}/2025",
                "certificate.decision": {"number": "5/QĐ", "date": "2025-11-02"},
                "certificate.last_day": str(LAST),
            }
        )
        async with connected(self.stack, HANOI) as office:
            await office.send("certificate.imported", data, key="certificate.imported.v1")
        return str(data["product_code"])

    async def until_kept(self, codes: Sequence[str], due: datetime) -> None:
        """Wait until the documents of now say of each product that something falls due then."""
        collection = self.client[now_database_of(database_of("registry"))]["products"]
        query = {"_id": {"$in": list(codes)}, "next_due": due}
        async with asyncio.timeout(PATIENCE_SECONDS), await collection.watch() as changes:
            while await collection.count_documents(query) < len(codes):
                await anext(changes)

    async def step(self, services: Sequence[Service[Any]], day: date) -> None:
        """Set the clock to noon of a day, and let every registry look."""
        self.clock.now = at_noon(day)
        for each in services:
            assert each.timers
            each.timers.waken()

    async def until_said(self, codes: Sequence[str], wanted: str) -> None:
        missing = set(codes)

        def is_last(event: Event) -> bool:
            if said(event) == wanted:
                missing.discard(str(event.subject))
            return not missing

        await self.portal.until(is_last)

    async def all_said(self, code: str) -> list[str]:
        """Return what was put on record of a product, in order."""
        found = self.client[database_of("registry")]["products"].find({"history.of": code}).sort("history.version")
        records = [record async for record in found]
        return [
            what(Event(each["id"], each["source"], each["type"], each["data"]))
            for record in records
            for each in record["announced"]
        ]


def said(event: Event) -> str:
    certificate = event.type.startswith("vn.ocop.certificate.")
    return what(event) if certificate else ""


@pytest.fixture(scope="module")
async def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[LocalStack, Path]]:
    folder = tmp_path_factory.mktemp("certified")
    file = folder / "integrations.yaml"
    file.write_text(SCOPES, "utf-8")
    content = definitions(load_integrations(file), delay_milliseconds=50)
    async with LocalStack(folder / "stack", definitions=content, fresh=True) as stack:
        yield stack, file


@pytest.fixture
async def world(shared_stack: tuple[LocalStack, Path]) -> AsyncIterator[World]:
    stack, file = shared_stack
    async with (
        opened_portal(stack.amqp_url) as portal,
        AsyncMongoClient[dict[str, Any]](stack.mongo_url, tz_aware=True) as client,
    ):
        yield World(stack, portal, client, file)


async def test_two_registries_tell_each_milestone_of_each_certificate_once(world: World) -> None:
    days = [before(each) for each in (210, 180, 150, 130, 121, 119, 30)] + [LAST + timedelta(days=1)]
    async with AsyncExitStack() as running:
        services = await world.registries(running, 2)
        codes = [await world.import_(number) for number in range(1, PRODUCTS + 1)]
        await world.until_said(codes, "issued")
        for day in days:
            await world.until_kept(codes, midnight(day))
            await world.step(services, day)
        await world.until_said(codes, "expired")

    for code in codes:
        assert await world.all_said(code) == [
            "issued",
            "window-opens-in-30-days, 90 days left",
            "window-open, 60 days left",
            "window-open, 30 days left",
            "window-open, 10 days left",
            "last-day-tomorrow, 1 days left",
            "late-filing-possible, 299 days left",
            "expiring",
            "expired",
        ]


async def test_after_a_month_without_a_registry_the_newest_is_told_late_once_and_the_overtaken_never(
    world: World,
) -> None:
    async with AsyncExitStack() as running:
        services = await world.registries(running, 1)
        codes = [await world.import_(number) for number in range(101, 101 + PRODUCTS)]
        await world.until_kept(codes, midnight(before(210)))
        await world.step(services, before(151))
        await world.until_said(codes, "window-open, 31 days left")

    world.clock.now = at_noon(before(120))
    async with AsyncExitStack() as running:
        services = await world.registries(running, 2)
        await world.until_said(codes, "last-day-tomorrow, 0 days left")
        await world.until_kept(codes, midnight(before(119)))

    for code in codes:
        assert await world.all_said(code) == ["issued", "window-open, 31 days left", "last-day-tomorrow, 0 days left"]


def midnight(day: date) -> datetime:
    return at_noon(day).astimezone(UTC) - timedelta(hours=12)
