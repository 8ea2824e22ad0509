"""An integration as a stranger would write it: files messages on the intake and collects every event."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.contracts.envelope import read
from shared.contracts.event import Event, UnreadableError

#: seconds; far more than an answer takes, on a machine that stands still for half a minute too
PATIENCE_SECONDS = 90

SOURCE = "/portals/test"
TYPE = "vn.ocop.dossier.filed.v1"
ROUTING_KEY = "dossier.filed.v1"


class Portal:
    """Files and listens."""

    def __init__(self, channel: AbstractChannel) -> None:
        self.channel = channel
        self._seen: list[Event] = []
        self._more = asyncio.Condition()

    async def file(self, dossier: Mapping[str, Any], *, id: str | None = None, times: int = 1) -> str:
        """File a dossier in binary mode, as often as said, and return its event id."""
        id = id or str(uuid4())
        headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE}
        body = json.dumps(dossier).encode()
        await asyncio.gather(*(self.send(body, headers=headers) for _ in range(times)))
        return id

    async def file_structured(self, dossier: Mapping[str, Any], **attributes: object) -> None:
        """File a dossier in structured mode."""
        event = {"specversion": "1.0", "source": SOURCE, "type": TYPE, "data": dossier, **attributes}
        await self.send(json.dumps(event).encode(), content_type="application/cloudevents+json; charset=utf-8")

    async def send(
        self,
        body: bytes,
        *,
        headers: Mapping[str, Any] | None = None,
        content_type: str | None = "application/json",
        exchange: str = "ocop.intake",
        routing_key: str = ROUTING_KEY,
        message_id: str | None = None,
        user_id: str | None = None,
    ) -> None:
        """Publish any bytes."""
        message = aio_pika.Message(
            body,
            headers=dict(headers or {}),
            content_type=content_type,
            message_id=message_id,
            user_id=user_id,
            delivery_mode=2,
        )
        await (await self.channel.get_exchange(exchange)).publish(message, routing_key)

    async def events(self, story: str, name: str, *, count: int = 1) -> list[Event]:
        """Wait until a story has as many events of a kind, and return them."""

        def found() -> list[Event]:
            return [e for e in self._seen if e.correlation_id == story and e.type == f"vn.ocop.{name}.v1"]

        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._more:
                await self._more.wait_for(lambda: len(found()) >= count)
        except TimeoutError:
            heard = [event.type for event in self._seen if event.correlation_id == story]
            raise AssertionError(f"no {name} of {story} but {heard}, of {len(self._seen)} events in all") from None
        return found()

    async def until(self, wanted: Callable[[Event], bool]) -> None:
        """Wait until any event of any story is as wanted."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._more:
            await self._more.wait_for(lambda: any(map(wanted, self._seen)))

    async def event(self, story: str, name: str) -> Event:
        """Wait for one event of a story."""
        return (await self.events(story, name))[0]

    async def dead_letter(self, queue: str) -> AbstractIncomingMessage:
        """Wait for the next dead letter of a queue and take it."""
        return await self.next_of(f"{queue}.dead")

    async def next_of(self, queue: str) -> AbstractIncomingMessage:
        """Wait for the next message of a queue and take it."""
        declared = await self.channel.declare_queue(queue, passive=True)
        async with asyncio.timeout(PATIENCE_SECONDS), declared.iterator() as messages:
            message = await anext(messages)
            await message.ack()
        return message

    async def first_of(self, queue: str) -> AbstractIncomingMessage:
        """Take the first message of a queue, and touch no other."""
        declared = await self.channel.declare_queue(queue, passive=True)
        message = await declared.get()
        await message.ack()
        return message

    async def rest_of(self, queue: str) -> list[AbstractIncomingMessage]:
        """Take all that a queue holds in nobody's hand."""
        declared, taken = await self.channel.declare_queue(queue, passive=True), []
        while message := await declared.get(no_ack=True, fail=False):
            taken.append(message)
        return taken

    async def empty(self, *queues: str) -> None:
        """Drop what other tests have left in queues, so that each fails for its own reasons only."""
        for queue in queues:
            await (await self.channel.get_queue(queue)).purge()

    async def depth(self, queue: str) -> int:
        """Count the messages of a queue that nobody has in flight."""
        declared = await self.channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0

    async def until_depth(self, queue: str, count: int) -> None:
        """Wait until so many messages of a queue are in nobody's hand."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.depth(queue) != count:  # noqa: ASYNC110  # the broker tells nobody
                await asyncio.sleep(0.05)

    async def take_in(self, message: AbstractIncomingMessage) -> None:
        """Note an event; what a test has sent to nobody's understanding is passed over."""
        with suppress(UnreadableError):
            event = read(message.headers, message.content_type, message.body)
            async with self._more:
                self._seen.append(event)
                self._more.notify_all()


@asynccontextmanager
async def opened_portal(amqp_url: str) -> AsyncIterator[Portal]:
    """Connect to the broker and listen to every event from now on."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.set_qos(prefetch_count=1)
        portal = Portal(channel)
        listening = await connection.channel()
        inbox = await listening.declare_queue(exclusive=True, auto_delete=True)
        await inbox.bind("ocop.events", "#")
        await inbox.consume(portal.take_in, no_ack=True)
        yield portal
