"""A dead letter as a value: what it is, where it lies, and why."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from ops.named import in_utc, named, one_line, read_time
from shared.handling.settlement import DETAIL, FAILED_AT, REASON, REPLAYED
from shared.messaging.sender import ATTEMPT, filed_by, last_death
from shared.messaging.topology import UNROUTED

#: hexadecimal digits of the digest that stands in the place of an id that cannot be made out
_DIGITS = 16
#: Beyond this a counting header is a stranger's joke.
_MAX_COUNT = 1_000_000


@dataclass(frozen=True)
class DeadLetter:
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
        """What tells it from others, and is the same the next time one looks."""
        return f"{self.queue} {self.sha256} {self.failed_at} {self.replays} {self.id}"

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(self).items()
        }


def read_letter(message: AbstractIncomingMessage, *, queue: str, position: int) -> DeadLetter:
    """Read a message of a dead-letter queue or of `ocop.unrouted`. No message is too strange."""
    digest = hashlib.sha256(message.body).hexdigest()
    event = named(message)
    reason, detail, failed_at = _diagnosis(message, queue)
    return DeadLetter(
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
    """Return the broker's user who sent the original, None where nobody knows."""
    return filed_by(message, own_user=queue.partition(".")[0])


def replays(message: AbstractIncomingMessage) -> int:
    """Return how often a message was brought back already."""
    return _count(message.headers, REPLAYED)


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
