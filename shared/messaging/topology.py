"""What stands on the broker: exchanges, and the queues that a subscription needs, each with its policy.

Limits, delays and dead-lettering are policies because arguments cannot be changed once declared. Who subscribes to what
says `shared/system.py`; the broker's definitions in `deploy/rabbitmq/definitions.json` are made from both.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.contracts.catalogue import ANSWERS, CATALOGUE, EVENTS, INTAKE, EventType

RETRY = "ocop.retry"
DEAD = "ocop.dead"
#: From here what was delayed, and a dead letter, goes back to its queue: by the queue's name, or the key of its delay.
REPLAY = "ocop.replay"
#: An exchange and a queue: the broker keeps here what nobody is bound to.
UNROUTED = "ocop.unrouted"
#: A stream that holds every known event, for the audit; not questions and their answers, which change nothing. Also the
#: exchange by which the broker fills it.
JOURNAL = "ocop.journal"
#: What comes by an exchange waits here, on disk, until the journal has confirmed it: to a publisher RabbitMQ confirms
#: without a stream that is not there yet. Nobody reads these queues; the broker itself dead-letters what they hold, at
#: once. They are two, since integrations write to one exchange only.
JOURNAL_FEEDS = {INTAKE: "ocop.journal.intake", EVENTS: "ocop.journal.events"}

#: Topic exchanges even where a key names one queue: the broker holds routing keys against permissions only there.
EXCHANGES = {
    **dict.fromkeys((INTAKE, EVENTS, ANSWERS, RETRY, DEAD, REPLAY), "topic"),
    **dict.fromkeys((UNROUTED, JOURNAL), "fanout"),
}

#: Milliseconds of each delay.
DELAYS = {
    "1s": 1_000,
    "5s": 5_000,
    "30s": 30_000,
    "1m": 60_000,
    "10m": 600_000,
    "1h": 3_600_000,
    "6h": 21_600_000,
    "1d": 86_400_000,
}
#: Deliveries that end without an answer (the process died) before the broker itself makes a dead letter. RabbitMQ 4
#: would say 20, and a deployment gone wrong uses those up in minutes.
DELIVERY_LIMIT = 100
#: For queues that only people read: looking must never use a message up.
UNLIMITED_DELIVERIES = 1_000_000
#: messages; beyond it the broker refuses to take more, and publishers hold theirs
MAX_LENGTH = 5_000_000
#: milliseconds that a question waits for a service that is away; then it is a dead letter
QUESTION_WAITS = 300_000
#: messages; beyond it the broker refuses questions
MAX_QUESTIONS = 10_000
_MAX_QUESTIONS_BYTES = 64 * 1024**2

#: A connected system's user on the broker; a dot in its name would let one read another's queue.
_INTEGRATION = re.compile(r"integration\.[a-z0-9]+(-[a-z0-9]+)*")

QUORUM: dict[str, str | bool] = {"x-queue-type": "quorum"}
STREAM: dict[str, str | bool] = {"x-queue-type": "stream"}


@dataclass(frozen=True)
class Subscription:
    """One kind of event that a service reads, the service's own queue for it, its delays, and its dead letters.

    Several kinds may share a queue, `inbox`, so that their order is kept; `early` are the delays of what came early.
    """

    service: str
    event_type: EventType[Any]
    delays: tuple[str, ...]
    inbox: str
    early: tuple[str, ...] = ()
    in_order: bool = False

    @cached_property
    def queue(self) -> str:
        """Name of the queue, such as `evaluation.product-submitted`."""
        return f"{self.service}.{self.inbox}"

    @cached_property
    def dead(self) -> str:
        """Name of the dead-letter queue."""
        return f"{self.queue}.dead"

    def retry(self, attempt: int) -> str | None:
        """Return the routing key of the delay after this many failed attempts (1, 2, …), or None after the last."""
        return f"{self.queue}.{self.delays[attempt - 1]}" if attempt <= len(self.delays) else None

    def retry_early(self, attempt: int) -> str | None:
        """Return the key of the delay of what came too early for the first, second, … time, or None after the last."""
        return f"{self.queue}.{self.early[attempt - 1]}" if attempt <= len(self.early) else None


def inbox_of(user: str | None) -> str | None:
    """Return the queue from which a connected system reads, by its user on the broker; None for any other user."""
    return f"{user}.events" if user and _INTEGRATION.fullmatch(user) else None


#: Keys of RabbitMQ's policies and what they are set to.
Policy = dict[str, str | int]


@dataclass(frozen=True)
class Queue:
    """A durable queue: what it is bound to, and the policy that governs it."""

    name: str
    arguments: dict[str, str | bool]
    bindings: tuple[tuple[str, str], ...]
    policy: Policy


def queues_of(subscriptions: Sequence[Subscription]) -> list[Queue]:
    """Return the queue that these subscriptions share, and its dead letters."""
    subscription = subscriptions[0]
    name, dead = subscription.queue, subscription.dead
    bound_to = tuple((each.event_type.exchange, each.event_type.routing_key) for each in subscriptions)
    back = ((REPLAY, name), (REPLAY, f"{name}.*"))
    arguments = QUORUM | ({"x-single-active-consumer": True} if subscription.in_order else {})
    to_dead: Policy = {"dead-letter-exchange": DEAD, "dead-letter-routing-key": dead, **_AT_LEAST_ONCE}
    limits = _OF_QUESTIONS if subscription.event_type.is_question else {}  # it may be asked again: it need not wait
    return [
        Queue(name, arguments, (*bound_to, *back), {"delivery-limit": DELIVERY_LIMIT, **to_dead, **limits}),
        Queue(dead, QUORUM, ((DEAD, dead),), {"delivery-limit": UNLIMITED_DELIVERIES}),
    ]


def delays_of(service: str, subscriptions: Iterable[Subscription]) -> list[Queue]:
    """Return the delays that a service's subscriptions share, the shortest first.

    A message keeps the routing key with which it was delayed, as `registry.life.5s`: so it comes back to its queue.
    """
    delays = {delay for each in subscriptions for delay in (*each.delays, *each.early)}
    return [
        Queue(
            f"{service}.retry.{delay}",
            QUORUM,
            ((RETRY, f"{service}.*.{delay}"),),
            {"message-ttl": DELAYS[delay], "dead-letter-exchange": REPLAY, **_AT_LEAST_ONCE},
        )
        for delay in sorted(delays, key=DELAYS.__getitem__)
    ]


#: The broker's dead-lettering loses nothing only with all three of these.
_AT_LEAST_ONCE: Policy = {
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
    "max-length": MAX_LENGTH,
}
_OF_QUESTIONS: Policy = {
    "message-ttl": QUESTION_WAITS,
    "max-length": MAX_QUESTIONS,
    "max-length-bytes": _MAX_QUESTIONS_BYTES,
}
#: What belongs to no service: what nobody reads, and the journal.
BROKER_QUEUES = (
    Queue(UNROUTED, QUORUM, ((UNROUTED, ""),), {"delivery-limit": UNLIMITED_DELIVERIES}),
    *(
        Queue(
            feed,
            QUORUM,
            tuple(
                (exchange, kind.routing_key) for kind in CATALOGUE if kind.is_journaled and kind.exchange == exchange
            ),
            {"message-ttl": 0, "dead-letter-exchange": JOURNAL, **_AT_LEAST_ONCE},
        )
        for exchange, feed in JOURNAL_FEEDS.items()
    ),
    Queue(JOURNAL, STREAM, ((JOURNAL, ""),), {"max-age": "5Y", "max-length-bytes": 20 * 1024**3}),
)
