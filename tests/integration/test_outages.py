"""Outages of the broker and of the database, short and long: nothing is lost, and no message pays for them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from ops.stack import LocalStack
from shared.contracts.envelope import Event
from shared.errors import OutageError
from shared.messaging import topology
from shared.messaging.delivery import Done, Outcome
from shared.service import Service, Wire
from tests.integration.faults import Door, door
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tests.integration.probe import PROBE, PROBE_SENT, probing, send_probe
from tests.integration.running import running_service
from tests.integration.test_service import asked

QUEUE = PROBE.queue


@pytest.fixture(autouse=True)
def probe_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topology, "SUBSCRIPTIONS", (*topology.SUBSCRIPTIONS, PROBE))


@pytest.fixture
async def portal(stack: LocalStack) -> AsyncIterator[Portal]:
    async with opened_portal(stack.amqp_url) as portal:
        yield portal
        await portal.purge(QUEUE)


class Probe:
    """A service that needs the database for each event, and what it has answered."""

    def __init__(self) -> None:
        self.answered: list[str] = []
        self._more = asyncio.Condition()

    async def wire(self, service: Service) -> None:
        async def handle(event: Event) -> Outcome:
            await service.database.ping()
            async with self._more:
                self.answered.append(event.id)
                self._more.notify_all()
            return Done()

        service.subscribe(PROBE_SENT, handle)

    async def until_answered(self, ids: set[str]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._more:
            await self._more.wait_for(lambda: ids <= set(self.answered))


def actions(logs: list[Any]) -> list[str]:
    """The actions of a log that tell of outages."""
    told = ("hold", "pause", "wait", "resume", "reconnect")
    return [line["action"] for line in logs if line.get("action") in told]


async def test_a_service_pauses_when_the_database_stays_away(stack: LocalStack, portal: Portal) -> None:
    probe = Probe()
    with capture_logs() as logs:
        async with (
            door(stack.mongo_url) as database,
            running_service(stack, "probe", wire=probe.wire, mongo_url=database.url, hold_seconds=1) as service,
        ):
            database.shut()
            sent = {await send_probe(portal) for _ in range(10)}
            await portal.until_depth(QUEUE, 10)  # given back

            assert await consumers(portal) == 0
            status, reason = await asked(service, "ready")
            assert (status, reason.startswith("MongoDB")) == (503, True)

            first = await portal.first_of(QUEUE)
            assert first.headers["x-delivery-count"] == 1
            sent.remove(str(first.headers["ce-id"]))

            database.open()
            await probe.until_answered(sent)
            assert await asked(service, "ready") == (200, "ready")

    assert sorted(probe.answered) == sorted(sent)
    assert await portal.depth(QUEUE) == await portal.depth(PROBE.dead) == 0
    told = actions(logs)
    assert told.count("hold") < 4, told
    assert (told.count("pause"), told[-1]) == (1, "resume")


async def consumers(portal: Portal) -> int:
    declared = await portal.channel.declare_queue(QUEUE, passive=True)
    return declared.declaration_result.consumer_count or 0
