"""The four steps in which every message is handled: decide, record, announce, acknowledge.

A crash between any two leaves the message on its queue. It is delivered again, finds what was recorded, and ends in the
same state with the same events: the queue is the outbox, the document is the inbox.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.contracts.envelope import Event
from shared.errors import ConflictError, OutageError


@dataclass(frozen=True)
class Decision:
    """What was decided of one event: the events that follow, and the service's own fields of the record.

    `dead_letter` says why the original message is to be kept in the dead-letter queue besides, None where it is not;
    `repeated` that it was on record already.
    """

    key: str
    announced: tuple[Event, ...]
    fields: dict[str, Any] = field(default_factory=dict)
    dead_letter: str | None = None
    repeated: bool = False


def handled_event(event: Event) -> dict[str, Any]:
    """Return what a record says of the event it answers; its data is in the answer."""
    return {
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time,
        "correlation_id": event.correlation_id or event.id,
    }


class RecordStore(Protocol):
    """A service's own collection: one document an event, found by the event's key."""

    async def find(self, key: str) -> Decision | None:
        """Return what was recorded under this key, or None."""

    async def record(self, decision: Decision) -> None:
        """Write the decision, atomically and once. Raises ConflictError where another writer was first."""


#: How often a decision is made anew because another writer was first. Two registries that number one commune's products
#: need a few rounds; a record that stays in the way and cannot be read yet needs time.
MAX_CONFLICTS = 10

Decide = Callable[[], Awaitable[Decision]]
Publish = Callable[[Event], Awaitable[None]]


async def recorded(key: str, *, ledger: RecordStore, decide: Decide, assume_new: bool = False) -> Decision:
    """Decide and record one event, or give what was recorded of it before.

    Where deciding has no effect of its own, `assume_new` saves the look into the ledger for every new event: that an
    event was recorded already, its key says when it is to be recorded again.

    Raises:
        OutageError: the database is away; to be called again later, with the same result.
    """
    for attempt in range(MAX_CONFLICTS):
        if (attempt or not assume_new) and (decision := await ledger.find(key)):
            return decision
        fresh = await decide()
        try:
            await ledger.record(fresh)
        except ConflictError:
            continue
        return fresh
    raise OutageError("another writer was first again and again, and its record cannot be read yet")


async def announce(decision: Decision, publish: Publish) -> None:
    """Publish what was recorded, in its order; the caller acknowledges when this returns.

    Raises:
        OutageError: the broker is away; to be called again later, with the same events.
    """
    try:
        for event in decision.announced:
            await publish(event)
    except OutageError as error:
        error.recorded = not decision.repeated
        raise
