"""What reports read of very many histories: a short text of each, and packs of them, one a province.

A note says which short documents of a province were written or removed at once, and stays until a pack has been made
since. So the packs, and in their place the short documents that notes name, are together what all short ones say,
whatever happens in between, as long as the notes are read first. Packs are derived of what is derived: a province
without one is read as it is.
"""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

from shared.errors import ConflictError
from shared.handling.columns import packed
from shared.storage import MAX_BATCH, Collection, Database, Index, StoredDocument

#: By which the notes of a province are found.
OF_PROVINCE = Index(("place.province",))
#: Short documents that notes may name; where there are more, they are packed.
MOST_NOTED = 200
#: How packs are written. It is raised where that changes: those of before are not read, and written anew.
_FORMAT = 2


def brief_of(collection: str) -> str:
    """Return where the short documents of a collection's histories are."""
    return f"{collection}_brief"


def notes_of(collection: str) -> str:
    """Return where it is noted which of them are in no pack as they are."""
    return f"{collection}_notes"


def packs_of(collection: str) -> str:
    """Return where their packs are."""
    return f"{collection}_packs"


def is_readable(pack: StoredDocument, shape: int) -> bool:
    """Return whether a pack is written as today, and its texts have this shape."""
    return (pack["shape"], pack.get("format")) == (shape, _FORMAT)


class Brief:
    """The short documents of a service's histories, `text` the field that is read, and their packs in a shape."""

    def __init__(self, database: Database, collection: str, text: str, *, shape: int) -> None:
        self._documents: Collection = database.derived(brief_of(collection))
        self._notes: Collection = database.derived(notes_of(collection))
        self._packs: Collection = database.derived(packs_of(collection))
        self._text = text
        self._shape = shape

    async def prepare(self) -> None:
        """Create the indexes: that of the short documents has all that is read of a place. Raise OutageError."""
        await self._documents.ensure_indexes(Index(("place.province", "place.commune", self._text)))
        await self._notes.ensure_indexes(OF_PROVINCE)

    async def replace_below(self, documents: Sequence[tuple[StoredDocument, int]]) -> None:
        """Write what documents of now have of it, where they have anything, as `Collection.replace_below` does."""
        if short := [(self._short(each), below) for each, below in documents if self._text in each]:
            await self._documents.replace_below(short)
            await self._note(each for each, _ in short)

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove the short documents of histories. Raise OutageError."""
        pages = self._documents.pages({"_id": {"$in": list(keys)}}, order="_id", only=("place",))
        there = [each async for page in pages for each in page]
        await self._documents.remove(keys)
        await self._note(there)

    async def pack(self) -> None:
        """Pack provinces anew, first those of which notes name most, until few are left. Raise OutageError.

        Those whose packs cannot be read are packed, too.
        """
        notes, noted = defaultdict(list), Counter[str]()
        async for page in self._notes.pages({}, order="place.province", only=("place", "of")):
            for each in page:
                province = each["place"]["province"]
                notes[province].append(each["_id"])
                noted[province] += len(each["of"])
        packs = self._packs.pages({}, order="_id", only=("shape", "format"))
        unreadable = {each["_id"] async for page in packs for each in page if not is_readable(each, self._shape)}
        left = noted.total()
        for province in sorted({*noted, *unreadable}, key=lambda each: -noted[each]):
            if left > MOST_NOTED or province in unreadable:
                await self._pack(province, notes[province])
                left -= noted[province]

    async def _pack(self, province: str, notes: Sequence[str]) -> None:
        """Pack what a province has, and remove notes of before, unless somebody else packs it meanwhile.

        That one may have read it before us: then the notes stay until the next time.
        """
        version = await self._version(province)
        texts = await self._texts(province)
        columns = await asyncio.to_thread(packed, texts.values())
        own = {"_id": province, "version": version + 1, "shape": self._shape, "format": _FORMAT}
        pack = own | {"keys": json.dumps(list(texts)), "columns": columns}
        if await self._packs.replace_at(pack, version):
            for begin in range(0, len(notes), MAX_BATCH):
                await self._notes.remove(notes[begin : begin + MAX_BATCH])

    async def _texts(self, province: str) -> Mapping[str, str]:
        """Return a province's texts by their keys: one that is written meanwhile may be met twice, and has a note."""
        pages = self._documents.pages({"place.province": province}, order="place.commune", only=(self._text,))
        return {each["_id"]: each[self._text] async for page in pages for each in page}

    async def _version(self, province: str) -> int:
        """Return the version of a province's pack; of one without a pack, that of one without a shape, begun now."""
        there = await self._packs.find_one({"_id": province}, only=("version",))
        if there:
            return int(there["version"])
        try:
            await self._packs.insert({"_id": province, "version": 1, "shape": 0})
        except ConflictError:
            return await self._version(province)
        return 1

    async def _note(self, documents: Iterable[StoredDocument]) -> None:
        """Note that these were written or removed: afterwards, so that who reads a note finds what it is of."""
        of: dict[str, list[str]] = defaultdict(list)
        for each in documents:
            of[each["place"]["province"]].append(each["_id"])
        notes = [
            {"_id": uuid4().hex, "version": 1, "of": keys, "place": {"province": province}}
            for province, keys in of.items()
        ]
        if notes:
            await self._notes.replace_below([(each, 1) for each in notes])

    def _short(self, document: StoredDocument) -> StoredDocument:
        return {name: document[name] for name in ("_id", "version", "place", self._text)}
