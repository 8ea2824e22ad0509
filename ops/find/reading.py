"""Reads the products that are asked for, as the documents of now have them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ops.caught_up import has_caught_up
from ops.database_reader import Reader
from ops.find.asking import Asked, Branch
from ops.history.records import understood
from ops.language import gettext as _
from ops.operator_settings import AccessError
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from shared.errors import OutageError, TooManyError
from shared.storage import StoredDocument
from shared.system import SYSTEM

_SERVICE = "registry"


@dataclass(frozen=True)
class Page:
    """Products in the order of their codes. `is_last`: there are no more behind them.

    `spelt_otherwise`: none has the marks that were typed. `is_whole`: False while the registry writes what it is found
    by for the first time, so that products may be missing.
    """

    products: tuple[KnownProduct, ...]
    is_last: bool = True
    spelt_otherwise: bool = False
    is_whole: bool = True


async def read_page(reader: Reader, asked: Asked) -> Page:
    """Return the products that are asked for. Raise AccessError: the database is away or refuses."""
    (documents, spelt_otherwise), is_whole = await asyncio.gather(
        _documents(reader, asked), has_caught_up(reader, _SERVICE, VIEW.shape)
    )
    products = tuple(map(_product, documents[: asked.limit]))
    return Page(products, len(documents) <= asked.limit, spelt_otherwise, is_whole)


async def _documents(reader: Reader, asked: Asked) -> tuple[list[StoredDocument], bool]:
    """Return the documents of the first question that has any, one more than asked for where there are more."""
    for question in asked.questions():
        found: dict[str, StoredDocument] = {}
        for branch in question.branches:
            found |= {each["_id"]: each for each in await _of_branch(reader, branch, asked.limit + 1)}
        if found:
            return [found[code] for code in sorted(found)[: asked.limit + 1]], question.spelt_otherwise
    return [], False


async def _of_branch(reader: Reader, branch: Branch, limit: int) -> list[StoredDocument]:
    found: list[StoredDocument] = []
    for query in branch.windows():
        found += await _found(reader, SYSTEM.collections[_SERVICE], query, limit=limit - len(found))
        if len(found) >= limit:
            break
    return found


async def _found(reader: Reader, collection: str, query: Mapping[str, Any], *, limit: int) -> list[StoredDocument]:
    try:
        return await reader.find_now(_SERVICE, collection, query, order="_id", limit=limit)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None


def _product(document: StoredDocument) -> KnownProduct:
    with understood(document):
        return KnownProduct.model_validate(document["state"])
