"""Reads the self-assessments that evaluation has rated, the newest of each product, and who they are of."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple, Self, overload

from ops.caught_up import has_caught_up
from ops.database_reader import Reader
from ops.history.records import understood
from ops.language import Message
from ops.named import one_line
from ops.reports.columns import Column
from ops.reports.reading import Texts, found_now, read_columns
from services.evaluation.assessed import RatedAnswers
from services.evaluation.ratings import VIEW
from services.registry.gazetteer import FoundPlace
from shared.handling.columns import Encoded, expanded

_SERVICE = "evaluation"
_RATED = Texts(_SERVICE, VIEW)
#: Where products have their names.
_REGISTRY = "registry"
#: products that are named at once
_AT_ONCE = 50


class Named(NamedTuple):
    """How people call a product, and its producer."""

    product: str
    producer: str


class Assessments(Sequence[RatedAnswers]):
    """Rated self-assessments, each column of them for itself; the newest of each product alone.

    One is put together where it is asked for.
    """

    def __init__(self, columns: Sequence[Sequence[Encoded]]) -> None:
        columns = _newest(columns or [()] * len(RatedAnswers._fields))
        codes, sequences, sheets, answers, eliminated, must_declare_quality, stars, totals, option_steps = columns
        self.codes: list[str] = expanded(codes)
        self.sheets: Column[str] = Column.of(sheets)
        self.answers: list[str] = expanded(answers)
        self.eliminated: Column[bool] = Column.of(eliminated)
        self.must_declare_quality: Column[bool] = Column.of(must_declare_quality)
        self.stars: Column[int | None] = Column.of(stars)
        self.totals = Column.of(totals).in_bytes(int)
        self.option_steps: Column[int | None] = Column.of(option_steps)
        self._sequences: Column[int] = Column.of(sequences)
        self._columns = columns

    @classmethod
    def of(cls, rated: Sequence[RatedAnswers]) -> Self:
        """Return self-assessments in columns."""
        if isinstance(rated, cls):
            return rated
        return cls([(Encoded(list(column), None),) for column in zip(*rated, strict=True)])

    def by_sheets(self, sheets: Collection[str]) -> "Assessments":
        """Return those that were rated by one of these sheets."""
        stays = self.sheets.in_bytes(lambda sheet: sheet in sheets)
        return self if all(stays) else Assessments(_only(self._columns, compress(range(len(stays)), stays)))

    def leading(self, rows: Sequence[int], number: int) -> list[int]:
        """Return so many of these rows: those with the most points, of equal ones the first by their codes."""
        most = sorted(map(self.totals.__getitem__, rows), reverse=True)[:number]
        among = [row for row in rows if self.totals[row] >= most[-1]] if most else []
        return sorted(among, key=lambda row: (-self.totals[row], self.codes[row]))[:number]

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
        return RatedAnswers(
            self.codes[place],
            self._sequences[place],
            self.sheets[place],
            self.answers[place],
            self.eliminated[place],
            self.must_declare_quality[place],
            self.stars[place],
            self.totals[place],
            self.option_steps[place],
        )


def _newest(columns: Sequence[Sequence[Encoded]]) -> Sequence[Sequence[Encoded]]:
    """Return the newest of each product, by the registry's order of dossiers."""
    codes = expanded(columns[0])
    if len(set(codes)) == len(codes):
        return columns
    sequences = expanded(columns[1])
    in_order = sorted(range(len(codes)), key=sequences.__getitem__)
    return _only(columns, dict(zip(map(codes.__getitem__, in_order), in_order, strict=True)).values())


def _only(columns: Sequence[Sequence[Encoded]], rows: Iterable[int]) -> Sequence[Sequence[Encoded]]:
    rows = list(rows)
    return [(Encoded(list(map(expanded(parts).__getitem__, rows)), None),) for parts in columns]


@dataclass(frozen=True)
class Rated:
    """The newest rated self-assessment of each product. `notes` say what is missing, if anything may be."""

    products: Assessments
    notes: tuple[Message, ...] = ()


async def read_rated(reader: Reader, *places: FoundPlace | None) -> Rated:
    """Return what was rated of the products of places, None for the country. Raise AccessError: as `read_columns`."""
    columns = await read_columns(reader, _RATED, *places)
    with understood({"_id": ", ".join(each.code for each in places if each) or _SERVICE}):
        return Rated(Assessments(columns), await _notes(reader))


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
