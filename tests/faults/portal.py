"""Files messages as an integration should: it sends each again, unchanged, until the broker confirms it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from yarl import URL

from shared.errors import OutageError
from shared.messaging.connection import as_outage, close, connect
from tests.faults.inbox import Inbox
from tests.faults.messages import CODE, After, Message

#: seconds; how long a confirm or a connection may take before it counts as lost
CONFIRM_SECONDS = 10
#: seconds between two looks for a broker that is not there
PAUSE_SECONDS = 0.2

#: An AMQP id that nobody takes for the id of an event. Without any the client library would invent a readable one.
NO_ID = "\x01"


class Portal:
    """One connection to the broker, opened again whenever it breaks.

    `sent` counts how often messages were sent, `confirmed` how often a confirm came; `confirmed_at` has the moments of
    the confirms, by the event's id, in seconds of the event loop. `inbox` is what it reads, if anything.
    """

    def __init__(self, url: str, inbox: Inbox | None = None) -> None:
        self.inbox = inbox
        self._url = url
        self._user = URL(url).user
        self._first_confirms = defaultdict[str, asyncio.Event](asyncio.Event)
        self.sent = self.confirmed = 0
        self.confirmed_at = defaultdict[str, list[float]](list)
        self._opening = asyncio.Lock()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None

    async def ready(self, message: Message) -> Message:
        """Wait for what comes before a message, and return it with the code that it is about.

        Raises:
            TimeoutError: no answer came.
        """
        match message.after:
            case None:
                return message
            case After(id, None):
                await self._first_confirms[id].wait()
                return message
            case After(id, event_type):
                assert self.inbox is not None
                assert event_type is not None
                code = await self.inbox.answer(id, event_type)
                return replace(message, body=message.body.replace(CODE.encode(), code.encode()))

    async def send(self, message: Message) -> None:
        """Publish a message until it is confirmed: afterwards the broker has it at least once."""
        while True:
            channel = await self._opened()
            self.sent += 1
            try:
                with as_outage("filing"):
                    async with asyncio.timeout(CONFIRM_SECONDS):
                        await self._publish(channel, message)
            except OutageError:
                await self._drop_connection(channel)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                self.confirmed += 1
                self.confirmed_at[message.id or ""].append(asyncio.get_running_loop().time())
                self._first_confirms[message.id or ""].set()
                return

    async def close(self) -> None:
        """Close the connection."""
        if self._connection:
            await close(self._connection)

    async def _publish(self, channel: AbstractChannel, message: Message) -> None:
        exchange = await channel.get_exchange(message.exchange, ensure=False)
        published = aio_pika.Message(
            message.body,
            headers=dict(message.headers),
            content_type=message.content_type,
            message_id=message.id or NO_ID,
            user_id=self._user if message.signed else None,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await exchange.publish(published, message.routing_key, mandatory=False)

    async def _opened(self) -> AbstractChannel:
        async with self._opening:
            while self._channel is None:
                try:
                    self._connection = await connect(self._url, name="portal")
                    with as_outage("opening"):
                        async with asyncio.timeout(CONFIRM_SECONDS):
                            self._channel = await self._connection.channel(publisher_confirms=True)
                except OutageError:
                    await self.close()
                    await asyncio.sleep(PAUSE_SECONDS)
            return self._channel

    async def _drop_connection(self, channel: AbstractChannel) -> None:
        if channel is self._channel and self._connection:
            connection, self._connection, self._channel = self._connection, None, None
            await close(connection)


@asynccontextmanager
async def opened_portal(url: str, *, inbox: str | None = None) -> AsyncIterator[Portal]:
    """Return a portal that is closed at the end; it reads the queue `inbox`, where one is given."""
    portal = Portal(url, Inbox(url, inbox) if inbox else None)
    reading = asyncio.create_task(portal.inbox.read()) if portal.inbox else None
    try:
        yield portal
    finally:
        if reading:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        await portal.close()
