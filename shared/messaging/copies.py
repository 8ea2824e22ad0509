"""A copy of a message, for a delay queue, a dead-letter queue, or the way back from one."""

from collections.abc import Mapping
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.messaging.properties import copied, short


def copy_of(message: AbstractIncomingMessage, headers: Mapping[str, Any], *, user: str) -> aio_pika.Message:
    """Give a message with the same body and properties and these headers, as far as they can be written again.

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
