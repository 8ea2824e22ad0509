"""A report as a value: what it says, exactly, whatever prints it.

Texts are `Message`, where they are ours: programs get them in English, people in the language that is spoken. What is
coded stands as its code.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import compress
from typing import Self

from ops.codes import in_words
from ops.language import Message
from ops.report import stars_of

#: None is what is not on record, or means nothing there.
Value = str | int | Fraction | date | None


class Kind(StrEnum):
    """What the values of a column are, and so how they read."""

    TEXT = "text"
    #: what a program knows a row by; people read what stands beside it
    KEY = "key"
    #: an id or a code that is never folded, such as a product's
    ID = "id"
    #: a code of contracts that people read in words, such as `at-commune`
    CODED = "coded"
    NUMBER = "number"
    #: a `Fraction`, for people as a percentage
    SHARE = "share"
    STARS = "stars"
    DAY = "day"

    @property
    def is_number(self) -> bool:
        """Return whether values stand at the right."""
        return self in {Kind.NUMBER, Kind.SHARE}


@dataclass(frozen=True)
class Column:
    """A column: `name` is for programs, `title` for people. `summed`: below it stands the sum of its numbers."""

    name: str
    title: Message
    kind: Kind = Kind.TEXT
    summed: bool = False


@dataclass(frozen=True)
class Section:
    """A table of a report. `name` is for programs; each row has a value for each column; `notes` stand below."""

    name: str
    title: Message
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[Message] = ()

    @property
    def totals(self) -> Sequence[Value] | None:
        """The sum of each column that has one, None where no column has."""
        if not any(each.summed for each in self.columns):
            return None
        return [self._sum(place) if each.summed else None for place, each in enumerate(self.columns)]

    @property
    def for_people(self) -> Self:
        """The table without what only programs read."""
        read = [each.kind is not Kind.KEY for each in self.columns]
        rows = [list(compress(row, read)) for row in self.rows]
        return replace(self, columns=list(compress(self.columns, read)), rows=rows)

    def named(self) -> Iterator[Mapping[str, Value]]:
        """Yield each row by the names of its columns."""
        names = [each.name for each in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def _sum(self, place: int) -> int:
        return sum(value for row in self.rows if isinstance(value := row[place], int))


@dataclass(frozen=True)
class Report:
    """What is so on a day. `notes` say what was counted and how: who reads it need not guess."""

    name: str
    title: Message
    day: date
    sections: Sequence[Section]
    notes: Sequence[Message] = ()

    @property
    def for_people(self) -> Self:
        """The report without what only programs read."""
        return replace(self, sections=[each.for_people for each in self.sections])

    def section(self, name: str) -> Section:
        """Return the section of a name. Raise KeyError: there is none."""
        return {each.name: each for each in self.sections}[name]


def spoken(text: str) -> str:
    """Return a text in the language that is spoken; what is no `Message`, such as a name, stays as it is."""
    return text.spoken if isinstance(text, Message) else text


def in_a_cell(value: Value, kind: Kind) -> str:
    """Return a value as people read it, in the language that is spoken."""
    if isinstance(value, str):
        return in_words(value) if kind is Kind.CODED else spoken(value)
    if kind is Kind.STARS and isinstance(value, int):
        return stars_of(value)
    if kind is Kind.SHARE and isinstance(value, int | Fraction):
        return percentage(Fraction(value))
    return f"{value:,}" if isinstance(value, int) else str(value or "")


def percentage(share: Fraction) -> str:
    """Return a share in per cent, cut after one decimal: what is not whole never reads 100 %."""
    tenths = share * 1000 // 1
    return f"{tenths // 10}.{tenths % 10} %"
