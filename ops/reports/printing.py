"""A report on a terminal, of any width."""

from collections.abc import Iterator, Sequence

import rich.table
from rich.console import Console, RenderableType
from rich.text import Text

from ops.language import gettext as _
from ops.named import printable
from ops.reports.report import Column, Kind, Report, Section, Value, in_a_cell, spoken
from ops.tables import right, table, uncut


def print_report(console: Console, report: Report) -> None:
    """Print the title, each section with its notes, and how the report was made."""
    console.print(Text.assemble((spoken(report.title), "bold"), f"  {report.day}"))
    for section in report.for_people.sections:
        console.print()
        for each in _printed(section):
            console.print(each)
    if report.notes:
        console.print()
    for note in report.notes:
        console.print(Text(printable(spoken(note))))


def _printed(section: Section) -> Iterator[RenderableType]:
    title = printable(spoken(section.title))
    if section.rows:
        yield _table(section, title)
    else:
        nothing = _("none")  # within an f-string, it would not be found for the catalogue
        yield Text(f"{title}: {nothing}", "italic")
    yield from (Text(printable(spoken(note)), "dim") for note in section.notes)


def _table(section: Section, title: str) -> rich.table.Table:
    shown = [_row(row, section.columns) for row in section.rows]
    if totals := section.totals:
        head, *others = _row(totals, section.columns)
        shown += [[], [head or _("In all"), *others]]
    return table(*map(_column, section.columns), rows=shown, title=title)


def _row(row: Sequence[Value], columns: Sequence[Column]) -> list[str]:
    return [printable(in_a_cell(value, each.kind), keep="\n") for value, each in zip(row, columns, strict=True)]


def _column(column: Column) -> str | rich.table.Column:
    title = spoken(column.title)
    if column.kind.is_number:
        return right(title)
    return uncut(title) if column.kind in {Kind.ID, Kind.DAY, Kind.STARS} else title
