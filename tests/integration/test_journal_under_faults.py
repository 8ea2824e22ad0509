"""The journal has whatever the broker has confirmed, also in the moments of a node that has just started."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from ops.access.broker import ADMIN
from ops.access.credentials import Credentials, issue, load
from ops.access.published import published_definitions
from shared.contracts.catalogue import DOSSIER_FILED, EVENTS, INTAKE, PRODUCT_RATED
from shared.integrations import load_integrations
from shared.messaging import journal_feeder
from shared.messaging.amqp_properties import read_leniently
from shared.messaging.connection import close, connect
from shared.messaging.delivery import filed_by
from shared.messaging.journal import consuming
from shared.messaging.routing import key_at
from shared.messaging.topology import JOURNAL, STREAM
from shared.system import SYSTEM
from tests.faults.broker import Broker
from tests.faults.messages import Message
from tests.faults.portal import Portal, opened_portal
from tests.faults.server import Server
from tests.integration.feeding import FEED, feeding
from tests.integration.raw_publisher import RawPublisher, long_text, short_text
from tools.stack import Processes
from tools.stack.leftovers import end_leftovers

#: Who files at the same time: some find the node in its first moment.
FILING = 10
#: messages that each files after the node is back
AFTERWARDS = 50
#: kills of the node
ROUNDS = 3
#: seconds after which what the journal has not brought is lost and not late: the broker tries again every 5 s, once the
#: stream has a leader, which takes long under load
PATIENCE_SECONDS = 180

PORTAL = "integration.portal"
#: AMQP 0-9-1: 1.50, as two decimal places of 150. Before RabbitMQ 4 a stream cannot hold it.
DECIMAL = b"D\x02\x00\x00\x00\x96"


@dataclass
class Node:
    """A broker of its own, since it is killed, and who feeds its journal."""

    broker: Broker
    credentials: dict[str, Credentials]

    @property
    def url(self) -> str:
        """The administrator's, who may file and announce."""
        return self.credentials[ADMIN].amqp_url

    async def journaled(self, bodies: Collection[bytes]) -> dict[bytes, AbstractIncomingMessage]:
        """Return the messages with these bodies that the journal brings: all, or those that came until time was up."""
        found: dict[bytes, AbstractIncomingMessage] = {}
        connection = await connect(self.url, name="tests")
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS), consuming(connection, "first") as messages:
                while found.keys() < set(bodies):
                    message = await anext(messages)
                    found[message.body] = message
        await close(connection)
        return found


@pytest.fixture
async def unfed(tmp_path: Path) -> AsyncIterator[Node]:
    read_leniently()  # as each service does
    processes = Processes(tmp_path)
    broker = Broker(processes, tmp_path / "rabbitmq")
    users = [user["name"] for user in published_definitions()["users"]]
    issue(tmp_path / "secrets", users, amqp=broker.url, mongo="mongodb://127.0.0.1:1/")
    credentials = load(tmp_path / "secrets")
    try:
        await broker.start(credentials, load_integrations(), delay_milliseconds=500)
        yield Node(broker, credentials)
    finally:
        await processes.stop_all()
        end_leftovers(tmp_path)


@pytest.fixture
async def node(unfed: Node) -> AsyncIterator[Node]:
    async with feeding(unfed.credentials["registry"].amqp_url):
        yield unfed


async def test_the_journal_misses_nothing_that_was_confirmed_while_the_node_starts(node: Node) -> None:
    confirmed: set[bytes] = set()
    (server,) = node.broker.servers

    for _ in range(ROUNDS):
        await _filed_meanwhile(node.url, server, confirmed)

    assert len(confirmed) >= ROUNDS * FILING * AFTERWARDS
    assert confirmed - (await node.journaled(confirmed)).keys() == set()


async def _filed_meanwhile(url: str, server: Server, confirmed: set[bytes]) -> None:
    """Kill the node and start it again while others file and announce without a pause; note what was confirmed."""
    back = asyncio.Event()
    async with asyncio.TaskGroup() as filing:
        for _ in range(FILING):
            filing.create_task(_file(url, back, confirmed))
        await server.kill()
        await server.start()
        back.set()


