"""A message of a dead-letter queue or of `ocop.unrouted`: what it is, where it lies, and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from ops.named import in_utc, named, one_line, read_time
from shared.handling.settlement import DETAIL, FAILED_AT, REASON, REPLAYED
from shared.messaging.delivery import ATTEMPT, filed_by, last_death
from shared.messaging.topology import UNROUTED

#: hexadecimal digits of the digest that stands in for an id that cannot be made out
_DIGITS = 16
#: A header with a larger count was not written by a service.
_MAX_COUNT = 1_000_000


@dataclass(frozen=True)
class DeadMessage:
    """One message of a dead-letter queue or of `ocop.unrouted`; every text is one printable line, masked.

    `id` is that of the event, or `sha256:` and the first digits of the body's digest. `position` counts from 1, the
    oldest. `sent_at` is when the event says that it happened. `exchange` and `routing_key` are those of the delivery.
    """

    queue: str
    position: int
    id: str
    source: str
    type: str
    reason: str
    detail: str
    failed_at: datetime | None
    sent_at: datetime | None
    attempt: int | None
    replays: int
    filed_by: str | None
    size_bytes: int
    sha256: str
    exchange: str
    routing_key: str

    @property
    def identity(self) -> str:
        """What identifies it, and is the same the next time one looks."""
        return f"{self.queue} {self.sha256} {self.failed_at} {self.replays} {self.id}"

    @property
    def time(self) -> datetime | None:
        """When it failed or, where that is unknown, when it was sent."""
        return self.failed_at or self.sent_at


def read_dead_message(message: AbstractIncomingMessage, *, queue: str, position: int) -> DeadMessage:
    """Read any message of a dead-letter queue or of `ocop.unrouted`, even garbage."""
    digest = hashlib.sha256(message.body).hexdigest()
    event = named(message)
    reason, detail, failed_at = _diagnosis(message, queue)
    return DeadMessage(
        queue=queue,
        position=position,
        id=event.id or f"sha256:{digest[:_DIGITS]}",
        source=event.source,
        type=event.type,
        reason=one_line(reason),
        detail=one_line(detail),
        failed_at=failed_at,
        sent_at=event.time,
        attempt=_count(message.headers, ATTEMPT) or None,
        replays=_count(message.headers, REPLAYED),
        filed_by=one_line(sender(message, queue)) or None,
        size_bytes=len(message.body),
        sha256=digest,
        exchange=one_line(message.exchange),
        routing_key=one_line(message.routing_key),
    )


def sender(message: AbstractIncomingMessage, queue: str) -> str | None:
    """Return the broker's user who sent the original, None where that is unknown."""
    return filed_by(message, own_user=queue.partition(".")[0])


def _diagnosis(message: AbstractIncomingMessage, queue: str) -> tuple[object, object, datetime | None]:
    """Return reason, detail and time of the failure, as the service wrote them or the broker."""
    if queue == UNROUTED:
        return "unrouted", f"nobody is bound to {message.routing_key} on {message.exchange}", None
    if death := last_death(message.headers):  # services leave it out of copies: this one the broker put here
        reason = str(death.get("reason", "")).replace("_", "-")
        return reason, f"RabbitMQ moved it from {death.get('queue')}", in_utc(death.get("time"))
    headers = message.headers
    return headers.get(REASON, "unknown"), headers.get(DETAIL), read_time(headers.get(FAILED_AT))


def _count(headers: Mapping[str, Any], name: str) -> int:
    value = headers.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_COUNT else 0
