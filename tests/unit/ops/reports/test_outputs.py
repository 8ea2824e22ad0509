"""One report, by every output: exact values, one and the same everywhere."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from zipfile import ZipFile

import pytest
import typer
from rich.console import Console

from ops.language import Language, Message, speaking
from ops.reports.output import ReportOutput, as_csv, only
from ops.reports.printing import print_report
from ops.reports.report import Column, Kind, Report, Section, percentage
from ops.reports.workbook import write_workbook

COMMUNES = Section(
    "communes",
    Message("By commune"),
    (
        Column("commune", Message("Commune")),
        Column("stage", Message("Round"), Kind.CODED),
        Column("products", Message("Products"), Kind.NUMBER, summed=True),
        Column("share", Message("Share"), Kind.SHARE),
        Column("until", Message("Last day"), Kind.DAY),
    ),
    (
        ("Phường Sơn Tây", "at-commune", 1200, Fraction(2, 3), date(2026, 12, 31)),
        ("=1+1", None, 34, Fraction(1, 3), None),
    ),
    (Message("Of the communes of today."),),
)
EMPTY = Section("lapsed", Message("Lapsed"), (Column("product_code", Message("Product"), Kind.ID),), ())
REPORT = Report("sample", Message("Statistics"), date(2026, 11, 29), (COMMUNES, EMPTY), (Message("Counted today."),))


def printed(width: int) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    print_report(console, REPORT)
    written = console.file
    assert isinstance(written, io.StringIO)
    return written.getvalue()


def test_the_terminal_has_title_rows_sums_and_notes() -> None:
    shown = printed(120)

    assert shown.startswith("Statistics  2026-11-29\n")
    assert [each in shown for each in ("1,200", "1,234", "In all", "66.6 %", "2026-12-31", "Counted today.")] == [
        True
    ] * 6
    assert "Lapsed: none" in shown


def test_a_narrow_terminal_cuts_nothing() -> None:
    assert max(map(len, printed(30).splitlines())) <= 30
    assert "1,234" in printed(30)


def test_it_speaks_vietnamese() -> None:
    with speaking(Language.VI):
        shown = printed(120)

    assert "ở cấp xã" in shown
    assert "In all" not in shown


def test_programs_get_exact_values_in_english_whatever_is_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking(Language.VI):
        ReportOutput(as_json=True).write(REPORT)

    written = json.loads(capsys.readouterr().out)
    assert (written["report"], written["day"], written["notes"]) == ("sample", "2026-11-29", ["Counted today."])
    assert written["sections"]["communes"]["rows"][0] == {
        "commune": "Phường Sơn Tây",
        "stage": "at-commune",
        "products": 1200,
        "share": pytest.approx(2 / 3),
        "until": "2026-12-31",
    }
    assert written["sections"]["communes"]["total"] == {"products": 1234}
    assert written["sections"]["lapsed"] == {"title": "Lapsed", "notes": [], "rows": [], "total": None}


def test_csv_is_one_table_that_says_of_which_section_each_row_is(capsys: pytest.CaptureFixture[str]) -> None:
    ReportOutput(as_csv=True).write(REPORT)

    rows = list(csv.reader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    assert rows[0] == ["section", "commune", "stage", "products", "share", "until", "product_code"]
    assert rows[2][:4] == ["communes", "'=1+1", "", "34"]
    assert len(rows) == 3


def test_one_section_alone_has_its_own_columns() -> None:
    chosen = only(REPORT, ["lapsed"])

    assert as_csv(chosen)[0] == ["section", "product_code"]


def test_a_section_that_is_none_is_said_with_those_that_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        ReportOutput(sections=("stars",)).write(REPORT)

    assert ended.value.exit_code == 2
    assert "communes, lapsed" in capsys.readouterr().err


def test_a_workbook_has_numbers_formulas_with_their_results_and_texts_that_stay_texts(tmp_path: Path) -> None:
    write_workbook(REPORT, tmp_path / "report.xlsx")

    with ZipFile(tmp_path / "report.xlsx") as book:
        sheet, strings = book.read("xl/worksheets/sheet1.xml").decode(), book.read("xl/sharedStrings.xml").decode()
        names = book.read("xl/workbook.xml").decode()
    assert "<f>SUBTOTAL(9,C4:C5)</f><v>1234</v>" in sheet
    assert "<v>0.6666666666666666</v>" in sheet
    assert sheet.count("<f>") == 1
    assert "<t>=1+1</t>" in strings
    assert 'name="By commune"' in names
    assert [each.name for each in tmp_path.iterdir()] == ["report.xlsx"]


def test_a_sheet_is_named_by_the_whole_words_of_its_title_that_there_is_room_for(tmp_path: Path) -> None:
    titles = [Message("By the quarter in which they end")] * 2 + [Message("A/B"), Message("x" * 40)]
    sections = [replace(REPORT.sections[0], title=each) for each in titles]
    write_workbook(replace(REPORT, sections=sections), tmp_path / "report.xlsx")

    with ZipFile(tmp_path / "report.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())
    twice = "By the quarter in which they"
    assert names == [twice, f"{twice} 2", "A B", "x" * 31, "How it was made"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended:
        ReportOutput(xlsx=tmp_path / "none" / "report.xlsx").write(REPORT)

    assert ended.value.exit_code == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("share", "shown"), [(Fraction(1), "100.0 %"), (Fraction(9999, 10000), "99.9 %"), (Fraction(0), "0.0 %")]
)
def test_what_is_not_whole_never_reads_100_per_cent(share: Fraction, shown: str) -> None:
    assert percentage(share) == shown
