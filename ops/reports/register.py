"""Reads what is counted of the products of a place, out of the documents of now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ops.database_reader import Reader
from ops.find.commands import Filters
from ops.history.records import understood
from ops.language import Message
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import AccessError
from services.registry.facts import Facts
from services.registry.gazetteer import FoundPlace
from services.registry.products import VIEW
from services.registry.units import COMMUNES, PROVINCES
from shared.clock import system_clock
from shared.errors import OutageError, TooManyError
from shared.handling.now import MARKS, brief_of, shape_of
from shared.handling.write_behind import CAUGHT_UP
from shared.legal_date import legal_date
from shared.storage import StoredDocument
from shared.system import SYSTEM

_SERVICE = "registry"
_BRIEF = brief_of(SYSTEM.collections[_SERVICE])
#: Read out of the index alone, on servers that can: without the document's key, which the index has not got.
_FACTS = {"facts": True, "_id": False}
_EVERYTHING = 0
#: products that are named at once
_AT_ONCE = 500


@dataclass(frozen=True)
class Counted:
    """What is counted of products. `notes` say what is missing, if anything may be."""

    facts: list[Facts]
    notes: tuple[Message, ...] = ()


def place_asked(province: str | None, commune: str | None) -> FoundPlace | None:
    """Return the place that options name, None for the whole country. Raise Exit (code 2) where there is none."""
    return Filters(province, commune, None, None, None, None).asked().place


async def read_facts(reader: Reader, place: FoundPlace | None) -> Counted:
    """Return what is counted of the products of a place. Raise AccessError: the database is away or refuses."""
    provinces = [place.province_code] if place else [f"{code:02}" for code in sorted(PROVINCES)]
    commune = {} if place is None or place.is_province else {"place.commune": place.code}
    found: list[Facts] = []
    for code in provinces:
        documents = await found_now(
            reader, {"place.province": code, **commune}, order="place.commune", only=_FACTS, collection=_BRIEF
        )
        found += map(_read, documents)
    return Counted(found, await _notes(reader))


async def read_names(reader: Reader, codes: Collection[str]) -> dict[str, str]:
    """Return the names of products, by their codes. Raise AccessError."""
    listed, names = sorted(codes), {}
    for begin in range(0, len(listed), _AT_ONCE):
        query = {"_id": {"$in": listed[begin : begin + _AT_ONCE]}}
        for each in await found_now(reader, query, order="_id", only={"state.name": True}):
            names[each["_id"]] = one_line(each["state"]["name"])
    return names


def commune_name(code: str, on: date | None = None) -> str:
    """Return what a commune is called on a day, by default today; its code where there is none such."""
    commune = COMMUNES.get(int(code))
    return commune.name_on(on or legal_date(system_clock())) if commune else code


async def has_caught_up(reader: Reader, service: str, shape: int) -> bool:
    """Return whether a service's documents of now are all in today's shape of its view. Raise AccessError."""
    mark = await found_now(reader, {"_id": CAUGHT_UP}, order="_id", service=service, collection=MARKS)
    return shape_of(next(iter(mark), None)) == shape


async def _notes(reader: Reader) -> tuple[Message, ...]:
    if await has_caught_up(reader, _SERVICE, VIEW.shape):
        return ()
    return (Message("The registry is writing anew what reports count: some products may be missing yet."),)


async def found_now(
    reader: Reader,
    query: Mapping[str, Any],
    *,
    order: str,
    only: Mapping[str, bool] | None = None,
    service: str = _SERVICE,
    collection: str = "",
) -> list[StoredDocument]:
    """Return all of a service's documents of now that match. Raise AccessError: the database is away or refuses."""
    collection = collection or SYSTEM.collections[service]
    try:
        return await reader.find_now(service, collection, query, order=order, limit=_EVERYTHING, only=only)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None


def _read(document: StoredDocument) -> Facts:
    with understood(document):
        return Facts.read(document["facts"])
