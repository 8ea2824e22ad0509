"""The journal has each event that the broker has confirmed, also in the moments of a node that has just started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from ops.access.broker import ADMIN
from ops.access.credentials import issue, load
from ops.access.published import published_definitions
from shared.contracts.catalogue import EVENTS, PRODUCT_RATED
from shared.integrations import load_integrations
from shared.messaging.connection import close, connect
from shared.messaging.journal import consuming
from shared.messaging.routing import key_at
from tests.faults.broker import Broker
from tests.faults.messages import Message
from tests.faults.portal import Portal, opened_portal
from tests.faults.server import Server
from tools.stack import Processes
from tools.stack.leftovers import end_leftovers

#: Who files at the same time: some find the node in its first moment.
FILING = 10
#: messages that each files after the node is back
AFTERWARDS = 50
#: kills of the node
ROUNDS = 3
#: seconds; more than the broker waits before it dead-letters again what had nowhere to go
PATIENCE_SECONDS = 60


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A node of its own, since it is killed."""
    processes = Processes(tmp_path)
    broker = Broker(processes, tmp_path / "rabbitmq")
    users = [user["name"] for user in published_definitions()["users"]]
    issue(tmp_path / "secrets", users, amqp=broker.url, mongo="mongodb://127.0.0.1:1/")
    try:
        await broker.start(load(tmp_path / "secrets"), load_integrations(), delay_milliseconds=500)
        yield broker
    finally:
        await processes.stop_all()
        end_leftovers(tmp_path)


async def test_the_journal_misses_nothing_that_was_confirmed_while_the_node_starts(
    broker: Broker, tmp_path: Path
) -> None:
    url = load(tmp_path / "secrets")[ADMIN].amqp_url
    confirmed: set[str] = set()
    (node,) = broker.servers

    for _ in range(ROUNDS):
        await _filed_meanwhile(url, node, confirmed)

    assert len(confirmed) >= ROUNDS * FILING * AFTERWARDS
    assert await _missed(url, confirmed) == set()


async def _filed_meanwhile(url: str, node: Server, confirmed: set[str]) -> None:
    """Kill the node and start it again while others file without a pause; note what was confirmed to them."""
    back = asyncio.Event()
    async with asyncio.TaskGroup() as filing:
        for _ in range(FILING):
            filing.create_task(_file(url, back, confirmed))
        await node.kill()
        await node.start()
        back.set()


async def _file(url: str, back: asyncio.Event, confirmed: set[str]) -> None:
    async with opened_portal(url) as portal:
        while not back.is_set():
            await _file_one(portal, confirmed)
        for _ in range(AFTERWARDS):
            await _file_one(portal, confirmed)


async def _file_one(portal: Portal, confirmed: set[str]) -> None:
    id = str(uuid4())
    await portal.send(Message(b"{}", {"ce-id": id}, id=id, exchange=EVENTS, routing_key=key_at(PRODUCT_RATED, None)))
    confirmed.add(id)


async def _missed(url: str, confirmed: set[str]) -> set[str]:
    """Return what the journal does not bring, read from its beginning until it has brought all or time is up."""
    missed, connection = set(confirmed), await connect(url, name="tests")
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS), consuming(connection, "first") as messages:
            while missed:
                missed.discard(str((await anext(messages)).message_id))
    await close(connection)
    return missed
