"""Record: the register read page by page, each product as its newest record has it.

The documents of now are not asked: they may be behind a version that was announced before the asker had a queue, and
which it would miss for good.
"""

from collections.abc import Sequence

from services.registry.identity import KnownProduct
from services.registry.register_query import CodeRange, Page, codes_left
from shared.handling.history import Version
from shared.handling.records import Histories
from shared.storage import Collection

_CODE = "registered.code"


class RegisterPages:
    """The products of the register in the order of their codes. What a page costs does not grow with the register."""

    def __init__(self, register: Collection) -> None:
        self._register = register
        self._histories = Histories(register, KnownProduct)

    async def page(self, ranges: Sequence[CodeRange], limit: int) -> Page:
        """Return the next products within these ranges, which are in order, `limit` at most. Raise OutageError.

        A code that is kept for a product whose dossier is lost is passed over.
        """
        codes, after = codes_left(await self._codes(ranges, limit + 1), limit)
        products = await self._newest(codes)
        return Page(tuple(each for each in products if not each.state.lost), after)

    async def _codes(self, ranges: Sequence[CodeRange], most: int) -> list[str]:
        """Return the first codes within the ranges: a product's is in the record that is its history's first."""
        codes: list[str] = []
        for each in ranges:
            missing = most - len(codes)
            found = await self._register.find_after(_CODE, each.above, below=each.below, limit=missing, only=(_CODE,))
            codes += [document["registered"]["code"] for document in found]
            if len(found) == missing:
                break
        return codes

    async def _newest(self, codes: Sequence[str]) -> list[Version[KnownProduct]]:
        """Return products as their newest records have them, in the order of their codes.

        First the records' numbers are read, then the newest alone: the states of a long life are large.
        """
        wanted, numbers = {"history.of": {"$in": list(codes)}}, ("history.of", "history.version")
        newest: dict[str, str] = {}
        async for page in self._register.pages(wanted, order="history.version", only=numbers):
            newest |= {each["history"]["of"]: each["_id"] for each in page}
        pages = self._register.pages({"_id": {"$in": list(newest.values())}}, order="_id", only=("history",))
        found = [self._histories.version_in(each) async for page in pages for each in page]
        return sorted(found, key=lambda each: each.of)
