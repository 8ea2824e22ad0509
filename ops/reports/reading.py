"""Reads the short texts of very many histories, in columns: packs of provinces, and what is in no pack yet."""

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
from shared.handling.brief import NOTHING, Pack, Row, notes_of, pack_id, pack_in, packs_of, rows_in
from shared.handling.columns import Encoded
from shared.handling.now import View
from shared.storage import StoredDocument
from shared.system import SYSTEM

_EVERYTHING = 0
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
    codes = {each.code for each in places.values() if each.is_province}
    communes: dict[str, set[str]] = defaultdict(set)
    for each in places.values():
        if each.province_code not in codes:
            communes[each.province_code].add(each.code)
    if None in asked:
        codes, communes = {f"{code:02}" for code in PROVINCES}, defaultdict(set)
    provinces = sorted({*codes, *communes})
    noted = await _noted(reader, texts)  # before the packs: what is packed meanwhile is in both
    packs = await _packs(reader, texts, provinces, in_rows={*noted, *communes})
    found = (packs.get(each, NOTHING).with_rows(noted[each]) for each in provinces)
    return _together(_of_communes(pack, communes.get(code)) for code, pack in zip(provinces, found, strict=True))


def _of_communes(pack: Pack, communes: Collection[str] | None) -> Sequence[Encoded]:
    """Return the columns of a pack, or of what it has of communes."""
    return (pack.only([each in communes for each in pack.communes]) if communes else pack).columns


def _together(parts: Iterable[Sequence[Encoded]]) -> Columns:
    return list(zip(*filter(None, parts), strict=True))


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


async def _noted(reader: Reader, texts: Texts) -> Mapping[str, list[Row]]:
    """Return province → what is said of it that may be in no pack yet."""
    collection, noted = notes_of(SYSTEM.collections[texts.service]), defaultdict(list)
    query = {"shape": texts.view.shape}
    for note in await found_now(reader, query, order="_id", service=texts.service, collection=collection):
        for row in rows_in(note):
            noted[row.province].append(row)
    return noted


async def _packs(
    reader: Reader, texts: Texts, provinces: Sequence[str], *, in_rows: Collection[str]
) -> Mapping[str, Pack]:
    """Return province → its pack, where it has one; what belongs to each row is read where it is asked for alone."""
    collection, found = packs_of(SYSTEM.collections[texts.service]), {}
    those = [each for each in provinces if each in in_rows]
    for some, only in ((those, None), ([each for each in provinces if each not in in_rows], {"rows": False})):
        ids = {pack_id(texts.view.shape, each): each for each in some}
        if ids:
            query = {"_id": {"$in": list(ids)}}
            packs = await found_now(reader, query, order="_id", service=texts.service, collection=collection, only=only)
            found.update({ids[each["_id"]]: pack_in(each) for each in packs})
    return found
