"""Tables on a terminal: what untrusted senders wrote is shown as it is, and never read as rich's markup."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.table import Column, Table
from rich.text import Text

from ops.named import printable


def table(*columns: str | Column, rows: Iterable[Iterable[str | Text]], title: str | None = None) -> Table:
    """Return a table of texts."""
    shown = Table(*columns, title=title and Text(title), title_justify="left")
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(cell) for cell in row))
    return shown


def right(name: str) -> Column:
    """Return the column of a table for numbers."""
    return Column(name, justify="right")


def uncut(name: str) -> Column:
    """Return a column of a table that is never broken into lines."""
    return Column(name, no_wrap=True)


def facts(named: Mapping[str, object]) -> Table:
    """Return a line for each name with its value."""
    shown = Table.grid(padding=(0, 2))
    for name, value in named.items():
        shown.add_row(Text(name, "bold"), Text(printable("" if value is None else str(value))))
    return shown


def to_the_second(moment: datetime | None) -> str:
    """Return a time as a cell shows it, empty where there is none."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else ""
