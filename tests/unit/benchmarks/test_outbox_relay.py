"""The relay of the peer with an outbox removes what is confirmed, and that alone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bson import ObjectId

from benchmarks.peers.outbox_relay import Relay
from benchmarks.peers.rules import Json


class Outbox:
    """Messages by id, all of them left by a crash; tells when one is removed."""

    def __init__(self, *messages: Json) -> None:
        self.messages = {message["_id"]: message for message in messages}
        self.removed = asyncio.Event()

    async def delete_many(self, query: Json) -> None:
        """Remove messages by `_id`."""
        for id in query["_id"]["$in"]:
            del self.messages[id]
        self.removed.set()

    def find(self, _: Json) -> "Outbox":
        """Find all."""
        return self

    def sort(self, *_: object) -> "Outbox":
        """Leave them in their order."""
        return self

    async def limit(self, _: int) -> AsyncIterator[Json]:
        """Yield all."""
        for message in list(self.messages.values()):
            yield message


class Broker:
    """A broker that confirms what it is given, unless `answer` raises."""

    def __init__(self, answer: Callable[[str], None] = lambda _id: None) -> None:
        self.given: list[str] = []
        self._answer = answer

    async def publish(self, *_: object, message_id: str, **__: object) -> None:
        """Take a message."""
        self.given.append(message_id)
        self._answer(message_id)


def a_message() -> Json:
    return {"_id": ObjectId(), "body": b"{}", "correlation_id": "1"}


@asynccontextmanager
async def relaying(broker: Any, outbox: Outbox) -> AsyncIterator[Relay]:
    relay = Relay(broker, outbox, "submitted")
    running = asyncio.create_task(relay.run())
    yield relay
    running.cancel()
    await asyncio.wait([running])


async def test_what_is_left_in_the_outbox_is_sent_once_and_removed() -> None:
    left, broker = [a_message(), a_message()], Broker()
    outbox = Outbox(*left)
    async with relaying(broker, outbox) as relay:
        await relay.take_what_is_left()  # beside the relay's own first look
        while outbox.messages:
            await outbox.removed.wait()
            outbox.removed.clear()
    assert broker.given == [str(message["_id"]) for message in left]


async def test_a_lost_connection_costs_neither_the_message_nor_the_relay() -> None:
    """As aiormq reports it: `CancelledError`, which nobody asked for."""
    lost, sent = a_message(), a_message()

    def answer(id: str) -> None:
        if id == str(lost["_id"]):
            raise asyncio.CancelledError

    broker, outbox = Broker(answer), Outbox()
    async with relaying(broker, outbox) as relay:
        outbox.messages = {message["_id"]: message for message in (lost, sent)}
        for _ in range(200):  # twice as often as there are senders
            await relay.take(lost)
        await relay.take(sent)
        await asyncio.wait_for(outbox.removed.wait(), 5)
    assert list(outbox.messages) == [lost["_id"]]
