"""`ocop import` shows what it reads, asks where it guessed, and files nothing in a dry run; and its template."""

import csv
import json
import re
from pathlib import Path
from shutil import copyfile
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from ops.broker_access import Access, AccessError
from ops.cli import app
from ops.importing.integration import integration_access
from ops.importing.sheet import opened
from ops.importing.workbook import read_sheets
from tests.unit.ops.importing.sheets import HEADER, row, xlsx

ROOT = Path(__file__).parents[4]


def import_(*arguments: str | Path, **environment: str) -> Result:
    typed = ["import", *map(str, arguments)]
    return CliRunner().invoke(app, typed, prog_name="ocop", env={"COLUMNS": "180", **environment})


def lines(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened_file:
        return list(csv.DictReader(opened_file))


def test_a_dry_run_says_what_each_column_is_read_as_and_each_fault(tmp_path: Path) -> None:
    file = xlsx(tmp_path, HEADER, row(), row(Số_sao="đạt"))

    ran = import_(file, "--dry-run")

    assert ran.exit_code == 1
    assert "product_code" in ran.output
    assert "2 rows: 1 faulty, 1 sound" in ran.output
    found = [(each["row"], each["outcome"], each["value"]) for each in lines(Path(f"{file}.dry-run.csv"))]
    assert found == [("2", "sound", ""), ("3", "faulty", "đạt")]


def test_in_vietnamese_a_row_is_named_by_its_product_s_name(tmp_path: Path) -> None:
    ran = import_(xlsx(tmp_path, HEADER, row(Số_sao="đạt")), "--dry-run", OCOP_LANG="vi")

    (heads,) = [line for line in ran.output.splitlines() if "Dòng" in line]
    assert [each.strip() for each in heads.strip("┃").split("┃")] == ["Dòng", "Tên", "Cột", "Giá trị", "Cần có"]


def test_for_programs_each_row_is_an_object(tmp_path: Path) -> None:
    ran = import_(xlsx(tmp_path, HEADER, row()), "--dry-run", "--json")

    (found,) = [json.loads(line) for line in ran.stdout.splitlines()]
    assert (ran.exit_code, found["row"], found["outcome"], found["product"]) == (0, 2, "sound", "Bánh tẻ")


def test_a_sheet_without_a_product_is_not_imported(tmp_path: Path) -> None:
    ran = import_(xlsx(tmp_path, HEADER), "--dry-run")

    assert (ran.exit_code, "no row is a product" in ran.output) == (2, True)


def test_what_was_guessed_has_to_be_confirmed(tmp_path: Path) -> None:
    file = xlsx(tmp_path, ("Mã SP (nếu có)", "Tên sản phẩm của chủ thể", *HEADER[2:]), row())

    asked, taken = import_(file, "--dry-run"), import_(file, "--dry-run", "--yes")

    assert (asked.exit_code, taken.exit_code) == (2, 0)
    assert "add --yes, or --map" in asked.output
    assert not Path(f"{file}.result.csv").exists()


def test_a_header_that_nobody_knows_is_mapped(tmp_path: Path) -> None:
    file = xlsx(tmp_path, ("Mã SP", "Mặt hàng", *HEADER[2:]), row())

    assert import_(file, "--dry-run").exit_code == 1
    assert import_(file, "--dry-run", "--map", "mat hang=product_name").exit_code == 0
    assert import_(file, "--dry-run", "--map", "Mặt hàng=name").exit_code == 2


def test_a_place_that_was_split_is_chosen(tmp_path: Path) -> None:
    file = xlsx(tmp_path, HEADER, row(**{"Xã/phường": "Cổ Đông"}))

    assert import_(file, "--dry-run", "--place", "Cổ Đông, Sơn Tây, Hà Nội=09616").exit_code == 0
    assert import_(file, "--dry-run", "--place", "Cổ Đông=00000").exit_code == 2


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    ran = import_(tmp_path / "none.xlsx", "--dry-run")

    assert (ran.exit_code, "none.xlsx cannot be read: No such file" in ran.output) == (2, True)


def test_a_file_with_the_url_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="ocop_amqp_url cannot be read: No such file or directory"):
        integration_access(tmp_path / "ocop_amqp_url", Access("amqp://operator:secret@127.0.0.1:1/"))


