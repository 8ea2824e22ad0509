"""What reports read of very many histories: a short text of each, in packs, one a province.

What is written at once is noted in one document, with each history's version. A pack is what the notes of its province
have said so far, of each history the newest: to pack a note twice changes nothing. So the packs and the notes that are
still there are together what all histories say, whatever happens in between, as long as the notes are read first.
"""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import compress
from typing import NamedTuple
from uuid import uuid4

from shared.errors import ConflictError
from shared.handling.columns import Columns, in_columns, joined, packed, unpacked
from shared.storage import MAX_BATCH, Database, StoredDocument

#: Texts that notes may have; where there are more, or as many notes as are read at once, they are packed.
MOST_NOTED = 200


class Row(NamedTuple):
    """What a history says in one version, and where."""

    key: str
    version: int
    province: str
    commune: str
    text: str


class Pack(NamedTuple):
    """What a province's histories say: their keys, versions and communes, and the columns of their texts."""

    keys: Sequence[str]
    versions: Sequence[int]
    communes: Sequence[str]
    columns: Columns

    def only(self, stays: Sequence[bool]) -> "Pack":
        """Return what is left of it."""
        return Pack(
            list(compress(self.keys, stays)),
            list(compress(self.versions, stays)),
            list(compress(self.communes, stays)),
            [column.only(stays) for column in self.columns],
        )

    def with_rows(self, rows: Iterable[Row]) -> "Pack":
        """Return it with what rows say, where that is newer than what it says of their histories."""
        newest = newest_of(rows)
        stays = []
        for key, version in zip(self.keys, self.versions, strict=True):
            row = newest.get(key)
            if row and row.version <= version:
                del newest[key]
            stays.append(row is None or row.version <= version)
        if not newest:
            return self
        more, there = list(newest.values()), self if all(stays) else self.only(stays)
        return Pack(
            [*there.keys, *(each.key for each in more)],
            [*there.versions, *(each.version for each in more)],
            [*there.communes, *(each.commune for each in more)],
            joined(there.columns, in_columns(each.text for each in more)),
        )


NOTHING = Pack((), (), (), [])


def newest_of(rows: Iterable[Row]) -> dict[str, Row]:
    """Return history → the row of its highest version among these."""
    newest: dict[str, Row] = {}
    for row in rows:
        if row.key not in newest or newest[row.key].version < row.version:
            newest[row.key] = row
    return newest


def notes_of(collection: str) -> str:
    """Return where it is noted what a collection's histories say that may be in no pack yet."""
    return f"{collection}_noted"


def packs_of(collection: str) -> str:
    """Return where their packs are."""
    return f"{collection}_packed"


def pack_id(shape: int, province: str) -> str:
    """Return the key of a province's pack, whose texts have a shape: no other is read for it."""
    return f"{shape}/{province}"


def note_of(rows: Sequence[Row], shape: int) -> StoredDocument:
    """Return the note of what is written at once."""
    return {"_id": f"{_first_note(shape)}{uuid4().hex}", "version": 1, "shape": shape, "rows": json.dumps(rows)}


def rows_in(note: StoredDocument) -> list[Row]:
    """Return what a note says."""
    return [Row(*each) for each in json.loads(note["rows"])]


def pack_in(document: StoredDocument) -> Pack:
    """Return what a pack says. Its `rows` are not in it where `columns` alone were read."""
    keys, versions, communes = json.loads(document["rows"]) if "rows" in document else ((), (), ())
    return Pack(keys, versions, communes, unpacked(document["columns"]))


def document_of(pack: Pack) -> StoredDocument:
    """Return what a document has of a pack."""
    return {"rows": json.dumps(pack[:3]), "columns": packed(pack.columns)}


class Brief:
    """Notes and packs of what a service's histories say in `text`, a field of their documents of now, in a shape."""

    def __init__(self, database: Database, collection: str, text: str, *, shape: int) -> None:
        self._notes = database.derived(notes_of(collection))
        self._packs = database.derived(packs_of(collection))
        self._text = text
        self._shape = shape
        self._former_are_there = True

    async def note(self, documents: Iterable[StoredDocument]) -> None:
        """Note what documents of now say, where they say anything, before they are written. Raise OutageError."""
        if rows := [self._row(each) for each in documents if self._text in each]:
            await self._notes.replace_below([(note_of(rows, self._shape), 1)])

    async def pack(self) -> None:
        """Pack what notes say, until few are left. Raise OutageError.

        All is noted in today's shape by then, so what there is in a former one is removed, once. What there is in a
        later one stays: it is of instances that were updated before this one.
        """
        while await self._pack_first_notes():
            pass
        if self._former_are_there:
            await self._remove(below=self._shape)
            self._former_are_there = False

    async def remove_all(self) -> None:
        """Remove what was noted and packed, so that it can be noted anew. Raise OutageError."""
        await self._remove(below=None)

    async def _pack_first_notes(self) -> bool:
        """Pack what so many notes say as are read at once, and return whether that was worth it."""
        first, of_province = _first_note(self._shape), defaultdict[str, list[Row]](list)
        notes = await self._notes.find_after("_id", first, below=f"{first}~")  # no cursor is left, which none may kill
        for row in (row for note in notes for row in rows_in(note)):
            of_province[row.province].append(row)
        if sum(map(len, of_province.values())) <= MOST_NOTED and len(notes) < MAX_BATCH:
            return False
        for province, rows in of_province.items():
            await self._pack(province, rows)
        await self._notes.remove([each["_id"] for each in notes])
        return True

    async def _pack(self, province: str, rows: Sequence[Row]) -> None:
        """Pack rows of a province; once more where somebody else packed others meanwhile."""
        id, packed = pack_id(self._shape, province), False
        while not packed:
            there = await self._packs.find_one({"_id": id})
            if there is None:
                with suppress(ConflictError):
                    await self._packs.insert({"_id": id, "version": 1, "shape": self._shape, **document_of(NOTHING)})
                continue
            document = await asyncio.to_thread(_with_rows, there, rows)
            packed = await self._packs.replace_at(document, there["version"])

    async def _remove(self, *, below: int | None) -> None:
        for collection in (self._notes, self._packs):
            async for page in collection.pages({}, order="_id", only=("shape",)):
                if those := [each["_id"] for each in page if below is None or each["shape"] < below]:
                    await collection.remove(those)

    def _row(self, document: StoredDocument) -> Row:
        place = document["place"]
        return Row(document["_id"], document["version"], place["province"], place["commune"], document[self._text])


def _first_note(shape: int) -> str:
    """Return what the keys of the notes in a shape begin with."""
    return f"{shape}/"


def _with_rows(document: StoredDocument, rows: Sequence[Row]) -> StoredDocument:
    more = document_of(pack_in(document).with_rows(rows))
    return document | more | {"version": document["version"] + 1}
