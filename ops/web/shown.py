"""What a page shows, as values: the tables of reports, and those that the terminal prints."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from ops.history.show import Told
from ops.language import gettext as _
from ops.named import printable
from ops.reports.report import Column, Report, Section, Value, in_a_cell, spoken
from ops.tables import Facts, FittingTable

#: What a cell begins with that a product's own page is behind.
_CODE = re.compile(r"[0-9]{2}-[0-9]{5}-[0-9]+-[0-9]{4}(?=\n|$)", re.ASCII)
_PRODUCT = "product_code"
#: characters; a time with seconds has so many
_SHORT = 19


@dataclass(frozen=True)
class Head:
    """The title of a column. `is_whole`: its cells are short and stand on a line each, such as codes and days."""

    text: str
    is_number: bool = False
    is_whole: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in a cell; `product`: the code of the product whose page is behind it."""

    text: str
    product: str = ""


@dataclass(frozen=True)
class ShownTable:
    """A table. `id` is its name within the page; the first cell of a row says what the row is about."""

    id: str
    caption: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    totals: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class ShownFacts:
    """Names, each with its value."""

    facts: Sequence[tuple[str, str]]


Shown = ShownTable | ShownFacts | str


def shown_report(report: Report) -> list[ShownTable]:
    """Return the tables of a report, in the language that is spoken."""
    return [_shown_section(each) for each in report.for_people.sections]


def shown_life(parts: Iterable[Told]) -> Iterator[Shown]:
    """Yield what is told of a product's life, part by part."""
    for number, part in enumerate(parts):
        match part:
            case Text():
                yield part.plain
            case Facts():
                yield ShownFacts([(name, value.plain) for name, value in part.named])
            case FittingTable():
                yield shown_table(part, str(part.title), id=f"part-{number}")


def shown_table(table: FittingTable, caption: str, *, id: str) -> ShownTable:
    """Return a table as it is printed on a terminal."""
    titles = [(str(column.header), column.justify == "right") for column in table.columns]
    rows = [[_linked(text, place) for place, text in enumerate(row)] for row in table.texts]
    return ShownTable(id, caption, _heads(titles, rows), rows)


def _linked(text: str, place: int) -> Cell:
    """Return a cell; the first one may be a product's code."""
    found = _CODE.match(text) if place == 0 else None
    return Cell(text, found[0] if found else "")


def _shown_section(section: Section) -> ShownTable:
    titles = [(spoken(each.title), each.kind.is_number) for each in section.columns]
    rows = [[_cell(*each) for each in zip(row, section.columns, strict=True)] for row in section.rows]
    notes = [spoken(note) for note in section.notes]
    return ShownTable(section.name, spoken(section.title), _heads(titles, rows), rows, _totals(section), notes)


def _heads(titles: Iterable[tuple[str, bool]], rows: Sequence[Sequence[Cell]]) -> list[Head]:
    return [Head(*title, _are_short(row[place].text for row in rows)) for place, title in enumerate(titles)]


def _are_short(texts: Iterable[str]) -> bool:
    """Return whether no line of these is longer than a time or a code."""
    return all(len(line) <= _SHORT for text in texts for line in text.splitlines())


def _cell(value: Value, column: Column) -> Cell:
    product = value if column.name == _PRODUCT and isinstance(value, str) else ""
    return Cell(printable(in_a_cell(value, column.kind), keep="\n"), product)


def _totals(section: Section) -> Sequence[str]:
    if not section.rows or not section.totals:
        return ()
    head, *others = (in_a_cell(value, each.kind) for value, each in zip(section.totals, section.columns, strict=True))
    return [head or _("In all"), *others]
