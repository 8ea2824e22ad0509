"""How a delivery is settled: from what its handler made of it to what is done with the message. Pure.

A message that is to be kept goes as a copy to a delay queue or a dead-letter queue, its body byte for byte, and is
acknowledged once the broker has confirmed the copy.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.handling.outcome import DeadLetter, Outcome, Retry
from shared.messaging.delivery import ATTEMPT, EARLY, FILED_BY, REFILED_AS, Delivery
from shared.messaging.topology import DEAD, RETRY, Subscription

#: Headers with which a copy says what happened to it, beside those of sender.py.
REASON = "x-ocop-reason"
DETAIL = "x-ocop-detail"
FAILED_AT = "x-ocop-failed-at"
QUEUE = "x-ocop-queue"
#: On a dead letter that was brought back: how many times.
REPLAYED = "x-ocop-replayed"

#: characters; more of a detail is cut off
MAX_DETAIL = 500


@dataclass(frozen=True)
class Transfer:
    """A copy is published to this exchange with this key, and the message is acknowledged."""

    exchange: str
    routing_key: str
    reason: str
    detail: str
    #: behind the copy, this one included
    attempts: int
    #: how often the message came too early, this time included
    early: int = 0


@dataclass(frozen=True)
class TakeLastResort:
    """All delays are used up, and the handler has said what to do then: that outcome is settled in its place."""

    act: Callable[[], Awaitable[Outcome]]


Settlement = Transfer | TakeLastResort


def settlement(outcome: DeadLetter | Retry, subscription: Subscription, *, attempt: int, early: int = 0) -> Settlement:
    """Return what is to be done with a message that was handled for the `attempt`th time, counted from 1, unanswered.

    `early` is how often it came too early before; that does not count as an attempt.
    """
    match outcome:
        case Retry(reason, detail, early=True, delays=most) if (most is None or early < most) and (
            key := subscription.retry_early(early + 1)
        ):
            return Transfer(RETRY, key, reason, detail, attempt - 1, early + 1)
        case Retry(last_resort=act, early=True) if act is not None:
            return TakeLastResort(act)
        case Retry(reason, detail) if key := subscription.retry(attempt):
            return Transfer(RETRY, key, reason, detail, attempt, early)
        case Retry(last_resort=act) if act is not None:
            return TakeLastResort(act)
        case Retry(reason, detail) | DeadLetter(reason, detail):
            return Transfer(DEAD, subscription.dead, reason, detail, attempt, early)


def diagnosis(kept: Transfer, delivery: Delivery, queue: str, now: datetime) -> dict[str, Any]:
    """Return the headers with which a copy says what happened to the message of this queue."""
    headers: dict[str, Any] = {
        REASON: kept.reason,
        DETAIL: kept.detail[:MAX_DETAIL],
        FAILED_AT: now.isoformat(),
        ATTEMPT: kept.attempts,
        QUEUE: queue,
    }
    headers |= {EARLY: kept.early} if kept.early else {}
    believed = {FILED_BY: delivery.sender.user, REFILED_AS: delivery.sender.refiled_as}
    return headers | {name: value for name, value in believed.items() if value}
