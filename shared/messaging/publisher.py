"""Publishing: confirmed, persistent, routed, on a connection of its own.

RabbitMQ blocks connections that publish when it runs out of memory or disk; consumers on another one can still answer.
What is lost (the connection, or a channel that the broker closed for one publish) is opened anew by the next publish.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from time import perf_counter
from typing import Any
from weakref import WeakValueDictionary

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aiormq import exceptions as amqp
from yarl import URL

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import write
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.logs import Action, log
from shared.messaging.amqp_properties import copied, short
from shared.messaging.connection import (
    CONNECT_SECONDS,
    as_outage,
    close,
    connect,
    declare,
    place_of,
    require_definitions,
)
from shared.messaging.routing import routing_key, to_who_filed
from shared.messaging.sender import EARLY, FILED_BY, REFILED_AS
from shared.messaging.topology import EXCHANGES, Queue
from shared.metrics import PUBLISH_SECONDS

#: Publishes that wait for their confirm at the same time. More brings no more throughput, only memory.
MAX_IN_FLIGHT = 200

#: An exchange that every broker has.
_ALWAYS_THERE = "amq.topic"


class Publisher:
    """Publishes what a service has to say. Every publish returns once the broker has taken the message for good.

    `user` is the broker's user that it publishes as, `place` where the broker is; `queues` are the service's own.
    """

    def __init__(self, url: str, *, service: str, timeout_seconds: float, queues: Sequence[Queue] = ()) -> None:
        self._url = url
        self.user = URL(url).user or "guest"
        self.place = place_of(url)
        self._service = service
        self._queues = queues
        self._timeout_seconds = timeout_seconds
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._connecting = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}
        self._asking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect where that is needed, and declare what the service needs.

        Raises:
            OutageError: the broker does not answer, or has not got the definitions yet.
        """
        with as_outage(f"{self.place} does not answer"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.ping()
                connection = await self._connected()
                await require_definitions(connection)
                await self._declare(connection)

    async def close(self) -> None:
        """Close the connection."""
        if self._asking:
            self._asking.cancel()
        if self._connection:
            await close(self._connection)

    async def ping(self) -> None:
        """Ask the broker for something that only it can answer. Raise OutageError."""
        # One question at a time, and whoever gives up waiting does not take it back: while the broker blocks this
        # connection, each would leave a channel behind.
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_forget)
        await asyncio.shield(self._asking)

    async def announce(self, event: Event) -> None:
        """Publish an event to its exchange. Raise OutageError where the broker did not confirm it.

        An answer is for the queue of who asked; the broker keeps it where there is no such queue (`ocop.unrouted`).
        """
        event_type = BY_TYPE[event.type]
        message = write(event)
        await self._publish(
            event_type.exchange,
            routing_key(event),
            aio_pika.Message(
                body=message.body,
                headers={**message.headers, **to_who_filed(event)},
                content_type=message.content_type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=event.id,
                correlation_id=event.correlation_id,
                type=event.type,
                timestamp=event.time,
                app_id=self._service,
                user_id=self.user,
            ),
            name=event_type.routing_key,
        )

    async def publish_copy(
        self, message: AbstractIncomingMessage, exchange: str, queue: str, headers: Mapping[str, Any]
    ) -> None:
        """Put a copy of a message into a delay queue or a dead-letter queue, its body as it is. Raise OutageError."""
        ours = {FILED_BY, EARLY, REFILED_AS}
        believed = {name: value for name, value in message.headers.items() if name not in ours}
        await self._publish(exchange, queue, copy_of(message, {**believed, **headers}, user=self.user))

    async def _publish(
        self, exchange: str, routing_key: str, message: aio_pika.Message, *, name: str | None = None
    ) -> None:
        """Publish a message. `name` is what an outage calls it: not the places, of which each would be a reason."""
        # The library knows a returned message by its id alone, which its sender chose: one at a time of each.
        turn = self._turns.setdefault(message.message_id, asyncio.Lock()) if message.message_id else nullcontext()
        try:
            with as_outage(f"RabbitMQ did not take {name or routing_key}"):
                async with self._in_flight, asyncio.timeout(self._timeout_seconds), turn:
                    opened = await self._exchange(exchange)
                    started = perf_counter()
                    await opened.publish(message, routing_key, mandatory=True)
                    PUBLISH_SECONDS.observe(perf_counter() - started)
        except OutageError as error:
            if isinstance(error.__cause__, amqp.PublishError):
                await self._restore()
            raise

    async def _exchange(self, name: str) -> AbstractExchange:
        async with self._opening:
            connection = await self._connected()
            if self._channel is None or self._channel.is_closed:
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                # named, not asked for: one that is missing must stop its own publishes only
                self._exchanges = {known: await channel.get_exchange(known, ensure=False) for known in EXCHANGES}
                self._channel = channel
        return self._exchanges[name]

    async def _connected(self) -> AbstractConnection:
        async with self._connecting:
            if self._connection is None or not self._connection.connected.is_set():
                lost = self._connection
                connection = await connect(self._url, name=f"{self._service}: publishing")
                self._connection = connection
                if lost:
                    await close(lost)
                    log(Action.RECONNECT, connection="publishing")
            return self._connection

    async def _ask(self) -> None:
        with as_outage(f"{self.place} does not answer"):
            connection = await self._connected()
            async with connection.channel(publisher_confirms=False) as channel:
                await channel.get_exchange(_ALWAYS_THERE)

    async def _restore(self) -> None:
        with as_outage(f"{self.place} does not answer"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._declare(await self._connected())

    async def _declare(self, connection: AbstractConnection) -> None:
        async with connection.channel() as channel:
            await declare(channel, self._queues)


def _forget(asking: asyncio.Task[None]) -> None:
    """Ignore a result that the caller has had already, or no longer waits for."""
    if not asking.cancelled():
        asking.exception()


def copy_of(message: AbstractIncomingMessage, headers: Mapping[str, Any], *, user: str) -> aio_pika.Message:
    """Return a copy for a delay queue, a dead-letter queue, or the way back from one.

    It has the same body and properties, and these headers as far as they can be written again.

    `user` is who publishes the copy: the broker accepts no other name. Who sent the original is for `headers` to say.
    """
    return aio_pika.Message(
        body=message.body,
        headers=copied(headers),
        content_type=short(message.content_type),
        content_encoding=short(message.content_encoding),
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=short(message.message_id),
        correlation_id=short(message.correlation_id),
        reply_to=short(message.reply_to),
        type=short(message.type),
        timestamp=message.timestamp,
        app_id=short(message.app_id),
        user_id=user,
    )
