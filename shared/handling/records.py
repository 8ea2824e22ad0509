"""A service's record of what it decided: one document an event, in a collection of its own."""

from datetime import datetime
from typing import Any

from shared.clock import Clock
from shared.contracts.envelope import attributes
from shared.contracts.event import Event
from shared.handling.outcome import Decision
from shared.storage import Collection, StoredDocument


class Records:
    """Keeps decisions as documents: the service's own fields, and the events that follow as they were announced."""

    def __init__(self, collection: Collection, *, clock: Clock) -> None:
        self.collection = collection
        self._clock = clock

    async def find(self, key: str) -> Decision | None:
        """Return what was recorded under this key, or None. Raise OutageError."""
        document = await self.collection.find_by("_id", key)
        return _decision(document) if document else None

    async def record(self, decision: Decision) -> None:
        """Write the decision once. Raise ConflictError where a unique index says another was first; OutageError."""
        await self.collection.insert(document_of(decision, self._clock()))


def document_of(decision: Decision, recorded_at: datetime) -> StoredDocument:
    """Return the document in which a decision is recorded."""
    return {
        "_id": decision.key,
        "recorded_at": recorded_at,
        **decision.fields,
        "dead_letter": decision.dead_letter,
        "announced": [_as_document(event) for event in decision.announced],
    }


def announced_in(document: StoredDocument) -> tuple[Event, ...]:
    """Return the events that a record says were announced."""
    return _decision(document).announced


def _as_document(event: Event) -> StoredDocument:
    # time as text: MongoDB's own keeps milliseconds only, and a repeat must be the same to the byte
    return {**attributes(event), "time": event.time and event.time.isoformat(), "data": event.data}


def _decision(document: StoredDocument) -> Decision:
    return Decision(
        key=document["_id"],
        announced=tuple(_event(announced) for announced in document["announced"]),
        dead_letter=document["dead_letter"],
        repeated=True,
    )


def _event(announced: dict[str, Any]) -> Event:
    return Event(
        id=announced["id"],
        source=announced["source"],
        type=announced["type"],
        data=announced["data"],
        time=datetime.fromisoformat(announced["time"]),
        subject=announced.get("subject"),
        correlation_id=announced.get("correlationid"),
        causation_id=announced.get("causationid"),
        traceparent=announced.get("traceparent"),
        place=announced.get("place"),
        filed_by=announced.get("filedby"),
    )