@pytest.mark.parametrize(("province", "communes"), [("Hà Nội", 126), (None, 0)])
def test_the_template_has_lists_and_is_read_without_a_guess(
    province: str | None, communes: int, tmp_path: Path
) -> None:
    file = tmp_path / "mau.xlsx"

    assert import_(file, "--template", *(["--province", province] if province else [])).exit_code == 0

    open_sheet = opened(file, {}, "OCOP")
    assert (open_sheet.is_certain, open_sheet.missing, len(open_sheet.header.headed)) == (True, (), 20)
    lists = next(each.rows for each in read_sheets(file) if each.name == "Danh mục")
    listed = {str(title): sum(bool(line[place]) for line in lists[1:]) for place, title in enumerate(lists[0]) if title}
    assert listed.pop("Xã, phường", 0) == communes
    assert listed == {
        "Bộ sản phẩm (1-26)": 26,
        "Tỉnh, thành phố": 1 if province else 34,
        "Loại hình chủ thể": 8,
        "Số sao": 3,
    }
    with ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count('type="list"') == len(listed) + bool(communes)
    assert sheet.count('errorStyle="warning"') == 1 + bool(communes)  # former names may be written too


def test_a_template_that_somebody_filled_in_is_not_overwritten(tmp_path: Path) -> None:
    file = xlsx(tmp_path, HEADER, row())
    before = file.read_bytes()

    ran = import_(file, "--template")

    assert (ran.exit_code, "is there already" in ran.output, file.read_bytes()) == (2, True, before)


def test_without_a_file_there_is_nothing_to_import() -> None:
    assert import_("--dry-run").exit_code == 2


def test_nothing_is_filed_as_nobody(tmp_path: Path) -> None:
    file = xlsx(tmp_path, HEADER, row())
    operator = {"OCOP_OPERATOR_AMQP_URL": "amqp://operator:secret@127.0.0.1:1/", "OCOP_AMQP_URL": ""}

    ran = import_(file, **operator)

    assert (ran.exit_code, "as whom? --as FILE" in ran.output) == (1, True)


def test_only_a_province_s_integration_imports(tmp_path: Path) -> None:
    file, integrations = xlsx(tmp_path, HEADER, row()), tmp_path / "integrations.yaml"
    integrations.write_text("portal: {scope: {portal: everywhere}}", "utf-8")
    environment = {
        "OCOP_OPERATOR_AMQP_URL": "amqp://operator:secret@127.0.0.1:1/",
        "OCOP_AMQP_URL": "amqp://integration.portal:secret@127.0.0.1:1/",
        "OCOP_INTEGRATIONS": str(integrations),
    }

    ran = import_(file, **environment)

    assert (ran.exit_code, "may not import certificates" in ran.output) == (1, True)
    assert "secret" not in ran.output


def test_the_page_shows_what_a_dry_run_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "importing.md").read_text("utf-8")
    copyfile(ROOT / "examples" / "import" / "san-pham.csv", tmp_path / "san-pham.csv")
    monkeypatch.chdir(tmp_path)

    ran = import_("san-pham.csv", "--dry-run")
    chosen = import_("san-pham.csv", "--dry-run", "--place", "Cổ Đông, Sơn Tây, Hà Nội=09616")

    (shown,) = re.findall(r"```text\n(.*?) *```", page, re.DOTALL)
    assert "\n".join(line.removeprefix("   ") for line in shown.splitlines()) in ran.output
    assert "4 rows: 1 faulty, 3 sound" in chosen.output
