"""What stands on the broker: exchanges, and the queues that a subscription needs, each with its policy.

Limits, delays and dead-lettering are policies because arguments cannot be changed once declared. Who subscribes to what
says `shared/system.py`; the broker's definitions in `deploy/rabbitmq/definitions.json` are made from both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shared.contracts.catalogue import ANSWERS, CATALOGUE, EVENTS, INTAKE, EventType
from shared.messaging.routing import binding_key

RETRY = "ocop.retry"
DEAD = "ocop.dead"
#: From here what was delayed, and a dead letter, goes back to its queue: by the queue's name, or the key of its delay.
REPLAY = "ocop.replay"
#: An exchange and a queue: the broker keeps here what nobody is bound to.
UNROUTED = "ocop.unrouted"
#: A stream that holds every known event, for the audit; not questions and their answers, which change nothing. Also the
#: exchange by which the broker fills it.
JOURNAL = "ocop.journal"
#: What services announce waits here, on disk, until the journal has confirmed it: to a publisher RabbitMQ confirms
#: without a stream that is not there yet. Nobody reads this queue; the broker dead-letters what it holds, at once.
#: What strangers write waits in queues of its own, since it has to be looked at first (`journal_feed_of`).
JOURNAL_FEED = "ocop.journal.events"

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


def delay_seconds(routing_key: str) -> float:
    """Return how long a message waits that is delayed with this key, such as `registry.life.5s`."""
    return DELAYS[routing_key.rpartition(".")[2]] / 1000


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

QUORUM: dict[str, str | bool] = {"x-queue-type": "quorum"}
STREAM: dict[str, str | bool] = {"x-queue-type": "stream"}


@dataclass(frozen=True)
class Subscription:
    """One kind of event that a service reads, the service's own queue for it, its delays, and its dead letters.

    Several kinds may share a queue, `inbox`, so that their order is kept; `early` are the delays of what came early.
    `at_once` is how many of its messages an instance handles at the same time; None: as many as of any queue.
    """

    service: str
    event_type: EventType[Any]
    delays: tuple[str, ...]
    inbox: str
    early: tuple[str, ...] = ()
    in_order: bool = False
    at_once: int | None = None

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
    bound_to = tuple((each.event_type.exchange, binding_key(each.event_type)) for each in subscriptions)
    back = ((REPLAY, name), (REPLAY, f"{name}.*"))
    arguments = QUORUM | ({"x-single-active-consumer": True} if subscription.in_order else {})
    to_dead: Policy = {"dead-letter-exchange": DEAD, "dead-letter-routing-key": dead, **_AT_LEAST_ONCE}
    limits = _OF_QUESTIONS.get(subscription.event_type.exchange, {}) if subscription.event_type.is_question else {}
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


def journal_feed_of(service: str, kinds: Iterable[EventType[Any]]) -> Queue:
    """Return the queue in which what is filed for a service waits for the journal, until `JournalFeeder` rejects it.

    Its dead letters go into the journal, which arguments say and no policy: what is rejected in a queue without one
    is gone. Only the definitions bring it. Clean copies, and what an operator brings back, come by its name.
    """
    name = f"{service}.journal"
    bound_to = tuple((kind.exchange, binding_key(kind)) for kind in kinds)
    arguments: dict[str, str | bool] = {f"x-{key}": value for key, value in _TO_JOURNAL.items()}
    policy: Policy = {"delivery-limit": UNLIMITED_DELIVERIES, "max-length": MAX_LENGTH}
    return Queue(name, QUORUM | arguments, (*bound_to, (RETRY, name), (REPLAY, name)), policy)


#: The broker's dead-lettering loses nothing only with all three of these.
_AT_LEAST_ONCE: Policy = {
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
    "max-length": MAX_LENGTH,
}
#: By exchange: a question may be asked again, so it need not wait; and strangers may ask as often as they like.
_OF_QUESTIONS: dict[str, Policy] = {
    INTAKE: {
        "message-ttl": QUESTION_WAITS,
        "max-length": MAX_QUESTIONS,
        "max-length-bytes": _MAX_QUESTIONS_BYTES,
    },
    ANSWERS: {"message-ttl": QUESTION_WAITS},
}
_TO_JOURNAL = {"dead-letter-exchange": JOURNAL, "dead-letter-strategy": "at-least-once", "overflow": "reject-publish"}

#: What belongs to no service: what nobody reads, and the journal.
BROKER_QUEUES = (
    Queue(UNROUTED, QUORUM, ((UNROUTED, ""),), {"delivery-limit": UNLIMITED_DELIVERIES}),
    Queue(
        JOURNAL_FEED,
        QUORUM,
        tuple((EVENTS, binding_key(kind)) for kind in CATALOGUE if kind.is_journaled and kind.exchange == EVENTS),
        {"message-ttl": 0, "max-length": MAX_LENGTH, **_TO_JOURNAL},
    ),
    Queue(JOURNAL, STREAM, ((JOURNAL, ""),), {"max-age": "5Y", "max-length-bytes": 20 * 1024**3}),
)
