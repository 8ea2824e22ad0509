"""Reads the short texts of very many histories, in columns: packs of provinces, and what is in no pack yet."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.database_reader import Reader
from ops.language import gettext as _
from ops.operator_settings import AccessError
from services.registry.gazetteer import FoundPlace
from services.registry.units import PROVINCES
from shared.errors import OutageError, TooManyError
from shared.handling.brief import brief_of, is_readable, notes_of, packs_of
from shared.handling.columns import Encoded, in_columns, unpacked
from shared.handling.now import MARKS, View, shape_of
from shared.handling.write_behind import CAUGHT_UP
from shared.storage import StoredDocument
from shared.system import SYSTEM

_EVERYTHING = 0
#: documents that are read at once by their keys
_AT_ONCE = 50
#: Of each column its parts, one after the other.
Columns = Sequence[Sequence[Encoded]]


@dataclass(frozen=True)
class Texts:
    """The short texts of a service's histories."""

    service: str
    view: View[Any]


async def read_columns(reader: Reader, texts: Texts, *asked: FoundPlace | None) -> Columns:
    """Return what there is of places, each once; of the country where None is asked for. Raise AccessError."""
    places = {each.code: each for each in asked if each}
    codes = [code for code, each in places.items() if each.is_province]
    communes = [each for each in places.values() if each.province_code not in codes]
    if None in asked:
        codes, communes = [f"{code:02}" for code in sorted(PROVINCES)], []
    found = [in_columns(await _by_place(reader, texts, each.province_code, each.code)) for each in communes]
    return _together([*found, *(await _of_provinces(reader, texts, codes) if codes else ())])


async def _of_provinces(reader: Reader, texts: Texts, codes: Sequence[str]) -> list[Sequence[Encoded]]:
    found: list[Sequence[Encoded]] = []
    noted = await _noted(reader, texts, codes)  # before the packs: what is packed meanwhile is in both
    packs = await _packs(reader, texts, codes, noted)
    for code in codes:
        if code not in packs:
            found.append(in_columns(await _by_place(reader, texts, code)))
            continue
        found.append(_without(packs[code], noted.get(code, ())))
        if code in noted:
            found.append(in_columns(await _by_keys(reader, texts, sorted(noted[code]))))
    return found


def _without(pack: StoredDocument, keys: Collection[str]) -> Sequence[Encoded]:
    """Return a pack's columns without what notes name, of which short documents say what is so."""
    columns = unpacked(pack["columns"])
    if not keys:
        return columns
    stays = [each not in keys for each in json.loads(pack["keys"])]
    return [column.only(stays) for column in columns]


def _together(parts: Iterable[Sequence[Encoded]]) -> Columns:
    return list(zip(*filter(None, parts), strict=True))


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


async def _by_place(reader: Reader, texts: Texts, province: str, commune: str | None = None) -> list[str]:
    """Return the texts of a place out of the index alone, on servers that can: it has not got the document's key."""
    query = {"place.province": province, **({"place.commune": commune} if commune else {})}
    return await _texts(reader, texts, query, order="place.commune")


async def _by_keys(reader: Reader, texts: Texts, keys: Sequence[str]) -> list[str]:
    """Return the texts of histories."""
    batches = (keys[begin : begin + _AT_ONCE] for begin in range(0, len(keys), _AT_ONCE))
    return [text for some in batches for text in await _texts(reader, texts, {"_id": {"$in": some}}, order="_id")]


async def _texts(reader: Reader, texts: Texts, query: Mapping[str, Any], *, order: str) -> list[str]:
    name, collection = texts.view.brief, brief_of(SYSTEM.collections[texts.service])
    only = {name: True, "_id": False}
    found = await found_now(reader, query, order=order, only=only, service=texts.service, collection=collection)
    return [each[name] for each in found]


async def _noted(reader: Reader, texts: Texts, codes: Sequence[str]) -> Mapping[str, set[str]]:
    """Return province → the keys of what may be in no pack as it is."""
    query = {"place.province": {"$in": codes}}
    collection, found = notes_of(SYSTEM.collections[texts.service]), defaultdict(set)
    for each in await found_now(reader, query, order="place.province", service=texts.service, collection=collection):
        found[each["place"]["province"]].update(each["of"])
    return found


async def _packs(
    reader: Reader, texts: Texts, codes: Collection[str], noted: Collection[str]
) -> Mapping[str, StoredDocument]:
    """Return province → its pack, where it has one in today's shape; with its keys where something is noted alone."""
    collection = packs_of(SYSTEM.collections[texts.service])
    found: list[StoredDocument] = []
    for those, only in ((noted, None), ([each for each in codes if each not in noted], {"keys": False})):
        query = {"_id": {"$in": list(those)}}
        if those:
            found += await found_now(
                reader, query, order="_id", service=texts.service, collection=collection, only=only
            )
    return {each["_id"]: each for each in found if is_readable(each, texts.view.shape)}
