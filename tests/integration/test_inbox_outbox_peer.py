"""The peer with an inbox and an outbox keeps the promise that it is measured for."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import islice
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from yarl import URL

from benchmarks.contestants import FASTSTREAM
from benchmarks.dossiers import BenchmarkDossier, new_filings
from benchmarks.filing import message
from benchmarks.peers.inbox_outbox import ATTEMPTS, STEPS, Service, service_of
from tools.stack import LocalStack

REGISTER = STEPS["register"]
_QUEUES = (REGISTER.source, REGISTER.retries.name, REGISTER.dead_letters.name, REGISTER.target)


class StuckBroker:
    """A broker that takes a message and never confirms it."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    async def publish(self, *_: Any, **__: Any) -> None:
        """Wait until cancelled."""
        self.reached.set()
        await asyncio.Event().wait()


class Peer:
    """The peer's first step on the test run's servers, and the channel to its queues."""

    def __init__(self, amqp_url: str, mongo_url: str, channel: AbstractChannel, opened: AsyncExitStack) -> None:
        self.channel = channel
        self._opened = opened
        self._urls = {"amqp_url": amqp_url, "mongo_url": mongo_url, "database": f"peer_{uuid4().hex}"}

    async def service(self) -> Service:
        """Return an instance of the first step, not yet reading."""
        service = service_of("register", **self._urls)
        self._opened.callback(service.database.client.close)
        self._opened.push_async_callback(service.broker.stop)
        await service.prepare()
        return service

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """Run an instance that handles and relays."""
        service = await self.service()
        relaying = asyncio.create_task(service.relay.run())
        await service.broker.start()
        try:
            yield service
        finally:
            await service.broker.stop()  # its running handlers end first
            relaying.cancel()

    async def file(self, filing: BenchmarkDossier, **headers: int) -> None:
        """File a dossier under its id."""
        filed = message(filing, FASTSTREAM)
        filed.headers.update(headers)
        await self.channel.default_exchange.publish(filed, REGISTER.source)

    async def next_of(self, queue: str) -> AbstractIncomingMessage:
        """Take the next message, when it comes."""
        arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        source = await self.channel.get_queue(queue)
        tag = await source.consume(arrived.put)
        taken = await asyncio.wait_for(arrived.get(), 30)
        await taken.ack()
        await source.cancel(tag)
        return taken


@pytest.fixture
async def peer(stack: LocalStack) -> AsyncIterator[Peer]:
    amqp_url = str(URL(stack.amqp_url).with_path("/bare"))
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        await channel.set_qos(1)
        await channel.declare_queue(REGISTER.target, durable=True, arguments={"x-queue-type": "quorum"})
        async with AsyncExitStack() as opened:
            yield Peer(amqp_url, stack.mongo_url, channel, opened)
        for queue in _QUEUES:
            await channel.queue_delete(queue)


async def test_what_a_lost_process_had_committed_is_sent_by_the_next(peer: Peer) -> None:
    first, (filing,) = await peer.service(), islice(new_filings(1, "lost"), 1)
    stuck = StuckBroker()
    first.relay.broker = stuck  # type: ignore[assignment]
    relaying = asyncio.create_task(first.relay.run())
    await first.broker.start()
    await peer.file(filing)
    await asyncio.wait_for(stuck.reached.wait(), 30)
    relaying.cancel()  # committed and handed over, not confirmed
    await first.broker.stop()

    second = await peer.service()
    second = replace(second, relay=replace(second.relay, left_seconds=-1))
    relaying = asyncio.create_task(second.relay.run())
    sent = await peer.next_of(REGISTER.target)
    relaying.cancel()

    assert json.loads(sent.body)["id"] == filing.id
    assert await second.database["products"].count_documents({"_id": filing.id}) == 1


async def test_a_message_that_comes_again_is_not_handled_again(peer: Peer) -> None:
    once, other = islice(new_filings(1, "again"), 2)
    async with peer.running() as service:
        await peer.file(once)
        await peer.next_of(REGISTER.target)
        await peer.file(once)
        await peer.file(other)
        await peer.next_of(REGISTER.target)
        counts = [await service.database[name].count_documents({}) for name in ("products", "register_inbox")]

    left = await peer.channel.declare_queue(REGISTER.target, passive=True)
    assert (counts, left.declaration_result.message_count) == ([2, 2], 0)


async def test_an_error_is_tried_again_later_and_the_last_one_is_a_dead_letter(peer: Peer) -> None:
    (faulty,) = islice(new_filings(1, "faulty"), 1)
    del faulty.dossier["producer"]
    async with peer.running():
        await peer.file(faulty)
        waiting = await peer.next_of(REGISTER.retries.name)
        await peer.file(faulty, attempt=ATTEMPTS)
        dead = await peer.next_of(REGISTER.dead_letters.name)

    assert (waiting.headers["attempt"], waiting.message_id) == (2, faulty.id)
    assert (dead.headers["attempt"], dead.message_id) == (ATTEMPTS, faulty.id)
