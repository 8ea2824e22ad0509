"""A report as a workbook (.xlsx, Office Open XML): a sheet each section, what is summed as a formula."""

import re
from contextlib import closing
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range

from ops.language import gettext as _
from ops.reports.report import Column, Kind, Report, Section, Value, in_a_cell, spoken

#: Characters that the name of a sheet has at most, and none of these.
_SHEET_NAME = 31
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")
#: characters; a column is as wide as what stands in it, within these
_NARROWEST, _WIDEST = 8, 60
_HEADING = {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "text_wrap": True, "valign": "top"}
_FORMATS: dict[Kind, dict[str, Any]] = {
    Kind.NUMBER: {"num_format": "#,##0"},
    Kind.STARS: {"num_format": '0"★"', "align": "left"},
    Kind.SHARE: {"num_format": "0.0%"},
    Kind.DAY: {"num_format": "yyyy-mm-dd", "align": "left"},
}
_WRAPPED = {"text_wrap": True, "valign": "top"}


def write_workbook(report: Report, file: Path) -> None:
    """Write a report, whole or not at all. Raise OSError."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        with unfinished.open("wb") as opened:
            write_workbook_to(opened, report)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def write_workbook_to(opened: BinaryIO, report: Report) -> None:
    """Write a report to what is open."""
    with closing(Workbook(opened, {"in_memory": True})) as book:
        book.set_properties({"title": spoken(report.title), "created": datetime(*report.day.timetuple()[:3])})  # noqa: DTZ001  # it is of no time zone
        _Sheets(book, report.for_people).write()


class _Sheets:
    """The sheets of a workbook, and the formats that they share."""

    def __init__(self, book: Workbook, report: Report) -> None:
        self._book, self._report = book, report
        self._bold = book.add_format({"bold": True, "font_size": 14})
        self._heading = book.add_format(_HEADING)
        self._of_kind = {kind: book.add_format(_WRAPPED | _FORMATS.get(kind, {})) for kind in Kind}
        self._totals = book.add_format({"bold": True, "top": 1, "num_format": "#,##0"})
        self._note = book.add_format({"italic": True})

    def write(self) -> None:
        """Write a sheet each section, and how the report was made on a last one."""
        taken: set[str] = set()
        for section in self._report.sections:
            self._write_section(section, _sheet_name(spoken(section.title), taken))
        self._write_notes(_sheet_name(_("How it was made"), taken))

    def _write_section(self, section: Section, name: str) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.write_string(0, 0, f"{spoken(self._report.title)}: {spoken(section.title)}", self._bold)
        head, first = 2, 3
        for place, column in enumerate(section.columns):
            sheet.write_string(head, place, spoken(column.title), self._heading)
            sheet.set_column(place, place, _width(section, place))
            for row, values in enumerate(section.rows, first):
                self._write_cell(sheet, row, place, values[place], column.kind)
        last = first + len(section.rows) - 1
        if section.rows:
            sheet.autofilter(head, 0, last, len(section.columns) - 1)
            self._write_totals(sheet, section, first, last)
        for row, note in enumerate(section.notes, last + 3):
            sheet.write_string(row, 0, spoken(note), self._note)
        sheet.freeze_panes(first, 1)
        sheet.repeat_rows(head)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)

    def _write_cell(self, sheet: Any, row: int, place: int, value: Value, kind: Kind) -> None:
        """Write a value as what it is: a text is never a formula, whatever it begins with."""
        of_kind = self._of_kind[kind]
        match value:
            case None:
                sheet.write_blank(row, place, None, of_kind)
            case date():
                sheet.write_datetime(row, place, value, of_kind)
            case int():
                sheet.write_number(row, place, value, of_kind)
            case Fraction():
                sheet.write_number(row, place, float(value), of_kind)
            case _:
                sheet.write_string(row, place, in_a_cell(value, kind), of_kind)

    def _write_totals(self, sheet: Any, section: Section, first: int, last: int) -> None:
        """Write sums as formulas, with their results for what does not reckon. What is filtered out is not summed."""
        for place, total in enumerate(section.totals or ()):
            if total is not None:
                below = xl_range(first, place, last, place)
                sheet.write_formula(last + 1, place, f"=SUBTOTAL(9,{below})", self._totals, total)
            elif place == 0:
                sheet.write_string(last + 1, 0, _("In all"), self._totals)

    def _write_notes(self, name: str) -> None:
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 100)
        sheet.write_string(0, 0, spoken(self._report.title), self._bold)
        sheet.write_datetime(1, 0, self._report.day, self._of_kind[Kind.DAY])
        for row, note in enumerate(self._report.notes, 2):
            sheet.write_string(row, 0, spoken(note), self._of_kind[Kind.TEXT])


def _width(section: Section, place: int) -> int:
    column: Column = section.columns[place]
    cells = (in_a_cell(row[place], column.kind) for row in section.rows)
    return min(max(_NARROWEST, len(spoken(column.title)), *map(len, cells), 0) + 2, _WIDEST)


def _sheet_name(title: str, taken: set[str]) -> str:
    """Return a name that a sheet may have, and no other has: whole words, as many as there is room for."""
    plain = _NOT_IN_A_NAME.sub(" ", title).strip()
    if len(plain) > _SHEET_NAME:
        plain = plain[: _SHEET_NAME + 1].rpartition(" ")[0].strip(" ,") or plain[:_SHEET_NAME]
    number = 1
    name = plain
    while name.casefold() in taken:
        number += 1
        name = f"{plain[: _SHEET_NAME - 3]} {number}"
    taken.add(name.casefold())
    return name
