"""A message as it was read, once: its event or why it has none, who sent it, and how often it was tried."""

import hashlib
from collections.abc import Sequence
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
from shared.system import System

_DELIVERY_COUNT = "x-delivery-count"


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message.

    `event_type` is the kind of event that it is, or that it is handled as where it cannot be read.
    `named` is (source, id) as far as they can be made out; `unanswered` is how many deliveries before ended without an
    answer, by the broker's count.
    """

    event_type: EventType[Any]
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
    message: AbstractIncomingMessage, subscriptions: Sequence[Subscription], *, own_user: str, system: System
) -> Delivery:
    """Read a message of the queue that these subscriptions share; `own_user` is its service's user on the broker."""
    sender = sender_of(message, own_user=own_user, services=frozenset(system.names))
    kinds = [each.event_type for each in subscriptions]
    filed = next((kind for kind in kinds if kind.exchange == INTAKE), None)
    opened = open_envelope(
        message.headers,
        message.content_type,
        message.body,
        content_encoding=message.content_encoding,
        message_id=message.message_id,
        max_bytes=MAX_MESSAGE_BYTES if filed and not sender.is_a_service else None,
    )
    content = opened.content
    if isinstance(content, Event):
        content = _believed(content, sender, system)
    kind = next((kind for kind in kinds if isinstance(content, Event) and kind.type == content.type), None)
    failed = message.headers.get(_DELIVERY_COUNT) if message.redelivered else None
    refusal = _refusal(kind, kinds, sender, content, system)
    return Delivery(
        event_type=(None if refusal else kind) or filed or kinds[0],
        content=refusal or content,
        named=opened.named,
        correlation_id=opened.correlation_id,
        traceparent=opened.traceparent,
        body=message.body,
        sender=sender,
        unanswered=failed if isinstance(failed, int) else 0,
        sent_at=message.timestamp,
    )


def _believed(event: Event, sender: Sender, system: System) -> Event:
    """Return an event with what is believed of it: place and who filed are a service's to say, nobody else's."""
    if sender.user in system.names:
        return event
    return replace(event, place=None, filed_by=sender.user, refiled_as=sender.refiled_as)


def _refusal(
    kind: EventType[Any] | None,
    kinds: Sequence[EventType[Any]],
    sender: Sender,
    content: Event | UnreadableError,
    system: System,
) -> UnreadableError | None:
    """Return why an event of this kind may not come by a queue for these kinds from this sender."""
    exchanges = {each.exchange for each in kinds}
    if sender.is_a_service and INTAKE in ({kind.exchange} if kind else exchanges):
        return MisroutedError(sender.user)
    if isinstance(content, UnreadableError):
        return None
    if kind is None:
        return UnreadableError(Unreadable.WRONG_TYPE, f"type is not {' or '.join(each.type for each in kinds)}")
    # The broker holds rights against the exchange; by which one a copy came at first, is not known any more.
    if len(exchanges) > 1 and kind.exchange != INTAKE and sender.user not in system.announcers(kind):
        return UnreadableError(Unreadable.WRONG_TYPE, f"type is {kind.type}, which its sender may not announce")
    return None


class MisroutedError(UnreadableError):
    """A service has published the message on the intake: answered, it would come round for ever."""

    def __init__(self, user: str | None) -> None:
        super().__init__("from-a-service", f"published by {user}")
