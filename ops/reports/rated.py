"""Reads the self-assessments that evaluation has rated, the newest of each product, and who they are of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ops.database_reader import Reader
from ops.history.records import understood
from ops.language import Message
from ops.named import one_line
from ops.reports.register import found_now, has_caught_up
from services.evaluation.assessed import RatedAnswers
from services.evaluation.ratings import VIEW
from services.registry.gazetteer import FoundPlace
from services.registry.units import PROVINCES
from shared.storage import StoredDocument

_SERVICE = "evaluation"
#: Read out of the index alone, on servers that can.
_RATED = {"rated": True, "_id": False}
#: products that are named at once
_AT_ONCE = 500


@dataclass(frozen=True)
class Rated:
    """The newest rated self-assessment of each product. `notes` say what is missing, if anything may be."""

    products: list[RatedAnswers]
    notes: tuple[Message, ...] = ()


class Named(NamedTuple):
    """How people call a product, and its producer."""

    product: str
    producer: str


async def read_rated(reader: Reader, place: FoundPlace | None) -> Rated:
    """Return what was rated of the products of a place. Raise AccessError: the database is away or refuses."""
    provinces = [place.province_code] if place else [f"{code:02}" for code in sorted(PROVINCES)]
    commune = {} if place is None or place.is_province else {"place.commune": place.code}
    found: list[RatedAnswers] = []
    for code in provinces:
        query = {"place.province": code, **commune}
        found += map(_read, await found_now(reader, query, order="place.commune", only=_RATED, service=_SERVICE))
    return Rated(newest(found), await _notes(reader))


def newest(rated: Iterable[RatedAnswers]) -> list[RatedAnswers]:
    """Return the newest of each product, by the registry's order of dossiers; by their codes."""
    found: dict[str, RatedAnswers] = {}
    for each in rated:
        known = found.get(each.code)
        if known is None or known.sequence <= each.sequence:
            found[each.code] = each
    return [found[code] for code in sorted(found)]


async def read_named(reader: Reader, codes: Collection[str]) -> dict[str, Named]:
    """Return what products are called, by their codes. Raise AccessError."""
    listed, named = sorted(codes), {}
    only = {"state.name": True, "state.producer_name": True}
    for begin in range(0, len(listed), _AT_ONCE):
        query = {"_id": {"$in": listed[begin : begin + _AT_ONCE]}}
        for each in await found_now(reader, query, order="_id", only=only):
            state = each["state"]
            named[each["_id"]] = Named(one_line(state.get("name", "")), one_line(state.get("producer_name", "")))
    return named


async def _notes(reader: Reader) -> tuple[Message, ...]:
    if await has_caught_up(reader, _SERVICE, VIEW.shape):
        return ()
    return (Message("Evaluation is writing anew what reports read: some products may be missing yet."),)


def _read(document: StoredDocument) -> RatedAnswers:
    with understood(document):
        return RatedAnswers.read(document["rated"])
