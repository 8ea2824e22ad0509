"""What is so now of each history: one derived document, for lists, search and timers; never trusted for a decision.

It is written after the record it follows from, and may be behind by a moment. An insert-only collection cannot say
which of its documents is the newest; this one can, and what is found in it is checked against the history.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic

from shared.handling.brief import Brief
from shared.handling.history import Due, StateType, Version
from shared.handling.numbering import Numbered
from shared.handling.records import RECORDED_AT, Histories
from shared.storage import Collection, Database, Index, StoredDocument

#: By which timers find what is due: what falls due never is not looked through.
NEXT_DUE = Index(("next_due",))
#: How far the documents follow the records: which have been gone through.
MARKS = "marks"
#: That of documents which do not say theirs.
_FIRST_SHAPE = 1
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
#: What is read of a record.
_PARTS = ("recorded_at", "history")


@dataclass(frozen=True)
class View(Generic[StateType]):
    """What a service's documents of now show of a history's newest version: `fields` beside what all of them have.

    `shows` says by its key whether a history has one: those of another state than `state` have none, but for those
    whose state `others` says by their keys, of which nothing is shown besides.

    `brief` names a text, a JSON list, that stands with `place` in packs, too: who reads very many reads those alone
    (`brief.py`). Where nobody lists or looks up single ones (`listed`), that is all there is, and nothing falls due.

    `numbered` says by its key which number of which series a history is; the highest ones stand in the mark.

    `shape` is raised where `fields`, `brief` or what they are made of change: the service then writes all documents
    anew by itself, beside its work.
    """

    state: type[StateType]
    fields: Callable[[Version[StateType]], Mapping[str, Any]] = lambda _: {}
    indexes: tuple[Index, ...] = ()
    shows: Callable[[str], bool] = lambda _: True
    others: Callable[[str], type[Any] | None] = lambda _: None
    brief: str = ""
    listed: bool = True
    numbered: Numbered | None = None
    shape: int = _FIRST_SHAPE


@dataclass(frozen=True)
class Mark:
    """How far the records have been gone through: the instant, and the key of the last record.

    Where histories are numbered, `highest` is the highest number of each series, None where nobody has counted. What is
    not `whole` is on its way: not all that was recorded until then has been gone through.
    """

    at: datetime = _BEGINNING
    newest: str | None = None
    highest: Mapping[str, int] | None = None
    whole: bool = True

    @property
    def document(self) -> StoredDocument:
        """What of it is stored."""
        counted = {} if self.highest is None else {"highest": dict(self.highest)}
        newest = {"newest": self.newest} if self.newest else {}
        return {"at": self.at, **newest, **counted, **({} if self.whole else {"partly": True})}


def shape_of(document: StoredDocument | None) -> int:
    """Return in which shape of a view a derived document was written, or a mark set; 0 where there is none."""
    return int(document.get("shape", _FIRST_SHAPE)) if document else 0


def in_order(due: Iterable[Due]) -> tuple[Due, ...]:
    """Return what falls due, the first first, to the millisecond: more the database does not keep."""
    whole = (Due(each.milestone, each.at.replace(microsecond=each.at.microsecond // 1000 * 1000)) for each in due)
    return tuple(sorted(whole, key=lambda each: (each.at, each.milestone)))


class NowDocuments(Generic[StateType]):
    """The documents of now of one service, in a database of their own, and the records that they follow from."""

    def __init__(self, database: Database, collection: str, view: View[StateType]) -> None:
        self._records = database.collection(collection)
        self._histories: Histories[StateType] = Histories(self._records, view.state, view.others)
        self._now: Collection = database.derived(collection)
        self._brief = Brief(database, collection, view.brief, shape=view.shape) if view.brief else None
        self._marks: Collection = database.derived(MARKS)
        self._view = view

    async def prepare(self) -> None:
        """Create the indexes, also the one by which records are gone through. Raise OutageError."""
        await self._records.ensure_indexes(RECORDED_AT)
        if self._view.listed:
            await self._now.ensure_indexes(NEXT_DUE, *self._view.indexes)

    async def pack(self) -> None:
        """Pack what is in no pack yet, where there are any. Raise OutageError."""
        if self._brief:
            await self._brief.pack()

    async def newest(self, of: str) -> Version[StateType] | None:
        """Return a history's newest version, from its records. Raise OutageError."""
        return await self._histories.newest(of)

    def due_until(self, instant: datetime) -> AsyncIterator[list[StoredDocument]]:
        """Yield the ids of histories in which something falls due until then, with when, page by page."""
        return self._now.pages({"next_due": {"$lte": instant}}, order="next_due", only=("next_due",))

    async def write(self, records: Sequence[StoredDocument]) -> tuple[datetime, ...]:
        """Write what these records say, each of another history, and return when something falls due next in each.

        Where a newer one is there already, it stays. Raise OutageError.
        """
        documents = [self._document(each) for each in records if self._view.shows(each["history"]["of"])]
        await self._replace((document, document["version"]) for document in documents)
        return tuple(document["next_due"] for document in documents if document["next_due"])

    async def write_missing(self, records: Sequence[StoredDocument]) -> tuple[datetime, ...]:
        """Write what these records say and is not there yet in today's shape. Return and raise as `write`.

        Of what is not listed nobody knows what is there: it is noted again, which changes no pack.
        """
        newest = {of: each for of, each in newest_of(records).items() if self._view.shows(of)}
        needed = await self._needed(list(newest))
        missing = [each for of, each in newest.items() if _version(each) >= needed.get(of, 0)]
        documents = [self._document(each) for each in missing]
        await self._replace((each, each["version"] + (each["_id"] in needed)) for each in documents)
        return tuple(document["next_due"] for document in documents if document["next_due"])

    async def renew(self, keys: Sequence[str]) -> None:
        """Write anew what the records say of histories, whatever is there: it may be of another time.

        What is there is read first: a version that is written meanwhile is on record before. Raise OutageError.
        """
        keys = [of for of in keys if self._view.shows(of)]
        there = await self._versions(keys)
        pages = self._records.pages({"history.of": {"$in": list(keys)}}, order="history.version", only=_PARTS)
        newest = newest_of([record async for page in pages for record in page])
        documents = {of: self._document(record) for of, record in newest.items()}
        await self._replace((each, max(there.get(of, 0), each["version"]) + 1) for of, each in documents.items())
        if gone := [of for of in keys if of not in newest]:
            await self._now.remove(gone)

    async def recorded_since(self, instant: datetime) -> AsyncIterator[list[StoredDocument]]:
        """Yield what was recorded of histories since then, in that order, page by page. Raise OutageError."""
        async for page in self._records.pages({"recorded_at": {"$gte": instant}}, order="recorded_at", only=_PARTS):
            yield [each for each in page if "history" in each]

    async def begun_since(self, instant: datetime) -> AsyncIterator[list[StoredDocument]]:
        """Yield the first records of histories that began since then, likewise. Raise OutageError."""
        query = {"recorded_at": {"$gte": instant}, "history.version": 1}
        async for page in self._records.pages(query, order="recorded_at", only=_PARTS):
            yield page

    async def remove_orphans(self) -> None:
        """Remove what is of no history: the records may have been restored from before it began. Raise OutageError."""
        async for page in self._now.pages({}, order="_id", only=("version",)):
            ids = [each["_id"] for each in page]
            begun = self._records.pages(
                {"history.of": {"$in": ids}, "history.version": 1}, order="history.of", only=("history.of",)
            )
            known = {each["history"]["of"] async for some in begun for each in some}
            if gone := [of for of in ids if of not in known]:
                await self._now.remove(gone)

    async def remove_packs(self) -> None:
        """Remove packs and notes, of which all is written anew: they may be of another time. Raise OutageError."""
        if self._brief:
            await self._brief.remove_all()

    @property
    def numbered(self) -> Numbered | None:
        """What says by its key which number of which series a history is, None where they are not numbered."""
        return self._view.numbered

    async def mark(self, name: str) -> Mark:
        """Return up to where records have been gone through, in today's shape. Raise OutageError."""
        found = await self._marks.find_one({"_id": name})
        if found is None or shape_of(found) != self._view.shape:
            return Mark(whole=False)
        return Mark(found["at"], found.get("newest"), found.get("highest"), whole="partly" not in found)

    async def set_mark(self, name: str, mark: Mark) -> None:
        """Note up to where records have been gone through. Raise OutageError."""
        document = {"_id": name, "version": 0, "shape": self._view.shape, **mark.document}
        await self._marks.replace_below([(document, 1)])

    async def has_record(self, key: str) -> bool:
        """Return whether a record is there. Raise OutageError."""
        return await self._records.find_one({"_id": key}, only=("_id",)) is not None

    async def _versions(self, keys: Sequence[str]) -> dict[str, int]:
        return {each["_id"]: each["version"] for each in await self._there(keys)}

    async def _needed(self, keys: Sequence[str]) -> dict[str, int]:
        """Return history → the lowest version that is not there yet in today's shape, where anything is there."""
        found = await self._there(keys)
        return {each["_id"]: each["version"] + (shape_of(each) == self._view.shape) for each in found}

    async def _there(self, keys: Sequence[str]) -> list[StoredDocument]:
        if not self._view.listed:
            return []
        pages = self._now.pages({"_id": {"$in": list(keys)}}, order="_id", only=("version", "shape"))
        return [each async for page in pages for each in page]

    async def _replace(self, documents: Iterable[tuple[StoredDocument, int]]) -> None:
        """Write documents, noted first: where one is not there in the end, it is noted again with it."""
        if found := list(documents):
            if self._brief:
                await self._brief.note(document for document, _ in found)
            if self._view.listed:
                await self._now.replace_below([(self._without_brief(each), below) for each, below in found])

    def _without_brief(self, document: StoredDocument) -> StoredDocument:
        return {name: value for name, value in document.items() if name != self._view.brief}

    def _document(self, record: StoredDocument) -> StoredDocument:
        version = self._histories.version_in(record)
        shown = {} if self._view.others(version.of) else self._view.fields(version)
        due = in_order(version.state.due)
        return {
            **shown,
            "_id": version.of,
            "version": version.number,
            "shape": self._view.shape,
            "recorded_at": record["recorded_at"],
            "state": version.state.model_dump(mode="json"),
            "due": [{"milestone": each.milestone, "at": each.at} for each in due],
            "next_due": due[0].at if due else None,
        }


def newest_of(records: Iterable[StoredDocument]) -> dict[str, StoredDocument]:
    """Return history → the record of its highest version among these."""
    newest: dict[str, StoredDocument] = {}
    for record in records:
        of = record["history"]["of"]
        if of not in newest or _version(newest[of]) < _version(record):
            newest[of] = record
    return newest


def _version(record: StoredDocument) -> int:
    version: int = record["history"]["version"]
    return version
