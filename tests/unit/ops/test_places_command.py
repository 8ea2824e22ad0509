"""`ocop places` prints, lists for programs and for spreadsheets, and says where there is more or nothing."""

import csv
import io
import json

import pytest
from typer.testing import CliRunner, Result

from ops.cli import app


def places(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["places", *arguments], prog_name="ocop", env={"COLUMNS": "120"})


def test_a_former_commune_is_shown_with_what_it_was_and_where_it_lies_now() -> None:
    shown = places("Đường Lâm").output

    assert "09574" in shown
    assert "Phường Sơn Tây" in shown
    assert "09592 Xã Đường Lâm, Thị xã Sơn Tây, Thành phố Hà Nội, until 2025-06-30" in shown


def test_a_part_is_said_to_be_one() -> None:
    assert places("00019").output.count("a part of 00019 Phường Điện Biên") == 4


def test_for_programs_every_place_is_an_object() -> None:
    (found,) = map(json.loads, places("Đường Lâm", "--json").output.splitlines())

    assert (found["code"], found["name"], found["province_code"], found["province"]) == (
        "09574",
        "Phường Sơn Tây",
        "01",
        "Hà Nội",
    )
    assert found["formerly"] == [
        {
            "code": "09592",
            "name": "Xã Đường Lâm",
            "district": "Thị xã Sơn Tây",
            "province_code": "01",
            "province": "Thành phố Hà Nội",
            "until": "2025-06-30",
            "became": ["09574"],
        }
    ]


def test_a_spreadsheet_has_all_places_of_a_province() -> None:
    written = places("--province", "Vĩnh Phúc", "--csv").output

    rows = [*csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""))]
    assert (rows[0]["code"], len(rows), {row["province"] for row in rows}) == ("25", 149, {"Phú Thọ"})


def test_it_is_said_how_many_more_there_are_and_where_there_is_nothing() -> None:
    assert places("Sơn", "--limit", "1").stderr.startswith("ocop: there are ")
    nothing = places("không đâu cả")
    assert (nothing.exit_code, nothing.stderr) == (
        1,
        "ocop: no province or commune has the code or name không đâu cả\n",
    )


@pytest.mark.parametrize("province", ["Sơn Tây", "99"])
def test_what_is_no_province_is_wrong_usage(province: str) -> None:
    assert places("--province", province).exit_code == 2
