"""Spreadsheets made in a test, and what is read of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZipFile

import xlsxwriter

from ops.importing.places import Named, Option
from ops.importing.rows import ReadRow
from ops.importing.sheet import OpenedSheet, opened, rows_of
from shared.scopes import EVERYWHERE, Role, Scope

TODAY = date(2026, 11, 29)
HEADER = (
    *("Mã SP", "Tên sản phẩm", "Bộ sản phẩm", "Xã/phường", "Huyện", "Tỉnh", "Chủ thể", "MST", "Số GCN", "Số sao"),
    "Quyết định công nhận",
)
#: A row with nothing wrong, in the order of `HEADER`.
SOUND: dict[str, Any] = {
    "Mã SP": "01-269-09592-3-2024",
    "Tên sản phẩm": "Bánh tẻ",
    "Bộ sản phẩm": 6,
    "Xã/phường": "Đường Lâm",
    "Huyện": "Sơn Tây",
    "Tỉnh": "Hà Nội",
    "Chủ thể": "HTX Bánh tẻ",
    "MST": "0109990002",
    "Số GCN": "15/OCOP",
    "Số sao": 4,
    "Quyết định công nhận": "148/QĐ-UBND ngày 12/3/2024",
}


def row(**changed: Any) -> list[Any]:
    """Return the cells of a row with nothing wrong but for these; names as headers with _ for blanks."""
    return [*(SOUND | {name.replace("_", " "): value for name, value in changed.items()}).values()]


def xlsx(folder: Path, *rows: Sequence[Any], merged: Iterable[str] = (), name: str = "Danh sách") -> Path:
    """Write rows as they are; `merged` are ranges whose first cell has the value."""
    file = folder / "san-pham.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet(name)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for place, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(place, column, cell, day)
                elif isinstance(cell, str):
                    sheet.write_string(place, column, cell)
                else:
                    sheet.write(place, column, cell)
        for each in merged:
            sheet.merge_range(each, "")
            first = xlsxwriter.utility.xl_cell_to_rowcol(each.partition(":")[0])
            sheet.write(*first, rows[first[0]][first[1]])
    return file


def ods(folder: Path, *rows: str) -> Path:
    """Write rows that are made of `cell` and `covered`."""
    file = folder / "san-pham.ods"
    table = "".join(f"<table:table-row>{each}</table:table-row>" for each in rows)
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"' for prefix in ("office", "table", "text")
    )
    with ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="Sheet1">{table}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return file


def cell(text: object, *, rows: int = 1) -> str:
    spans = f' table:number-rows-spanned="{rows}" table:number-columns-spanned="1"' if rows > 1 else ""
    return (
        f'<table:table-cell office:value-type="string"{spans}><text:p>{escape(str(text))}</text:p></table:table-cell>'
    )


COVERED = "<table:covered-table-cell/>"


def read(file: Path, *, home: str | None = None, **named: str) -> list[ReadRow]:
    """Return the rows of a sheet, as a province's integration would file them; nobody is asked."""
    return rows_in(opened(file, named, None), home=home)


def rows_in(open_sheet: OpenedSheet, *, home: str | None = None, chosen: dict[str, str] | None = None) -> list[ReadRow]:
    scope = Scope(Role.PROVINCE, frozenset({EVERYWHERE}))
    return rows_of(open_sheet, scope, TODAY, home=home, chosen=chosen or {}, choose=nobody)


def nobody(_named: Named, _options: Sequence[Option]) -> None:
    """Ask nobody."""


def said(rows: Iterable[ReadRow]) -> list[tuple[int, str, str, str]]:
    """Return each fault: row, column, value as it stood, what is expected."""
    return [(each.number, fault.column, fault.value, fault.expected) for each in rows for fault in each.faults]
