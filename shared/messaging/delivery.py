"""A message as it was read, once: its event or why it has none, who sent it, and how often it was tried.

Headers of untrusted senders are not believed. The broker checks `user_id`: it is the publisher's own user, or absent.
Copies that a service publishes carry the service's, dead letters that an operator brings back the operator's; a header
says who sent the original.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import INTAKE, EventType
from shared.contracts.envelope import MAX_MESSAGE_BYTES, open_envelope
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import Unreadable
from shared.messaging.topology import Subscription
from shared.system import System

#: How many attempts a copy has behind it.
ATTEMPT = "x-ocop-attempt"
#: Who sent the original of a copy.
FILED_BY = "x-ocop-filed-by"
#: On a dossier that an operator brings back after the loss of its record: the code that its product was given then.
REFILED_AS = "x-ocop-refiled-as"
#: How often a copy came too early.
EARLY = "x-ocop-early"

#: Who brings dead letters back, and files dossiers of her own.
OPERATOR = "operator"

_DELIVERY_COUNT = "x-delivery-count"
#: By which exchange a message came before it was a dead letter for the first time: a stream keeps no `x-death`.
_FIRST_EXCHANGE = "x-first-death-exchange"


@dataclass(frozen=True)
class Sender:
    """What is believed of who sent a message: the user on the broker, and whether this is a copy of it.

    `user` is None where it did not say; `attempt` counts from 1, `early` how often it came too early; `is_a_service`
    tells that a service has published it, which is no copy that the queue's own service has transferred;
    `refiled_as` is as the function has it.
    """

    user: str | None
    attempt: int
    is_copy: bool
    is_a_service: bool
    early: int = 0
    refiled_as: str | None = None


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


def sender_of(message: AbstractIncomingMessage, *, own_user: str, services: frozenset[str]) -> Sender:
    """Return who sent a message to a queue of the service whose user on the broker is `own_user`."""
    own_copy = message.user_id == own_user and ATTEMPT in message.headers
    early = message.headers.get(EARLY) if own_copy else None
    return Sender(
        user=filed_by(message, own_user=own_user),
        attempt=attempt(message, own_user=own_user),
        is_copy=is_copy(message, own_user=own_user),
        is_a_service=message.user_id in services and not own_copy,
        early=early if isinstance(early, int) and 0 < early < 1000 else 0,
        refiled_as=refiled_as(message, own_user=own_user),
    )


def attempt(message: AbstractIncomingMessage, *, own_user: str) -> int:
    """Return the number of this attempt, from 1. Only what the queue's own service has counted is believed."""
    earlier = message.headers.get(ATTEMPT) if message.user_id == own_user else None
    return earlier + 1 if isinstance(earlier, int) and 0 < earlier < 1000 else 1


def filed_by(message: AbstractIncomingMessage, *, own_user: str) -> str | None:
    """Return the broker's user that sent the message, or the original of this copy; None where it did not say."""
    if not is_copy(message, own_user=own_user):
        return message.user_id
    original = message.headers.get(FILED_BY)
    return original if isinstance(original, str) else None


def refiled_as(message: AbstractIncomingMessage, *, own_user: str) -> str | None:
    """Return the product code that an operator says a dossier was given before its record was lost, None without."""
    code = message.headers.get(REFILED_AS) if is_copy(message, own_user=own_user) else None
    return code if isinstance(code, str) else None


def is_copy(message: AbstractIncomingMessage, *, own_user: str) -> bool:
    """Return whether a message was transferred before: it comes from a delay, or an operator has brought it back.

    What an operator publishes on the intake is no copy: she has filed it, and if the broker itself makes a dead letter
    of it, that still says where it was published; so does the journal.
    """
    if message.user_id != OPERATOR:
        return message.user_id == own_user
    death, first = last_death(message.headers), message.headers.get(_FIRST_EXCHANGE)
    return INTAKE not in (message.exchange, death and death.get("exchange"), first)


def last_death(headers: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the broker says of a dead letter that it made itself. Services leave it out of copies."""
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else None
