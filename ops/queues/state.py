"""A queue at one moment as a value, and what is unusual about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ops.language import Message
from ops.typed import as_typed
from shared.integrations import queue_of
from shared.messaging.topology import JOURNAL, JOURNAL_FEED, UNROUTED
from shared.system import SYSTEM

#: messages from which on a queue that takes more than it gives is reported: a burst is no trouble
GROWING_FROM = 100
#: dead letters among which the oldest is looked for: to take more in flight takes seconds
MOST_BROWSED = 1_000


class QueueKind(StrEnum):
    """What a queue is for."""

    WORK = "work"
    RETRY = "retry"
    DEAD = "dead"
    UNROUTED = "unrouted"
    JOURNAL = "journal"
    JOURNAL_FEED = "journal feed"
    INTEGRATION = "integration"


#: What operators may read.
READABLE = frozenset({QueueKind.DEAD, QueueKind.UNROUTED})


@dataclass(frozen=True)
class QueueState:
    """What was seen of a queue.

    `waiting` are messages that nobody has in flight, None where the queue is not there; those on their way to the
    journal only the management interface counts. Rates are messages a second.
    `in_flight` and the rates come from the management interface: up to 5 s old, and None where it cannot be asked.
    `oldest` is when the oldest message failed, or was sent; only of queues that operators may read and that keep what
    was read: `keeps_when_read` says whether the policy for that is in force, None where that is unknown.
    """

    queue: str
    kind: QueueKind
    waiting: int | None
    consumers: int
    in_flight: int | None = None
    in_per_second: float | None = None
    out_per_second: float | None = None
    oldest: datetime | None = None
    keeps_when_read: bool | None = None

    @property
    def may_be_older(self) -> bool:
        """Return whether there may be an older message than `oldest`, since there are more than were looked through."""
        return (self.waiting or 0) > MOST_BROWSED

    @property
    def is_worth_a_row(self) -> bool:
        """Return whether people want to see it; delays and dead letters only where there are some."""
        return self.kind in {QueueKind.WORK, QueueKind.INTEGRATION} or self.waiting != 0

    @property
    def unusual(self) -> str:
        """What an operator should know, in a few words, with commands as they are typed here."""
        return as_typed(self._unusual())

    @property
    def unusual_spoken(self) -> str:
        """The same in the language that is spoken, as far as it is of a queue of work."""
        unusual = self._unusual()
        return as_typed(unusual.spoken if isinstance(unusual, Message) else unusual)

    def _unusual(self) -> str:
        if self.waiting is None:
            return Message("not there: ocop access apply")
        match self.kind:
            case QueueKind.WORK:
                return self._unusual_work()
            case QueueKind.RETRY if self.waiting:
                alerts = (
                    ": ocop alerts waiting, or the log's lines delayed, say why"
                    if self.queue.startswith("notifications.")
                    else ""
                )
                return f"these failed and wait for another try{alerts}"
            case QueueKind.DEAD | QueueKind.UNROUTED if self.waiting:
                missing = "policy missing: reading may use these up; first ocop access apply"
                return missing if self.keeps_when_read is False else f"ocop dead list --queue {self.queue}"
            case QueueKind.INTEGRATION | QueueKind.JOURNAL_FEED if self.waiting >= GROWING_FROM:
                return self._unusual_backlog()
        return ""

    def _unusual_backlog(self) -> str:
        if self.kind is QueueKind.JOURNAL_FEED:
            return "these are not in the journal yet: docs/operations.md#ocopjournalbehind"
        return "" if self.consumers else "nobody reads it; at 1 GiB the oldest go"

    def _unusual_work(self) -> str:
        if not self.consumers:
            service, _, _ = self.queue.partition(".")
            return Message("no consumer: is {service} running, or waiting? ocop doctor", service=service)
        taken, given = self.in_per_second, self.out_per_second
        if (self.waiting or 0) < GROWING_FROM or taken is None or given is None:
            return ""
        if not given:
            return Message("stands still: what do /ready and the log say?")
        return (
            Message("growing: {taken:.0f}/s in, {given:.0f}/s out", taken=taken, given=given) if taken > given else ""
        )


def known_queues(integrations: Iterable[str] = ()) -> dict[str, QueueKind]:
    """Return every queue that is to be there, in the order in which a message may go through them."""
    own = {queue.name: kind_of(queue.name) for queue in SYSTEM.queues}
    return own | {queue_of(name): QueueKind.INTEGRATION for name in integrations}


def kind_of(queue: str) -> QueueKind:
    """Return what a queue of the services or of the broker is for."""
    if queue in SYSTEM.work_queues:
        return QueueKind.WORK
    if queue.endswith(".dead"):
        return QueueKind.DEAD
    if ".retry." in queue:
        return QueueKind.RETRY
    return _OF_THE_BROKER.get(queue, QueueKind.INTEGRATION)


_OF_THE_BROKER = {
    UNROUTED: QueueKind.UNROUTED,
    JOURNAL: QueueKind.JOURNAL,
    **dict.fromkeys((JOURNAL_FEED, *(feed.name for feed in SYSTEM.journal_feeds.values())), QueueKind.JOURNAL_FEED),
}
