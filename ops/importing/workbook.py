"""Spreadsheets as rows of cells: Excel's and LibreOffice's by calamine, and CSV in whatever encoding.

A merged cell has its value in each of the cells that it covers.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from ops.importing.merged import merged_in
from ops.language import Message, marked

Cell = str | int | float | bool | date | datetime | time | timedelta

WORKBOOKS = (".xlsx", ".ods")
SUFFIXES = (*WORKBOOKS, ".csv")
#: bytes; 20,000 rows of all columns take a tenth of it, and what is larger is not a list of products
MOST_BYTES = 100 * 2**20
#: cells of a sheet; an empty cell that was coloured a million rows below counts too
MOST_CELLS = 20_000_000
#: characters of a CSV among which the separator is looked for
_SAMPLE = 20_000


class UnreadableSheetError(Exception):
    """The file is no spreadsheet that can be read; `reason` says why."""

    def __init__(self, reason: str, **values: object) -> None:
        self.reason = Message(reason, **values)
        super().__init__(self.reason)


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, empty for CSV, its rows from the first on, and whether its office hid it."""

    name: str
    rows: list[list[Cell]]
    is_hidden: bool = False


def read_sheets(file: Path) -> list[Sheet]:
    """Return the sheets of a file that have anything in them. Raise UnreadableSheetError."""
    if file.suffix.lower() not in SUFFIXES:
        raise UnreadableSheetError(marked("is no spreadsheet: it must end in {suffixes}"), suffixes=", ".join(SUFFIXES))
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UnreadableSheetError(marked("is larger than {most} MB"), most=MOST_BYTES // 2**20)
        sheets = [Sheet("", _csv_rows(file))] if file.suffix.lower() == ".csv" else _workbook(file)
    except OSError as error:
        raise UnreadableSheetError(marked("cannot be read: {why}"), why=error.strerror or error) from None
    except csv.Error as error:
        raise UnreadableSheetError(marked("cannot be read: {why}"), why=error) from None
    return [sheet for sheet in sheets if any(any(cell != "" for cell in row) for row in sheet.rows)]


def shown(cell: Cell) -> str:
    """Return a cell as a person sees it: dates as dd/mm/yyyy, whole numbers without a fraction."""
    match cell:
        case datetime() | date():
            return f"{cell:%d/%m/%Y}"
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)


def _workbook(file: Path) -> list[Sheet]:
    try:
        book = CalamineWorkbook.from_path(file)
        hidden = {each.name for each in book.sheets_metadata if each.visible is not SheetVisibleEnum.Visible}
        found = [book.get_sheet_by_name(name) for name in book.sheet_names]
        return [Sheet(sheet.name, _rows(sheet, file), sheet.name in hidden) for sheet in found]
    except CalamineError as error:  # also where it is protected by a password
        raise UnreadableSheetError(marked("cannot be read: {why}"), why=error) from None


def _rows(sheet: CalamineSheet, file: Path) -> list[list[Cell]]:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise UnreadableSheetError(marked("has more than {most:,} cells in {sheet}"), most=MOST_CELLS, sheet=sheet.name)
    rows: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
    ranges = sheet.merged_cell_ranges
    for (top, left), (bottom, right) in merged_in(file, sheet.name) if ranges is None else ranges:
        _fill(rows, top, left, bottom, right)
    return rows


def _fill(rows: list[list[Cell]], top: int, left: int, bottom: int, right: int) -> None:
    """Give a merged cell's value to each of the cells that it covers."""
    for row in rows[top : bottom + 1]:
        row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])


def _csv_rows(file: Path) -> list[list[Cell]]:
    text = _decoded(file.read_bytes())
    return [list(row) for row in csv.reader(_lines(text), delimiter=_separator(text))]


def _lines(text: str) -> Iterator[str]:
    yield from text.replace("\r\n", "\n").replace("\r", "\n").splitlines(keepends=True)


def _decoded(content: bytes) -> str:
    """Return text in UTF-8 or UTF-16; any other as Windows-1252, as which old encodings are recognised."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:  # in no other encoding: UTF-16 without a byte order mark
        return content.decode("utf-16-le" if content[::2].count(0) < content[1::2].count(0) else "utf-16-be", "replace")
    with suppress(UnicodeDecodeError):
        return content.decode("utf-8-sig")
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in content)


def _separator(text: str) -> str:
    """Return what separates the cells: what most lines have as often as one another, outside of quotation marks."""
    lines = text[:_SAMPLE].splitlines()[:-1] or text[:_SAMPLE].splitlines()
    return max(",;\t|", key=lambda separator: _regular(lines, separator))


def _regular(lines: Sequence[str], separator: str) -> int:
    counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
    return sum(count for count in counts if count > 1)
