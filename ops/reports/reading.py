"""Reads the short texts of very many histories, in columns: packs of provinces, and what is in no pack yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import Any

from ops.database_reader import Reader
from ops.language import gettext as _
from ops.operator_settings import AccessError
from services.registry.gazetteer import FoundPlace
from services.registry.units import PROVINCES
from shared.errors import OutageError, TooManyError
from shared.handling.brief import brief_of, packs_of
from shared.handling.columns import in_columns, unpacked
from shared.handling.now import MARKS, View, shape_of
from shared.handling.write_behind import CAUGHT_UP
from shared.storage import StoredDocument
from shared.system import SYSTEM

_EVERYTHING = 0
#: A column has a value for each text.
Columns = Sequence[list[Any]]


@dataclass(frozen=True)
class Texts:
    """The short texts of a service's histories. In their first columns, `key` of them, each is another."""

    service: str
    view: View[Any]
    key: int


async def read_columns(reader: Reader, texts: Texts, place: FoundPlace | None) -> Columns:
    """Return what there is of a place, None for the country. Raise AccessError: the database is away or refuses."""
    if place and not place.is_province:
        return in_columns(
            await _by_place(reader, texts, {"place.province": place.province_code, "place.commune": place.code})
        )
    codes = [place.province_code] if place else [f"{code:02}" for code in sorted(PROVINCES)]
    fresh = await _fresh(reader, texts, place)  # before the packs: what is packed meanwhile is in both
    packs = await _packs(reader, texts, codes)
    found = [
        with_fresh(unpacked(packs[code]), in_columns(fresh.get(code, ())), texts.key)
        if code in packs
        else in_columns(await _by_place(reader, texts, {"place.province": code}))
        for code in codes
    ]
    return [list(chain.from_iterable(column)) for column in zip(*filter(None, found), strict=True)]


def with_fresh(columns: Columns, fresh: Columns, key: int) -> Columns:
    """Return a pack's columns with what is fresh: that stands in the place of what the pack has of the same."""
    if not (columns and fresh):
        return columns or fresh
    gone = set(zip(*fresh[:key], strict=True))
    stays = [each not in gone for each in zip(*columns[:key], strict=True)]
    return [[*compress(old, stays), *new] for old, new in zip(columns, fresh, strict=True)]


async def has_caught_up(reader: Reader, service: str, shape: int) -> bool:
    """Return whether a service's documents of now are all in today's shape of its view. Raise AccessError."""
    mark = await found_now(reader, {"_id": CAUGHT_UP}, order="_id", service=service, collection=MARKS)
    return shape_of(next(iter(mark), None)) == shape


async def found_now(
    reader: Reader,
    query: Mapping[str, Any],
    *,
    order: str,
    service: str,
    only: Mapping[str, bool] | None = None,
    collection: str = "",
) -> list[StoredDocument]:
    """Return all of a service's documents of now that match. Raise AccessError: the database is away or refuses."""
    collection = collection or SYSTEM.collections[service]
    try:
        return await reader.find_now(service, collection, query, order=order, limit=_EVERYTHING, only=only)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None


async def _by_place(reader: Reader, texts: Texts, query: Mapping[str, str]) -> list[str]:
    """Return the texts of a place out of the index alone, on servers that can: it has not got the document's key."""
    name, collection = texts.view.brief, brief_of(SYSTEM.collections[texts.service])
    only = {name: True, "_id": False}
    found = await found_now(
        reader, query, order="place.commune", only=only, service=texts.service, collection=collection
    )
    return [each[name] for each in found]


async def _fresh(reader: Reader, texts: Texts, place: FoundPlace | None) -> Mapping[str, list[str]]:
    """Return province → the texts that may be in no pack yet."""
    query = {"fresh": True, **({"place.province": place.province_code} if place else {})}
    name, collection = texts.view.brief, brief_of(SYSTEM.collections[texts.service])
    only = {name: True, "place": True}
    found: dict[str, list[str]] = {}
    for each in await found_now(
        reader, query, order="place.province", only=only, service=texts.service, collection=collection
    ):
        found.setdefault(each["place"]["province"], []).append(each[name])
    return found


async def _packs(reader: Reader, texts: Texts, codes: Sequence[str]) -> Mapping[str, list[StoredDocument]]:
    """Return province → its pack, where it has one in today's shape."""
    query, collection = {"_id": {"$in": codes}}, packs_of(SYSTEM.collections[texts.service])
    found = await found_now(reader, query, order="_id", service=texts.service, collection=collection)
    return {each["_id"]: each["columns"] for each in found if each["shape"] == texts.view.shape}
