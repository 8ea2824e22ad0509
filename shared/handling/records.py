"""A service's record of what it decided: one document an event, in a collection of its own."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any, Generic

from shared.clock import Clock
from shared.contracts.event import Event
from shared.contracts.writing import event_document, event_in
from shared.handling.history import StateType, Version
from shared.handling.outcome import Decision
from shared.storage import Collection, Index, StoredDocument

#: Hears of each document that is on record, for the first time or again.
RecordListener = Callable[[StoredDocument], None]

#: By which what was recorded lately is found.
RECORDED_AT = Index(("recorded_at",))
#: Lets one writer win. Nested, because unique indexes are sparse: what belongs to no history has no such field.
VERSIONS = Index(("history.of", "history.version"), unique=True)


class Records:
    """Keeps decisions as documents: the service's own fields, and the events that follow as they were announced."""

    def __init__(self, collection: Collection, *, clock: Clock, on_record: RecordListener = lambda _: None) -> None:
        self.collection = collection
        self._clock = clock
        self._on_record = on_record

    async def find(self, key: str) -> Decision | None:
        """Return what was recorded under this key, or None. Raise OutageError."""
        document = await self.collection.find_by("_id", key)
        if document is None:
            return None
        self._on_record(document)  # whoever wrote it may not have learned that it did
        return _decision(document)

    async def record(self, decision: Decision) -> None:
        """Write the decision once. Raise ConflictError where a unique index says another was first; OutageError."""
        document = document_of(decision, self._clock())
        await self.collection.insert(document)
        self._on_record(document)


class Histories(Generic[StateType]):
    """The histories in a collection, whose states are of one type, but where `others` says another by its key."""

    def __init__(
        self,
        collection: Collection,
        state: type[StateType],
        others: Callable[[str], type[StateType] | None] = lambda _: None,
    ) -> None:
        self._collection = collection
        self._state = state
        self._others = others

    async def newest(self, of: str) -> Version[StateType] | None:
        """Return a history's newest version, None where there is none. Raise OutageError.

        What is read may be old a moment later: the unique index says so when the decision is written.
        """
        document = await self._collection.find_last("history.of", of, order="history.version", only="history")
        return self.version_in(document) if document else None

    async def on(self, of: str, instant: datetime) -> Version[StateType] | None:
        """Return the version that a history had at an instant, None where it had not begun. Raise OutageError."""
        found = None
        async for document in self.documents(of):
            if document["recorded_at"] <= instant:
                found = self.version_in(document)
        return found

    async def documents(self, of: str) -> AsyncIterator[StoredDocument]:
        """Yield the records of a history, the first version first. Raise OutageError."""
        for document in await self._collection.find_all("history.of", of, order="history.version"):
            yield document

    def version_in(self, document: StoredDocument) -> Version[StateType]:
        """Return the version that a record says its event brought about. Raise KeyError where it belongs to none."""
        history: dict[str, Any] = document["history"]
        state = self._others(history["of"]) or self._state
        return Version(history["of"], history["version"], state.model_validate(history["state"]))


def document_of(decision: Decision, recorded_at: datetime) -> StoredDocument:
    """Return the document in which a decision is recorded."""
    return {
        "_id": decision.key,
        "recorded_at": recorded_at,
        **decision.fields,
        **({"history": history_document(decision.version)} if decision.version else {}),
        "dead_letter": decision.dead_letter,
        "announced": [event_document(event) for event in decision.announced],
    }


def history_document(version: Version[Any]) -> StoredDocument:
    """Return what a record says of the history that its event moved."""
    return {"of": version.of, "version": version.number, "state": version.state.model_dump(mode="json")}


def announced_in(document: StoredDocument) -> tuple[Event, ...]:
    """Return the events that a record says were announced."""
    return _decision(document).announced


def _decision(document: StoredDocument) -> Decision:
    return Decision(
        key=document["_id"],
        announced=tuple(event_in(announced) for announced in document["announced"]),
        dead_letter=document["dead_letter"],
        repeated=True,
    )
