"""How long `ocop import` takes to read and examine a province's sheet: `python -m benchmarks.importing`.

The rows are made up, with the ailments of offices' sheets; what is measured is everything before anything is filed.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import typer
import xlsxwriter
from stdnum.vn import mst

from ops.importing.batch import ImportBatch
from ops.importing.results import Result
from ops.importing.sheet import opened, rows_of
from services.registry.former_units import FormerUnit, former_communes
from shared.scopes import Role, Scope

_PROVINCE = "01"
_TODAY = date(2026, 11, 29)
_HEADER = (
    *("STT", "Mã SP", "Tên sản phẩm", "Bộ sản phẩm", "Chủ thể", "MST", "Điện thoại"),
    *("Xã/phường", "Huyện", "Tỉnh", "Số GCN", "Hạng sao", "Quyết định"),
)
_STARS = ("4 sao", "★★★", "OCOP 4 sao", 3)


def rows(number: int) -> Iterator[list[object]]:
    """Yield the rows of a sheet, of communes before July 2025 that became one each."""
    communes = [each for each in former_communes() if each.province == _PROVINCE and each.district]
    communes = [each for each in communes if not each.is_split]
    taxed = _tax_codes()
    for place in range(number):
        yield _row(place, communes[place % len(communes)], next(taxed))


def _row(place: int, commune: FormerUnit, tax_code: str) -> list[object]:
    day = f"{place % 28 + 1:02}/{place % 12 + 1:02}/{2023 + place % 3}"
    return [
        place + 1,
        f"01-269-{commune.code}-{place // 300 + 1}-{2023 + place % 3}",
        f"Bánh tẻ số {place}",
        place % 25 + 1,
        f"Hợp tác xã Nông nghiệp {place}",
        int(tax_code),
        912_000_000 + place,
        commune.name,
        commune.district,
        "Hà Nội",
        f"{place}/OCOP",
        _STARS[place % len(_STARS)],
        f"{place % 90 + 100}/QĐ-UBND ngày {day}",
    ]


def _tax_codes() -> Iterator[str]:
    for stem in range(10_000_000, 1_000_000_000):
        text = f"{stem:09}"
        if mst.is_valid(code := text + mst.calc_check_digit(text)):
            yield code


def write(file: Path, number: int) -> None:
    """Write the sheet."""
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, len(_HEADER) - 1, "DANH SÁCH SẢN PHẨM OCOP")
        sheet.write_row(2, 0, _HEADER)
        for place, row in enumerate(rows(number), 3):
            sheet.write_row(place, 0, row)


def main(number: int = 20_000, keep: Path | None = None) -> None:
    """Measure one run over so many rows; `keep` is where the sheet is left."""
    scope = Scope(Role.PROVINCE, frozenset({_PROVINCE}))
    with tempfile.TemporaryDirectory() as folder:
        file = keep or Path(folder) / "sheet.xlsx"
        write(file, number)
        began = time.perf_counter()
        open_sheet = opened(file, {}, None)
        read = time.perf_counter()
        found = rows_of(open_sheet, scope, _TODAY, home=_PROVINCE, chosen={}, choose=lambda *_: None)
        batch = ImportBatch("benchmark", found)
        examined = time.perf_counter()
        with Result(Path(folder) / "result.csv", batch):
            batch.take_for_sound()
        ended = time.perf_counter()
    counted = dict(Counter(each.ending.outcome.value for each in batch.filings))
    typer.echo(f"{number} rows: {counted}")
    typer.echo(f"read {read - began:.1f} s, examined {examined - read:.1f} s, result {ended - examined:.1f} s")


if __name__ == "__main__":
    typer.run(main)
