"""A database in memory, for handlers that are tested without a server: unique indexes, look-ups, no order of its own.

`tests/contract/test_collections.py` holds it against the real one.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from shared.errors import ConflictError
from shared.storage import MAX_BATCH, Index, StoredDocument


class MemoryCollection:
    """What `shared.storage.Collection` promises, without a server."""

    def __init__(self) -> None:
        self.documents: list[StoredDocument] = []
        self._unique: set[tuple[str, ...]] = {("_id",)}

    async def ensure_indexes(self, *indexes: Index) -> None:
        self._unique |= {index.fields for index in indexes if index.unique}

    async def find_one(
        self, query: Mapping[str, Any], *, order: str = "", only: Sequence[str] = ()
    ) -> StoredDocument | None:
        found = [each for each in self.documents if all(_matches(each, *part) for part in query.items())]
        for field in reversed(order.split()):
            name = field.removeprefix("-")
            found.sort(key=lambda each: _first(each, name), reverse=field.startswith("-"))  # used at once
        return _projected(found[0], only) if found else None

    async def find_by(self, field: str, value: str) -> StoredDocument | None:
        return await self.find_one({field: value})

    async def find_last(self, field: str, value: str, *, order: str, only: str) -> StoredDocument | None:
        found = await self.find_one({field: value}, order=f"-{order}")
        return found and {"_id": found["_id"], only: found[only]}

    async def find_all(self, field: str, value: str, *, order: str) -> list[StoredDocument]:
        found = [each for each in self.documents if value in _values(each, field)]
        return sorted(found, key=lambda each: next(_values(each, order)))

    async def find_after(
        self, field: str, value: str, *, below: str | None = None, limit: int = MAX_BATCH, only: Sequence[str] = ()
    ) -> list[StoredDocument]:
        found = [(each, document) for document in self.documents for each in _values(document, field) if each > value]
        within = [(each, document) for each, document in found if below is None or each < below]
        return [_projected(document, only) for _, document in sorted(within, key=lambda pair: pair[0])][:limit]

    async def pages(
        self, query: Mapping[str, Any], *, order: str, only: Sequence[str] = ()
    ) -> AsyncIterator[list[StoredDocument]]:
        found = [each for each in self.documents if all(_matches(each, *part) for part in query.items())]
        found.sort(key=lambda each: _first(each, order))
        for start in range(0, len(found), MAX_BATCH):
            yield [_projected(each, only) for each in found[start : start + MAX_BATCH]]

    async def replace_below(self, documents: Sequence[tuple[StoredDocument, int]]) -> None:
        for document, below in documents:
            there = await self.find_by("_id", document["_id"])
            if there is None or there["version"] < below:
                await self.remove([document["_id"]])
                self.documents.append(dict(document))

    async def replace_at(self, document: StoredDocument, version: int) -> bool:
        there = await self.find_by("_id", document["_id"])
        if there is None or there["version"] != version:
            return False
        await self.replace_below([(document, version + 1)])
        return True

    async def remove(self, keys: Sequence[str]) -> None:
        self.documents = [each for each in self.documents if each["_id"] not in keys]

    async def insert(self, document: StoredDocument) -> None:
        for fields in self._unique:
            taken = {key for each in self.documents for key in _keys(each, fields)}
            if not taken.isdisjoint(_keys(document, fields)):
                raise ConflictError(", ".join(fields))
        self.documents.append(document)


class MemoryDatabase:
    """What `shared.storage.Database` promises, without a server."""

    def __init__(self) -> None:
        self.collections: dict[str, MemoryCollection] = {}

    def collection(self, name: str) -> MemoryCollection:
        return self.collections.setdefault(name, MemoryCollection())

    def derived(self, name: str) -> MemoryCollection:
        return self.collection(f"now/{name}")


#: The comparisons that queries use.
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda value, other: value is not None and value > other,
    "$lt": lambda value, other: value is not None and value < other,
    "$gte": lambda value, other: value is not None and value >= other,
    "$lte": lambda value, other: value is not None and value <= other,
    "$in": lambda value, others: value in others,
}


def _matches(document: StoredDocument, field: str, wanted: Any) -> bool:
    values = list(_values(document, field))
    if not isinstance(wanted, dict):
        return wanted in values
    return all(any(_COMPARISONS[name](value, other) for value in values) for name, other in wanted.items())


def _projected(document: StoredDocument, only: Sequence[str]) -> StoredDocument:
    """Return these top-level parts of a document, or all of it."""
    names = {"_id", *(name.partition(".")[0] for name in only)}
    return {name: value for name, value in document.items() if not only or name in names}


def _first(document: StoredDocument, field: str) -> tuple[bool, Any]:
    """Return what a document is sorted by: one without the field comes before all others."""
    value = next(_values(document, field), None)
    return value is not None, value


def _keys(document: Any, fields: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield what an index over these fields has of a document; nothing where the document has none of them."""
    values = [list(_values(document, field)) for field in fields]
    if any(values):
        yield from product(*(each or [None] for each in values))


def _values(document: Any, field: str) -> Iterator[Any]:
    """Yield the values in a dotted field, those of a list one by one; none where the field is not there."""
    name, _, rest = field.partition(".")
    if not isinstance(document, dict) or name not in document:
        return
    value = document[name]
    if rest:
        yield from _values(value, rest)
    elif isinstance(value, list | tuple):
        yield from value
    else:
        yield value
