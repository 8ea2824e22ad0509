"""Which dead letters a command is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from ops.dead_letters.letter import DeadLetter
from ops.named import one_line
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM


@dataclass(frozen=True)
class Choice:
    """All that is asked of a dead letter; what is None or empty asks nothing.

    The times are held against when it failed, or, where that is unknown, against when it was sent. One without any time
    is not chosen by time.
    """

    ids: frozenset[str] = frozenset()
    queue: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def asks_nothing(self) -> bool:
        """Whether every dead letter is chosen."""
        return self == Choice()

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues in which such dead letters can lie."""
        return (self.queue,) if self.queue else dead_queues()

    @property
    def wider(self) -> "Choice":
        """What is looked through: all dead letters of its queues."""
        return Choice(queue=self.queue)

    def includes(self, letter: DeadLetter) -> bool:
        """Tell whether a dead letter is chosen."""
        return (
            (not self.ids or letter.id in {one_line(id) for id in self.ids})
            and self.queue in {None, letter.queue}
            and self.reason in {None, letter.reason}
            and self._in_time(letter)
        )

    def missing(self, found: Iterable[str]) -> list[str]:
        """Return the ids that are not among those found."""
        seen = set(found)
        return [id for id in sorted(self.ids) if one_line(id) not in seen]

    def _in_time(self, letter: DeadLetter) -> bool:
        moment = letter.failed_at or letter.sent_at
        if moment is None:
            return self.since is None and self.until is None
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


def service_queues() -> tuple[str, ...]:
    """Return the queues that services take messages from."""
    return tuple(subscription.queue for subscription in SYSTEM.subscriptions)


def dead_queues() -> tuple[str, ...]:
    """Return the queues that only operators read."""
    return (*(subscription.dead for subscription in SYSTEM.subscriptions), UNROUTED)


def dead_queue_of(name: str) -> str:
    """Return the queue that is meant by its own name or by that of the service's queue.

    Raises:
        ValueError: there is no such queue; the text says which is spelled most alike.
    """
    for meant in (name, f"{name}.dead"):
        if meant in dead_queues():
            return meant
    raise ValueError(f"no queue {name!r}{nearest(name, dead_queues())}")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return “; did you mean …?” with the name that is spelled most alike, or nothing."""
    alike = get_close_matches(name, list(names), n=1)
    return f"; did you mean {alike[0]}?" if alike else ""
