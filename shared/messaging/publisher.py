"""Publishing: the events that a service announces, and copies of messages that are to be kept."""

from collections.abc import Mapping
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.event import Event
from shared.contracts.writing import write
from shared.messaging.amqp_properties import copied, short
from shared.messaging.connection import PublishingConnection
from shared.messaging.delivery import EARLY, FILED_BY, REFILED_AS
from shared.messaging.routing import routing_key, to_who_filed


class Publisher(PublishingConnection):
    """Publishes what a service has to say. Every publish returns once the broker has taken the message for good."""

    async def announce(self, event: Event) -> None:
        """Publish an event to its exchange. Raise OutageError where the broker did not confirm it.

        An answer is for the queue of who asked; the broker keeps it where there is no such queue (`ocop.unrouted`).
        """
        event_type = BY_TYPE[event.type]
        message = write(event)
        await self.publish(
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
                app_id=self.service,
                user_id=self.user,
            ),
            name=event_type.routing_key,
        )

    async def publish_copy(
        self, message: AbstractIncomingMessage, exchange: str, routing_key: str, headers: Mapping[str, Any]
    ) -> None:
        """Put a copy of a message into a delay queue or a dead-letter queue, its body as it is. Raise OutageError."""
        ours = {FILED_BY, EARLY, REFILED_AS}
        believed = {name: value for name, value in message.headers.items() if name not in ours}
        await self.publish(exchange, routing_key, copy_of(message, {**believed, **headers}, user=self.user))


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
