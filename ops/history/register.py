"""The register as an operator reads it: products as their histories have them, by code, certificate or what falls due.

What is so now is looked up in the documents of now, and each is held against its history.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from ops.database_reader import Reader
from ops.history.records import RecordReader, opened_reader, understood
from ops.language import gettext as _
from ops.operator_settings import AccessError, OperatorSettings
from services.registry.identity import KnownProduct
from services.registry.round_deadlines import ROUND_DEADLINES, RoundDeadlines
from shared.errors import OutageError, TooManyError
from shared.handling.now import newest_of
from shared.storage import StoredDocument
from shared.system import SYSTEM

#: products that are listed at most
MOST_PRODUCTS = 10_000
#: histories that are read at once
_AT_ONCE = 500
_SERVICE = "registry"
#: What is read of a record.
_PARTS = ("event", "history")


class Register:
    """Products of the register, each as the newest record of its history has it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def product(self, code: str) -> KnownProduct | None:
        """Return a product by its code or former code, None where the register has no history of it.

        Raises:
            AccessError: the database is away or refuses.
        """
        todays_code = await RecordReader(self._reader).todays_code(code)
        found = await self._records({"history.of": todays_code}, order="-history.version", limit=1)
        return _product(found[0]) if found else None

    async def with_certificate(self, number: str) -> list[KnownProduct]:
        """Return the products that have a certificate of this number, or had it before it was corrected.

        Each office begins its numbers anew each year, so there may be more than one. Raise AccessError.
        """
        key = f"^[^/]+/[0-9]{{4}}/{re.escape(number)}(#[0-9]+)?$"
        found = await self._records({"certificate.key": {"$regex": key}}, only=("product_code",))
        codes = dict.fromkeys(str(each["product_code"]) for each in found)
        products = [await self.product(code) for code in codes]
        return [each for each in products if each]

    async def falling_due(self, until: datetime, place: Mapping[str, str]) -> list[KnownProduct]:
        """Return the products of which something falls due until then. Raise AccessError; it may be they are too many.

        Args:
            until: an instant.
            place: province and commune, or one, or none of them.
        """
        query = {f"place.{name}": code for name, code in place.items()} | {"next_due": {"$lte": until}}
        found = await self._now(query)
        versions = [(each["_id"], each["version"]) for each in found if each["_id"] != ROUND_DEADLINES]
        pages = (versions[begin : begin + _AT_ONCE] for begin in range(0, len(versions), _AT_ONCE))
        return [product for page in pages for product in await self._newest(page)]

    async def round_deadlines(self) -> RoundDeadlines | None:
        """Return the deadlines of half-yearly rounds, None where no registry has run. Raise AccessError."""
        found = await self._records({"history.of": ROUND_DEADLINES}, order="-history.version", limit=1)
        if not found:
            return None
        with understood(found[0]):
            return RoundDeadlines.model_validate(found[0]["history"]["state"])

    async def _newest(self, versions: Iterable[tuple[str, int]]) -> Iterator[KnownProduct]:
        """Return histories as they are now: of the version that is known, or a later one."""
        known = [{"history.of": of, "history.version": {"$gte": number}} for of, number in versions]
        records = await self._records({"$or": known}, limit=MOST_PRODUCTS)
        return map(_product, newest_of(records).values())

    async def _now(self, query: Mapping[str, Any]) -> list[StoredDocument]:
        try:
            collection = SYSTEM.collections[_SERVICE]
            found = await self._reader.find_now(_SERVICE, collection, query, order="next_due", limit=MOST_PRODUCTS + 1)
        except (TooManyError, OutageError) as error:
            raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
        if len(found) > MOST_PRODUCTS:
            said = _("over {number:,} products: ask for fewer days, a province or a commune")
            raise AccessError(said.format(number=MOST_PRODUCTS))
        return found

    async def _records(
        self,
        query: Mapping[str, Any],
        *,
        order: str = "recorded_at",
        limit: int = MOST_PRODUCTS,
        only: tuple[str, ...] = _PARTS,
    ) -> list[StoredDocument]:
        try:
            collection = SYSTEM.collections[_SERVICE]
            return await self._reader.find(_SERVICE, collection, query, order=order, limit=limit, only=only)
        except (TooManyError, OutageError) as error:
            raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None


@contextmanager
def opened_register(settings: OperatorSettings) -> Iterator[Register]:
    """Return the register for the length of a block. Raise AccessError where the database's URL is missing or wrong."""
    with opened_reader(settings) as reader:
        yield Register(reader)


def _product(record: StoredDocument) -> KnownProduct:
    with understood(record):
        return KnownProduct.model_validate(record["history"]["state"])
