"""Rows for a spreadsheet: CSV (RFC 4180) in UTF-8, which Excel, too, takes for such by the mark at its beginning."""

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, TextIO

import typer

CsvOption = Annotated[bool, typer.Option("--csv", help="CSV with a header, for a spreadsheet")]

BYTE_ORDER_MARK = "\ufeff"
#: What a cell begins with that a spreadsheet takes for a formula and computes: names are whatever somebody filed.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, to: TextIO | None = None) -> None:
    """Write a header and a row each; a text that looks like a formula begins with an apostrophe.

    `to`: where to, by default standard output.
    """
    to = to or sys.stdout
    to.write(BYTE_ORDER_MARK)
    writer = csv.DictWriter(to, columns)
    writer.writeheader()
    writer.writerows({name: cell_of(row[name]) for name in columns} for row in rows)
    to.flush()


def cell_of(value: Any) -> Any:
    """Return a value as a cell that no spreadsheet computes."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
