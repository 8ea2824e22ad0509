"""Reads the self-assessments that evaluation has rated, the newest of each product, and who they are of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, NamedTuple, Self, overload

from ops.database_reader import Reader
from ops.history.records import understood
from ops.language import Message
from ops.named import one_line
from ops.reports.reading import Texts, found_now, has_caught_up, read_columns
from services.evaluation.assessed import RatedAnswers
from services.evaluation.ratings import VIEW
from services.registry.gazetteer import FoundPlace
from shared.handling.columns import expanded

_SERVICE = "evaluation"
_RATED = Texts(_SERVICE, VIEW)
#: Where products have their names.
_REGISTRY = "registry"
#: products that are named at once
_AT_ONCE = 500


class Named(NamedTuple):
    """How people call a product, and its producer."""

    product: str
    producer: str


class Assessments(Sequence[RatedAnswers]):
    """Rated self-assessments, each column of them for itself; the newest of each product alone.

    One is put together where it is asked for.
    """

    def __init__(self, columns: Sequence[list[Any]]) -> None:
        self._columns = _newest(columns or [[]] * len(RatedAnswers._fields))
        self.codes: list[str]
        self.sheets: list[str]
        self.answers: list[str]
        self.eliminated: list[bool]
        self.must_declare_quality: list[bool]
        self.stars: list[int | None]
        self.totals: list[int]
        self.option_steps: list[int | None]
        (
            self.codes,
            _,
            self.sheets,
            self.answers,
            self.eliminated,
            self.must_declare_quality,
            self.stars,
            self.totals,
            self.option_steps,
        ) = self._columns

    @classmethod
    def of(cls, rated: Sequence[RatedAnswers]) -> Self:
        """Return self-assessments in columns."""
        return rated if isinstance(rated, cls) else cls([list(column) for column in zip(*rated, strict=True)])

    def by_sheets(self, sheets: Collection[str]) -> "Assessments":
        """Return those that were rated by one of these sheets."""
        if set(self.sheets) <= set(sheets):
            return self
        stays = [each in sheets for each in self.sheets]
        return Assessments([list(compress(column, stays)) for column in self._columns])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.codes)

    @overload
    def __getitem__(self, place: int, /) -> RatedAnswers: ...

    @overload
    def __getitem__(self, place: slice, /) -> list[RatedAnswers]: ...

    def __getitem__(self, place: int | slice, /) -> RatedAnswers | list[RatedAnswers]:
        """Return one of them, or several."""
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        return RatedAnswers._make(column[place] for column in self._columns)


def _newest(columns: Sequence[list[Any]]) -> Sequence[list[Any]]:
    """Return the newest of each product, by the registry's order of dossiers."""
    codes, sequences, *_ = columns
    if len(set(codes)) == len(codes):
        return columns
    in_order = sorted(range(len(codes)), key=sequences.__getitem__)
    newest = dict(zip(map(codes.__getitem__, in_order), in_order, strict=True)).values()
    return [list(map(column.__getitem__, newest)) for column in columns]


@dataclass(frozen=True)
class Rated:
    """The newest rated self-assessment of each product. `notes` say what is missing, if anything may be."""

    products: Assessments
    notes: tuple[Message, ...] = ()


async def read_rated(reader: Reader, *places: FoundPlace | None) -> Rated:
    """Return what was rated of the products of places, None for the country. Raise AccessError: as `read_columns`."""
    columns = await read_columns(reader, _RATED, *places)
    with understood({"_id": ", ".join(each.code for each in places if each) or _SERVICE}):
        return Rated(Assessments([expanded(parts) for parts in columns]), await _notes(reader))


async def read_named(reader: Reader, codes: Collection[str]) -> dict[str, Named]:
    """Return what products are called, by their codes. Raise AccessError."""
    listed, named = sorted(codes), {}
    only = {"state.name": True, "state.producer_name": True}
    for begin in range(0, len(listed), _AT_ONCE):
        query = {"_id": {"$in": listed[begin : begin + _AT_ONCE]}}
        for each in await found_now(reader, query, order="_id", service=_REGISTRY, only=only):
            state = each["state"]
            named[each["_id"]] = Named(one_line(state.get("name", "")), one_line(state.get("producer_name", "")))
    return named


async def _notes(reader: Reader) -> tuple[Message, ...]:
    if await has_caught_up(reader, _SERVICE, VIEW.shape):
        return ()
    return (Message("Evaluation is writing anew what reports read: some products may be missing yet."),)
