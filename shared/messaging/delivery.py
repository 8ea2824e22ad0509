"""A message as it was read, once: its event or why it has none, who sent it, and how often it was tried."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import INTAKE, EventType
from shared.contracts.envelope import MAX_MESSAGE_BYTES, open_envelope
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import Unreadable
from shared.messaging.sender import Sender, sender_of
from shared.messaging.topology import Subscription

_DELIVERY_COUNT = "x-delivery-count"


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message.

    `named` is (source, id) as far as they can be made out; `unanswered` is how many deliveries before ended without an
    answer, by the broker's count.
    """

    content: Event | UnreadableError
    named: tuple[str, str] | None
    correlation_id: str | None
    traceparent: object
    body: bytes
    sender: Sender
    unanswered: int
    sent_at: datetime | None

    def as_event(self, event_type: EventType[Any], *, traceparent: str | None) -> Event | None:
        """Return what can be made out of a message that cannot be read as an event, None where no id can."""
        if self.named is None:
            return None
        source, id = self.named
        digest = hashlib.sha256(self.body).hexdigest()
        return Event(
            id=id,
            source=source,
            type=event_type.type,
            data={"unreadable": digest},
            traceparent=traceparent,
            filed_by=self.sender.user,
        )


def read_delivery(
    message: AbstractIncomingMessage, subscription: Subscription, *, own_user: str, services: frozenset[str]
) -> Delivery:
    """Read a message of a subscription's queue.

    `own_user` is the queue's service's user on the broker, and `services` are those of all services.
    """
    event_type = subscription.event_type
    sender = sender_of(message, event_type.exchange, own_user=own_user, services=services)
    opened = open_envelope(
        message.headers,
        message.content_type,
        message.body,
        content_encoding=message.content_encoding,
        message_id=message.message_id,
        filed_by=sender.user,
        max_bytes=MAX_MESSAGE_BYTES if event_type.exchange == INTAKE else None,
    )
    content = opened.content
    if sender.is_astray:
        content = DetourError(message.user_id)
    elif isinstance(content, Event) and content.type != event_type.type:
        content = UnreadableError(Unreadable.WRONG_TYPE, f"type is not {event_type.type}")
    if isinstance(content, Event) and sender.refiled_as:
        content = replace(content, refiled_as=sender.refiled_as)
    failed = message.headers.get(_DELIVERY_COUNT) if message.redelivered else None
    return Delivery(
        content=content,
        named=opened.named,
        correlation_id=opened.correlation_id,
        traceparent=opened.traceparent,
        body=message.body,
        sender=sender,
        unanswered=failed if isinstance(failed, int) else 0,
        sent_at=message.timestamp,
    )


class DetourError(UnreadableError):
    """A service has published the message on the intake: answered, it would come round for ever."""

    def __init__(self, user: str | None) -> None:
        super().__init__("from-a-service", f"published by {user}")
