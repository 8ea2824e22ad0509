"""Alerts that wait for each other, for the morning or for another try, on the real servers and over restarts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.contracts.catalogue import CERTIFICATE_EXPIRED, CERTIFICATE_EXPIRING, EventType
from shared.contracts.event import Event
from shared.contracts.text import Contract
from shared.sealing import SealingKey
from shared.service import Service
from shared.storage import database_of, now_database_of
from tests.contract.smtp_server import Mailbox, smtp_server
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tests.integration.running import APPS, running_service
from tests.integration.test_told_of_life import announce
from tests.unit.notifications.examples import cooperative
from tests.unit.notifications.lives import expired, expiring
from tests.unit.shared.timed import SetClock
from tools.stack import LocalStack

EVENING = datetime(2026, 11, 29, 15, 30, tzinfo=UTC)  # 22:30 in Vietnam
MORNING = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)  # 07:00 in Vietnam


@dataclass
class World:
    """A broker and a database of these tests' own, a mail server, and one clock."""

    stack: LocalStack
    portal: Portal
    client: AsyncMongoClient[dict[str, Any]]
    mailbox: Mailbox
    smtp_url: str
    clock: SetClock

    @asynccontextmanager
    async def notifications(self) -> AsyncIterator[Service[Any]]:
        """Run notifications with digests and quiet hours."""
        service = running_service(
            self.stack,
            APPS["notifications"],
            clock=self.clock,
            smtp_url=self.smtp_url,
            digest_seconds=120,
            quiet_hours="21:00-07:00",
        )
        async with service as running:
            yield running

    def event(self, kind: EventType[Any], event_data: Contract, number: int) -> Event:
        """Return what is announced of one product of a cooperative, sealed as the registry of this stack seals."""
        key, code, id = self.stack.credentials("registry").contact_public_key, f"19-05500-{number}-2026", str(uuid4())
        sealed = SealingKey.of(str(key)).seal(cooperative())
        data = {**event_data.model_dump(mode="json"), "product_code": code, "sealed_recipient": sealed}
        return Event(
            id, "/ocop/registry", kind.type, data, self.clock(), subject=code, correlation_id=id, place="19-05500"
        )

    async def until_held(self, count: int) -> None:
        """Wait until a document of now says of a mailbox that it holds so many."""
        collection = self.client[now_database_of(database_of("notifications"))]["alerts"]
        query = {"state.held": {"$size": count}}
        async with asyncio.timeout(PATIENCE_SECONDS), await collection.watch() as changes:
            while not await collection.count_documents(query):
                await anext(changes)

    async def until_delivered(self, events: list[Event]) -> None:
        """Wait until it is announced of each of these that it has arrived."""
        for event in events:
            await self.portal.event(event.id, "alert.delivered")

    def step(self, service: Service[Any], now: datetime) -> None:
        """Set the clock, and let notifications look."""
        self.clock.now = now
        assert service.timers
        service.timers.waken()


@pytest.fixture(scope="module")
async def own_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    content = definitions({}, delay_milliseconds=50)
    async with LocalStack(Path(tmp_path_factory.mktemp("mailboxes")), definitions=content, fresh=True) as stack:
        yield stack


@pytest.fixture
async def world(own_stack: LocalStack) -> AsyncIterator[World]:
    mailbox = Mailbox()
    async with (
        opened_portal(own_stack.amqp_url) as portal,
        AsyncMongoClient[dict[str, Any]](own_stack.mongo_url, tz_aware=True) as client,
        smtp_server(mailbox) as address,
    ):
        yield World(own_stack, portal, client, mailbox, f"smtp://{address}", SetClock())


async def test_twelve_products_of_one_cooperative_that_end_together_are_one_mail_in_the_morning(world: World) -> None:
    world.clock.now = EVENING
    events = [world.event(CERTIFICATE_EXPIRING, expiring(), number) for number in range(1, 13)]
    async with world.notifications():
        await announce(world.stack, CERTIFICATE_EXPIRING, *events)
        await world.until_held(12)
    assert world.mailbox.mails() == []

    async with world.notifications() as service:  # a restart has forgotten none of them
        world.step(service, MORNING)
        await world.until_delivered(events)

    (mail,) = world.mailbox.mails()
    html = mail.get_body(("html",))
    assert html
    text = str(html.get_content())
    assert text.count("<table") == 1
    assert [number for number in range(1, 13) if f"19-05500-{number}-2026" not in text] == []


async def test_a_try_that_is_hours_away_outlives_a_restart(world: World) -> None:
    world.clock.now = MORNING
    event = world.event(CERTIFICATE_EXPIRED, expired(), 21)  # at once, whatever the hour
    world.mailbox.first_answers["lienhe@haodat.example.vn"] = ["451 4.3.2 busy"] * 5
    async with world.notifications():
        await announce(world.stack, CERTIFICATE_EXPIRED, event)
        await world.until_held(1)

    async with world.notifications() as service:
        world.step(service, MORNING + timedelta(hours=6))
        await world.until_delivered([event])

    assert len(world.mailbox.mails()) == 1
