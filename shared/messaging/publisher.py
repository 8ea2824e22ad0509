"""Publishing: confirmed, persistent, routed, on a connection of its own.

RabbitMQ blocks connections that publish when it runs out of memory or disk; consumers on another one can still answer.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustConnection
from yarl import URL

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import Event, write
from shared.errors import OutageError
from shared.messaging.connection import AWAY, connect, declare, require_definitions
from shared.messaging.properties import copied, short
from shared.messaging.topology import DEAD, EXCHANGES, RETRY

#: Publishes that wait for their confirm at the same time. More brings no more throughput, only memory.
MAX_IN_FLIGHT = 200


class Publisher:
    """Publishes what a service has to say. Every publish returns once the broker has taken the message for good."""

    def __init__(self, url: str, *, service: str, timeout_seconds: float) -> None:
        self._url = url
        self._user = URL(url).user or "guest"
        self._service = service
        self._timeout_seconds = timeout_seconds
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractRobustChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}

    async def start(self) -> None:
        """Connect, and declare what the service needs.

        Raises:
            OutageError: the broker is not there, or has not got the definitions yet.
        """
        self._connection = await connect(self._url, name=f"{self._service}: publishing")
        try:
            await require_definitions(self._connection)
            channel: AbstractRobustChannel = await self._connection.channel(
                publisher_confirms=True, on_return_raises=True
            )
            await declare(channel, self._service)
            # looked up once: aio-pika keeps every exchange object that it hands out
            self._exchanges = {name: await channel.get_exchange(name) for name in EXCHANGES}
            self._channel = channel
        except AWAY as error:
            await self.close()
            raise OutageError(f"RabbitMQ is away: {type(error).__name__}") from error

    async def close(self) -> None:
        """Close the connection."""
        if self._connection:
            await self._connection.close()

    async def ping(self) -> None:
        """Ask the broker for something that only it can answer. Raises OutageError."""
        if self._channel is None:
            raise OutageError("RabbitMQ: not connected yet")
        try:
            # past aio-pika's robust channel, which answers from memory what it has declared before
            underlying = await self._channel.get_underlay_channel()
            await underlying.exchange_declare(DEAD, passive=True)
        except AWAY as error:
            raise OutageError(f"RabbitMQ does not answer: {type(error).__name__}") from error

    async def announce(self, event: Event) -> None:
        """Publish an event to its exchange. Raises OutageError where the broker did not confirm it."""
        event_type = BY_TYPE[event.type]
        message = write(event)
        await self._publish(
            event_type.exchange,
            event_type.routing_key,
            aio_pika.Message(
                body=message.body,
                headers=dict(message.headers),
                content_type=message.content_type,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                message_id=event.id,
                correlation_id=event.correlation_id,
                type=event.type,
                timestamp=event.time,
                app_id=self._service,
                user_id=self._user,
            ),
        )

    async def delay(self, message: AbstractIncomingMessage, queue: str, headers: Mapping[str, Any]) -> None:
        """Put a copy of a message into a delay queue, its body as it is. Raises OutageError."""
        await self._publish(RETRY, queue, self._copy(message, headers))

    async def bury(self, message: AbstractIncomingMessage, queue: str, headers: Mapping[str, Any]) -> None:
        """Put a copy of a message into a dead-letter queue, its body as it is. Raises OutageError."""
        await self._publish(DEAD, queue, self._copy(message, headers))

    def _copy(self, message: AbstractIncomingMessage, headers: Mapping[str, Any]) -> aio_pika.Message:
        return aio_pika.Message(
            body=message.body,
            headers=copied({**message.headers, **headers}),
            content_type=short(message.content_type),
            content_encoding=short(message.content_encoding),
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=short(message.message_id),
            correlation_id=short(message.correlation_id),
            reply_to=short(message.reply_to),
            type=short(message.type),
            timestamp=message.timestamp,
            app_id=short(message.app_id),
            user_id=self._user,  # the broker accepts no other; who filed the message is in its headers
        )

    async def _publish(self, exchange: str, routing_key: str, message: aio_pika.Message) -> None:
        try:
            async with self._in_flight, asyncio.timeout(self._timeout_seconds):
                await self._exchanges[exchange].publish(message, routing_key, mandatory=True)
        except AWAY as error:
            raise OutageError(f"RabbitMQ did not take {routing_key}: {type(error).__name__}") from error
