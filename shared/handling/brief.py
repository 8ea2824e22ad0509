"""What reports read of very many histories: a short text of each, and packs of them, one a province.

A short document is `fresh` until a pack has its text. So fresh documents and packs together are what all short ones
say, whatever happens in between, as long as the fresh ones are read first: a pack is written before what it has stops
being fresh. Packs are derived of what is derived: where a province has none, its short documents are read.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from shared.errors import ConflictError
from shared.handling.columns import packed
from shared.storage import Collection, Database, Index, StoredDocument

#: By which what is in no pack is found. The text is not in it: what is written anew meanwhile keeps its place.
FRESH = Index(("fresh", "place.province"))
#: Documents that may be in no pack; where there are more, they are packed.
MOST_FRESH = 200


def brief_of(collection: str) -> str:
    """Return where the short documents of a collection's histories are."""
    return f"{collection}_brief"


def packs_of(collection: str) -> str:
    """Return where their packs are."""
    return f"{collection}_packs"


def by_place(text: str) -> Index:
    """Return the index that has all that is read of short documents by their place."""
    return Index(("place.province", "place.commune", text))


class Brief:
    """The short documents of a service's histories, `text` the field that is read, and their packs in a shape."""

    def __init__(self, database: Database, collection: str, text: str, *, shape: int) -> None:
        self._documents: Collection = database.derived(brief_of(collection))
        self._packs: Collection = database.derived(packs_of(collection))
        self._text = text
        self._shape = shape

    async def prepare(self) -> None:
        """Create the indexes. Raise OutageError."""
        await self._documents.ensure_indexes(by_place(self._text), FRESH)

    async def replace_below(self, documents: Sequence[tuple[StoredDocument, int]]) -> None:
        """Write what documents of now have of it, where they have anything, as `Collection.replace_below` does."""
        if short := [(self._short(each), below) for each, below in documents if self._text in each]:
            await self._documents.replace_below(short)

    async def remove(self, keys: Sequence[str]) -> None:
        """Remove the short documents of histories, also from the packs. Raise OutageError."""
        await self._documents.remove(keys)
        packs = [each["_id"] async for page in self._packs.pages({}, order="_id", only=("version",)) for each in page]
        for province in packs:
            while not await self._pack(province):
                pass

    async def pack(self) -> None:
        """Pack provinces anew, first those where the most is in no pack, until little is left. Raise OutageError."""
        fresh = self._documents.pages({"fresh": True}, order="place.province", only=("place",))
        left = Counter([each["place"]["province"] async for page in fresh for each in page])
        for province, number in left.most_common():
            if left.total() <= MOST_FRESH:
                break
            await self._pack(province)
            left[province] -= number

    async def _pack(self, province: str) -> bool:
        """Pack what a province has, and return whether nobody else did meanwhile: then that was read before ours."""
        version = await self._version(province)
        found = await self._found(province)
        columns = await asyncio.to_thread(packed, [each[self._text] for each in found.values()])
        pack = {"_id": province, "version": version + 1, "shape": self._shape, "columns": columns}
        if not await self._packs.replace_at(pack, version):
            return False
        have = [(of, each) for of, each in found.items() if "fresh" in each]
        await self._documents.unset("fresh", [{"_id": of, self._text: each[self._text]} for of, each in have])
        return True

    async def _found(self, province: str) -> Mapping[str, StoredDocument]:
        """Return a province's short documents by their ids: one that is written meanwhile may be met twice."""
        pages = self._documents.pages({"place.province": province}, order="place.commune", only=(self._text, "fresh"))
        return {each["_id"]: each async for page in pages for each in page}

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

    def _short(self, document: StoredDocument) -> StoredDocument:
        return {name: document[name] for name in ("_id", "version", "place", self._text)} | {"fresh": True}
