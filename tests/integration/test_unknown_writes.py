"""A write whose answer was lost: what the database has decides, before anything is announced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient
from yarl import URL

from shared.contracts.catalogue import ALERT_DELIVERED
from shared.contracts.event import Event
from shared.handling.outcome import Decision, Outcome
from shared.handling.records import Records
from shared.service import Resources
from tests.integration.portal import Portal
from tests.integration.probe import probe_app, send_probe
from tests.integration.running import running_service
from tools.stack import LocalStack

COLLECTION = "probes"


class Forgetful:
    """A way to the database that loses the answers to inserts: each is carried out, and the connection cut."""

    def __init__(self, target: int, *, losses: int) -> None:
        self._target = target
        self.losses = losses

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        loses = False

        async def forth() -> None:
            nonlocal loses
            while chunk := await reader.read(65_536):
                if COLLECTION.encode() in chunk and b"insert" in chunk and self.losses:
                    self.losses, loses = self.losses - 1, True
                server_writer.write(chunk)

        async def back() -> None:
            while chunk := await server_reader.read(65_536):
                if loses:
                    return
                writer.write(chunk)

        carrying = [asyncio.create_task(forth()), asyncio.create_task(back())]
        await asyncio.wait(carrying, return_when=asyncio.FIRST_COMPLETED)
        for task in carrying:
            task.cancel()
        with suppress(OSError):
            await asyncio.gather(*carrying, return_exceptions=True)
        for side in (writer, server_writer):
            side.transport.abort()


@asynccontextmanager
async def forgetful(url: str, *, losses: int) -> AsyncIterator[tuple[str, Forgetful]]:
    way = Forgetful(URL(url).port or 0, losses=losses)
    async with await asyncio.start_server(way.carry, "127.0.0.1", 0) as server:
        yield str(URL(url).with_port(server.sockets[0].getsockname()[1])), way


async def handle(resources: Resources, event: Event) -> Outcome:
    """Decide otherwise each time, so that a second decision shows."""
    records = Records(resources.database.collection(COLLECTION), clock=resources.clock)

    async def decide(_: int) -> Decision:
        data = {"decided": str(uuid4())}
        said = Event(
            id=f"answer-{event.id}",
            source="/tests",
            type=ALERT_DELIVERED.type,
            data=data,
            time=resources.clock(),
            correlation_id=event.id,
        )
        return Decision(key=event.key, announced=(said,), fields={"event_id": event.id})

    return await resources.steps.take(event.key, records, decide)


@pytest.mark.parametrize("losses", [1, 2, 3], ids=["once", "at the driver's own retry too", "and once more"])
async def test_a_write_whose_answer_is_lost_is_read_before_it_is_announced(
    stack: LocalStack, portal: Portal, losses: int
) -> None:
    async with (
        forgetful(stack.mongo_url, losses=losses) as (url, way),
        running_service(stack, probe_app(handle), amqp_url=stack.amqp_url, mongo_url=url),
    ):
        id = await send_probe(portal)
        announced = await portal.event(id, "alert.delivered")

    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        (record,) = [
            document
            for name in await client.list_database_names()
            async for document in client[name][COLLECTION].find({"event_id": id})
        ]
    assert way.losses < losses
    assert [announced.data] == [said["data"] for said in record["announced"]]