async def _file(url: str, back: asyncio.Event, confirmed: set[bytes]) -> None:
    async with opened_portal(url) as portal:
        while not back.is_set():
            await _file_both(portal, confirmed)
        for _ in range(AFTERWARDS // 2):
            await _file_both(portal, confirmed)


async def _file_both(portal: Portal, confirmed: set[bytes]) -> None:
    for message in (dossier(), announced()):
        await portal.send(message)
        confirmed.add(message.body)


def dossier() -> Message:
    id = str(uuid4())
    return Message(f"dossier {id}".encode(), {"ce-id": id}, id=id)


def announced() -> Message:
    id = str(uuid4())
    return Message(
        f"event {id}".encode(), {"ce-id": id}, id=id, exchange=EVENTS, routing_key=key_at(PRODUCT_RATED, None)
    )


async def test_what_is_confirmed_while_there_is_no_stream_is_in_the_journal_once_there_is(node: Node) -> None:
    filed, event = dossier(), announced()
    async with channel_of(node.url) as channel, opened_portal(node.url) as portal:
        await channel.queue_delete(JOURNAL)
        for message in (filed, event):
            await portal.send(message)
        stream = await channel.declare_queue(JOURNAL, durable=True, arguments={**STREAM})
        await stream.bind(JOURNAL, "")

    found = await node.journaled({filed.body, event.body})

    assert {body: message.routing_key for body, message in found.items()} == {
        filed.body: "dossier.filed.v1",
        event.body: "product.rated.v1.-.-",
    }


async def test_what_finds_no_stream_at_first_and_then_another_leader_is_in_the_journal(node: Node) -> None:
    """Make happen what a node's start sometimes does (docs/decisions/0002, "one at a time")."""
    confirmed: set[bytes] = set()
    async with channel_of(node.url) as channel, opened_portal(node.url) as portal:
        stream = await channel.get_queue(JOURNAL, ensure=False)
        await node.broker.ctl("eval", f"{_LEADER} sys:suspend(Leader).")
        await stream.unbind(JOURNAL, "")
        await _file_both(portal, confirmed)
        await _until_logged(node, "Cannot forward any dead-letter messages", times=2)  # from the queues of both
        await stream.bind(JOURNAL, "")
        for _ in range(2):
            await _file_both(portal, confirmed)
        await node.broker.ctl("eval", f"{_LEADER} exit(Leader, kill).")
        for _ in range(AFTERWARDS):
            await _file_both(portal, confirmed)

    assert confirmed - (await node.journaled(confirmed)).keys() == set()


#: Erlang: the process that writes the stream.
_LEADER = (
    f'{{ok, Queue}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"{JOURNAL}">>)), '
    "Leader = amqqueue:get_pid(Queue),"
)


async def _until_logged(node: Node, text: str, *, times: int) -> None:
    (server,) = node.broker.servers
    async with asyncio.timeout(PATIENCE_SECONDS):
        while server.process.log_file.read_text("utf-8").count(text) < times:  # noqa: ASYNC110  # a file tells nobody
            await asyncio.sleep(0.1)


async def test_the_journal_knows_who_filed_as_the_broker_has_checked_it(node: Node) -> None:
    for user in (PORTAL, "operator"):
        await publish(node.credentials[user].amqp_url, aio_pika.Message(user.encode(), user_id=user))

    found = await node.journaled({PORTAL.encode(), b"operator"})

    said = {body: (message.user_id, filed_by(message, own_user="registry")) for body, message in found.items()}
    assert said == {PORTAL.encode(): (PORTAL, PORTAL), b"operator": ("operator", "operator")}


async def test_a_header_that_no_stream_can_hold_holds_up_nobody(node: Node) -> None:
    later, event = dossier(), announced()
    async with RawPublisher(node.credentials[PORTAL].amqp_url) as publisher:
        await publisher.publish(b"a decimal", {b"price": DECIMAL, b"ce-id": long_text("1")})
        twice = DECIMAL + short_text("price") + long_text("hides it")
        await publisher.publish(b"a name twice", {b"price": twice})
        await publisher.publish(b"unreadable", {b"h\xe0 n\xf4i": long_text("x"), b"price": DECIMAL})
    forged = aio_pika.Message(b"forged", headers={"x-death": [{"queue": JOURNAL, "reason": "expired"}]}, user_id=PORTAL)
    await publish(node.credentials[PORTAL].amqp_url, forged)
    async with opened_portal(node.url) as portal:
        await portal.send(later)
        await portal.send(event)

    sent = {b"a decimal", b"a name twice", b"unreadable", b"forged", later.body, event.body}
    found = await node.journaled(sent)

    assert found.keys() == sent
    assert (found[b"a decimal"].headers["price"], found[b"a decimal"].headers["ce-id"]) == ("1.50", "1")
    assert filed_by(found[b"forged"], own_user="registry") == PORTAL


async def test_what_the_definitions_have_not_brought_yet_is_waited_for(
    unfed: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed, missed = dossier(), asyncio.Event()
    monkeypatch.setattr(journal_feeder, "log", lambda *_, **__: missed.set())
    (feed,) = [queue for queue in SYSTEM.queues if queue.name == FEED]
    async with channel_of(unfed.url) as channel, opened_portal(unfed.url) as portal:
        await channel.queue_delete(FEED)
        async with feeding(unfed.credentials["registry"].amqp_url):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await missed.wait()
            declared = await channel.declare_queue(FEED, durable=True, arguments={**feed.arguments})
            for exchange, key in feed.bindings:
                await declared.bind(exchange, key)
            await portal.send(filed)

            assert (await unfed.journaled({filed.body})).keys() == {filed.body}


@asynccontextmanager
async def channel_of(url: str) -> AsyncIterator[AbstractChannel]:
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        yield channel


async def publish(url: str, message: aio_pika.Message) -> None:
    async with channel_of(url) as channel:
        await (await channel.get_exchange(INTAKE, ensure=False)).publish(message, DOSSIER_FILED.routing_key)
