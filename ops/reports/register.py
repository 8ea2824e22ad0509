"""Reads what is counted of the products of a place, out of packs, and names."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ops.caught_up import has_caught_up
from ops.database_reader import Reader
from ops.find.commands import Filters
from ops.history.records import understood
from ops.language import Message
from ops.named import one_line
from ops.reports.products import Products
from ops.reports.reading import Texts, found_now, read_columns
from services.registry.gazetteer import FoundPlace
from services.registry.products import VIEW
from services.registry.units import COMMUNES
from shared.clock import system_clock
from shared.legal_date import legal_date

_SERVICE = "registry"
_FACTS = Texts(_SERVICE, VIEW)
#: products that are named at once
_AT_ONCE = 50


@dataclass(frozen=True)
class Counted:
    """What is counted of products. `notes` say what is missing, if anything may be."""

    facts: Products
    notes: tuple[Message, ...] = ()


def place_asked(province: str | None, commune: str | None) -> FoundPlace | None:
    """Return the place that options name, None for the whole country. Raise Exit (code 2) where there is none."""
    return Filters(province, commune, None, None, None, None).asked().place


async def read_facts(reader: Reader, *places: FoundPlace | None) -> Counted:
    """Return what is counted of the products of places, None for the country. Raise AccessError: as `read_columns`."""
    columns = await read_columns(reader, _FACTS, *places)
    with understood({"_id": ", ".join(each.code for each in places if each) or _SERVICE}):
        return Counted(Products(columns), await _notes(reader))


async def read_names(reader: Reader, codes: Collection[str]) -> dict[str, str]:
    """Return the names of products, by their codes. Raise AccessError."""
    listed, names = sorted(codes), {}
    for begin in range(0, len(listed), _AT_ONCE):
        query = {"_id": {"$in": listed[begin : begin + _AT_ONCE]}}
        for each in await found_now(reader, query, order="_id", service=_SERVICE, only={"state.name": True}):
            names[each["_id"]] = one_line(each["state"]["name"])
    return names


def commune_name(code: str, on: date | None = None) -> str:
    """Return what a commune is called on a day, by default today; its code where there is none such."""
    commune = COMMUNES.get(int(code))
    return commune.name_on(on or legal_date(system_clock())) if commune else code


async def _notes(reader: Reader) -> tuple[Message, ...]:
    if await has_caught_up(reader, _SERVICE, VIEW.shape):
        return ()
    return (Message("The registry is writing anew what reports count: some products may be missing yet."),)
