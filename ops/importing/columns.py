"""The columns of offices' spreadsheets: what each holds, and by which headers it is known (`columns.yaml`)."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Self

from ops.importing.workbook import Cell, shown
from shared.contracts.text import Bilingual
from shared.yaml12 import load_yaml

#: rows from the first on among which the header is looked for
_HEADER_WITHIN = 40
#: columns that a row must head to be taken for the header
_FEWEST_COLUMNS = 3
_WORD = re.compile(r"[^\W_]+")
#: A column in which a mark says that a product has so many stars.
_STARS = re.compile(r"(?<!\d)([345])\s*(?:sao|\*|★)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column: its name in the command, its title in the template, and where its values go."""

    name: str
    title: str
    fields: tuple[str, ...]
    headers: frozenset[str]
    expected: Bilingual
    is_needed: bool = False


@dataclass(frozen=True)
class Headed:
    """What a column of a sheet is taken for. `is_guess`: its header is none that is known."""

    position: int
    header: str
    column: Column
    is_guess: bool


@dataclass(frozen=True)
class Header:
    """The header of a sheet: the row behind it, counted from 0, what was recognised, and what was not.

    `marked` are the columns in one of which each product has a mark, with the stars that it means.
    """

    ends: int
    headed: tuple[Headed, ...]
    unknown: tuple[tuple[int, str], ...]
    marked: tuple[tuple[int, int], ...] = ()

    def with_guess(self, position: int, column: Column) -> Self:
        """Return the header where one that was not recognised is taken for a column, by what stands below it."""
        header = dict(self.unknown)[position]
        headed = sorted((*self.headed, Headed(position, header, column, is_guess=True)), key=lambda each: each.position)
        return replace(self, headed=tuple(headed), unknown=tuple(each for each in self.unknown if each[0] != position))

    @property
    def guesses(self) -> tuple[Headed, ...]:
        """What somebody has to confirm."""
        return tuple(each for each in self.headed if each.is_guess)


@cache
def columns() -> Mapping[str, Column]:
    """Return the columns by their names, in the template's order."""
    written = load_yaml(files("ops.importing").joinpath("columns.yaml").read_text("utf-8"))
    return {
        name: Column(
            name,
            entry["title"],
            tuple(entry["fields"]),
            frozenset({*entry["headers"], plain(entry["title"]), plain(name)}),
            Bilingual(**entry["expected"]),
            entry.get("needed", False),
        )
        for name, entry in written.items()
    }


@lru_cache(50_000)
def plain(text: str) -> str:
    """Return the words of a text without marks and in small letters."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(_WORD.findall("".join(each for each in decomposed if not unicodedata.combining(each))))


def header_of(rows: Sequence[Sequence[Cell]], named: Mapping[str, str]) -> Header | None:
    """Return the header that fits best, one row or two below each other; None where no row looks like one.

    Args:
        rows: the cells of a sheet, merged ones each with the value.
        named: header, as it stands → column's name, as somebody said.
    """
    said = {plain(header): columns()[name] for header, name in named.items()}
    candidates = []
    for start in range(min(len(rows), _HEADER_WITHIN)):
        candidates.append(_header(_texts(rows[start]), start + 1, said))
        if start + 1 < len(rows):
            both, below = _joined(rows[start], rows[start + 1]), _texts(rows[start + 1])
            candidates.append(_header(both, start + 2, said, below))
    best = max(candidates, key=_fit, default=None)
    return best if best and len(best.headed) >= _FEWEST_COLUMNS else None


def _fit(header: Header) -> tuple[int, int, int]:
    """Return how well a header fits: columns that are certain, those that are guessed, and how high it stands."""
    certain = len(header.headed) - len(header.guesses) + bool(header.marked)
    return certain, len(header.guesses), -header.ends


def _texts(row: Sequence[Cell]) -> list[str]:
    return [" ".join(shown(cell).split()) for cell in row]


def _joined(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[str]:
    """Return the texts of two rows, one below the other; a cell that reaches over both has its text once."""
    width = max(len(upper), len(lower))
    pairs = zip(*(_texts(row) + [""] * (width - len(row)) for row in (upper, lower)), strict=True)
    return [above if above == below else f"{above} {below}".strip() for above, below in pairs]


def _header(texts: Sequence[str], ends: int, said: Mapping[str, Column], below: Sequence[str] = ()) -> Header:
    """Return what texts head; `below` are the lower row's, which may say it alone: `Địa bàn`, below it `Huyện`."""
    alone = dict(enumerate(below))
    found = {place: (text, *_meaning(text, said, alone.get(place, ""))) for place, text in enumerate(texts) if text}
    taken: set[str] = set()
    headed: list[Headed] = []
    if marked := _marked(found):
        headed.append(Headed(min(marked), texts[min(marked)], columns()["stars"], is_guess=True))
        taken.add("stars")
        found = {place: each for place, each in found.items() if place not in marked}
    for certain in (True, False):
        for place, (text, column, is_guess) in found.items():
            if column and column.name not in taken and is_guess is not certain:
                taken.add(column.name)
                headed.append(Headed(place, text, column, is_guess))
    read = {each.position for each in headed}
    unknown = tuple((place, text) for place, (text, *_) in found.items() if place not in read)
    return Header(ends, tuple(sorted(headed, key=lambda each: each.position)), unknown, tuple(marked.items()))


def _marked(found: Mapping[int, tuple[str, Column | None, bool]]) -> dict[int, int]:
    """Return the columns `3 sao`, `4 sao`, … with their stars, nothing where one column has the stars of all."""
    if any(column and column.name == "stars" and not is_guess for _, column, is_guess in found.values()):
        return {}
    marked = {place: int(stars[1]) for place, (text, *_) in found.items() if (stars := _STARS.search(text))}
    return marked if len(marked) > 1 and len(set(marked.values())) == len(marked) else {}


def _meaning(text: str, said: Mapping[str, Column], below: str) -> tuple[Column | None, bool]:
    """Return the column that a header means, and whether that is a guess."""
    wanted = plain(text)
    if wanted in said:
        return said[wanted], False
    if certain := _headed(wanted):
        return certain, False
    return _headed(plain(below)) or _guessed(wanted), True


def is_header(text: str) -> bool:
    """Return whether a text heads a column, as it stands."""
    return _headed(plain(text)) is not None


def _headed(wanted: str) -> Column | None:
    return next((each for each in columns().values() if wanted in each.headers), None)


def _guessed(wanted: str) -> Column | None:
    """Return the column of whose headers the longest, of two words at least, stands in this one as it is."""
    within = [
        (len(header), column)
        for column in columns().values()
        for header in column.headers
        if " " in header and re.search(rf"\b{header}\b", wanted)
    ]
    return max(within, key=lambda each: each[0], default=(0, None))[1]


def column_of(pointer: str) -> Column | None:
    """Return the column whose cell a fault at this place of the data is about."""
    places = {field: column for column in columns().values() for field in column.fields}
    return next((places[each] for each in _upwards(pointer) if each in places), None)


def _upwards(pointer: str) -> Iterable[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
