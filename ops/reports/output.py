"""How a report is written: in the terminal, as JSON, as CSV, as a workbook; the options of all reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.commands import wide_console, write_line, wrong_usage
from ops.language import Language, speaking
from ops.language import gettext as _
from ops.named import one_line
from ops.reports.printing import print_report
from ops.reports.report import Report, Section, Value
from ops.spreadsheet import CsvOption, write_csv

ReportJson = Annotated[bool, typer.Option("--json", help="as one JSON object, for programs")]
ReportCsv = CsvOption
Xlsx = Annotated[
    Path | None,
    typer.Option("--xlsx", dir_okay=False, metavar="FILE", help="write a workbook, a sheet each table, with formulas"),
]
Sections = Annotated[
    list[str] | None, typer.Option("--section", metavar="NAME", help="this table only; can be repeated")
]
ProgrammeFile = Annotated[
    Path | None,
    typer.Argument(metavar="FILE", show_default=False, help="the programme; else the only one in programmes/"),
]
Within = Annotated[
    int, typer.Option(min=0, max=400, metavar="DAYS", help="list whose window closes within so many days")
]


@dataclass(frozen=True)
class ReportOutput:
    """How a report is to be written, and which of its sections; without any, all."""

    as_json: bool = False
    as_csv: bool = False
    xlsx: Path | None = None
    sections: Sequence[str] = ()

    def write(self, report: Report) -> int:
        """Write a report. Return the exit code. Raise Exit (code 2): it has no such section; the file cannot be."""
        chosen = self.chosen(report)
        if self.as_csv:
            write_csv(*as_csv(chosen))
        elif self.as_json:
            write_line(as_json(chosen))
        elif self.xlsx is None:
            print_report(wide_console(), chosen)
        if self.xlsx:
            _write_workbook(chosen, self.xlsx)
        return 0

    def chosen(self, report: Report) -> Report:
        """Return a report with the sections that are wanted. Raise Exit (code 2): it has no such section."""
        try:
            return only(report, self.sections)
        except ValueError as error:
            raise wrong_usage(str(error)) from None


def only(report: Report, sections: Sequence[str]) -> Report:
    """Return a report with these of its sections; without any, all. Raise ValueError: it has no such section."""
    names = [each.name for each in report.sections]
    for asked in sections:
        if asked not in names:
            said = _("{given} is none of this report's tables: {names}")
            raise ValueError(said.format(given=one_line(asked), names=", ".join(names)))
    return replace(report, sections=[each for each in report.sections if not sections or each.name in sections])


def as_json(report: Report) -> dict[str, Any]:
    """Return a report as JSON values, its texts in English: a share as a number, a day as in ISO 8601."""
    with speaking(Language.EN):
        return {
            "report": report.name,
            "title": report.title,
            "day": str(report.day),
            "notes": list(report.notes),
            "sections": {each.name: _section_as_json(each) for each in report.sections},
        }


def as_csv(report: Report) -> tuple[list[str], Iterable[Mapping[str, Any]]]:
    """Return columns and rows of a report, texts in English: one table, whose first column says of which section."""
    columns = list(dict.fromkeys(each.name for section in report.sections for each in section.columns))
    empty = dict.fromkeys(columns, "")
    rows = ({"section": each.name} | empty | _plain(row) for each in report.sections for row in each.named())
    return ["section", *columns], rows


def _section_as_json(section: Section) -> dict[str, Any]:
    totals = zip(section.columns, section.totals or (), strict=False)
    return {
        "title": section.title,
        "notes": list(section.notes),
        "rows": [_plain(row) for row in section.named()],
        "total": {column.name: value for column, value in totals if column.summed} or None,
    }


def _plain(row: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _for_programs(value) for name, value in row.items()}


def _for_programs(value: Value) -> str | int | float | None:
    if value is None or isinstance(value, str | int):  # most are
        return value
    return float(value) if isinstance(value, Fraction) else str(value)


def _write_workbook(report: Report, file: Path) -> None:
    from ops.reports.workbook import write_workbook  # noqa: PLC0415  # it takes long to load, and few ask for it

    try:
        write_workbook(report, file)
    except OSError as error:
        raise cannot_be_written(file, error) from None


def cannot_be_written(file: Path, error: OSError) -> typer.Exit:
    """Say that a file cannot be written, and why. Return the exit with code 2, to be raised."""
    return wrong_usage(_("{file} cannot be written: {why}").format(file=file, why=error.strerror))
