"""A sheet as offices have it becomes rows that can be filed, or faults that say where and what."""

import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ops.importing.sheet import opened, rows_of, set_named
from ops.importing.workbook import UnreadableSheetError
from shared.scopes import Role, Scope
from tests.unit.ops.importing.public_list import DECISIONS, PRODUCTS
from tests.unit.ops.importing.sheets import (
    COVERED,
    HEADER,
    TODAY,
    cell,
    nobody,
    ods,
    read,
    row,
    rows_in,
    said,
    xlsx,
)

TITLE = "DANH SÁCH SẢN PHẨM OCOP"


def filed(**changed: Any) -> dict[str, Any]:
    """Return what is filed of `SOUND`, but for these of its fields."""
    return {
        "product_code": "01-269-09592-3-2024",
        "product": {"name": "Bánh tẻ", "product_set": 6, "province_code": "01", "commune_code": "09574"},
        "producer": {"name": "HTX Bánh tẻ", "kind": "cooperative", "tax_code": "0109990002"},
        "certificate": {
            "number": "15/OCOP",
            "stars": 4,
            "authority": "province",
            "decision": {"number": "148/QĐ-UBND", "date": "2024-03-12"},
            "last_day": "2027-03-12",
        },
    } | changed


def test_a_row_is_filed_as_it_stands(tmp_path: Path) -> None:
    (found,) = read(xlsx(tmp_path, HEADER, row()))

    assert (found.number, found.faults, found.data) == (2, (), filed())


@pytest.mark.parametrize(
    "changed",
    [
        {"Mã_SP": "1-269-9592-3-2024"},
        {"Tên_sản_phẩm": unicodedata.normalize("NFD", "Bánh tẻ")},
        {"Tên_sản_phẩm": " Bánh\u00a0 tẻ\u200b "},
        {"Bộ_sản_phẩm": "Chế biến từ gạo, ngũ cốc"},
        {"Xã/phường": 9574.0, "Huyện": ""},
        {"Xã/phường": "xa duong lam", "Huyện": "TX Son Tay", "Tỉnh": "TP. Hà Nội"},
        {"Xã/phường": "xã Đường Lâm, thị xã Sơn Tây, Hà Nội", "Huyện": "", "Tỉnh": ""},
        {"Xã/phường": "", "Huyện": "", "Tỉnh": ""},  # its code says where
        {"MST": 109990002},
        {"Số_sao": "★★★★"},
        {"Quyết_định_công_nhận": "QĐ số 148/QĐ-UBND, 12-3-24"},
        {"Quyết_định_công_nhận": "148/QĐ-UBND ngày 12 tháng 3 năm 2024"},
    ],
    ids=lambda changed: str(changed)[:40],
)
def test_whatever_ails_a_cell_the_same_is_filed(changed: dict[str, Any], tmp_path: Path) -> None:
    (found,) = read(xlsx(tmp_path, HEADER, row(**changed)))

    assert (found.faults, found.data) == ((), filed())


def test_what_was_put_right_is_said(tmp_path: Path) -> None:
    (found,) = read(xlsx(tmp_path, HEADER, row(MST=109990002)))

    assert found.notes == (
        "MST: 109990002 read as 0109990002",
        "last day 12/03/2027, as the sheet has none: 36 months after the decision",
    )


def test_days_of_their_own_columns_as_dates_text_and_serial_numbers(tmp_path: Path) -> None:
    header = (*HEADER, "Ngày quyết định", "Ngày hết hạn")
    file = xlsx(
        tmp_path, header, [*row(), date(2024, 3, 12), "12/3/27"], [*row(Mã_SP="01-269-09592-4-2024"), 45363, 46458]
    )

    assert [
        (each.data["certificate"]["decision"]["date"], each.data["certificate"]["last_day"]) for each in read(file)
    ] == [("2024-03-12", "2027-03-12")] * 2


def test_a_mark_below_the_stars_says_how_many(tmp_path: Path) -> None:
    place = HEADER.index("Số sao")
    header = [*HEADER[:place], "Kết quả phân hạng", "", "", *HEADER[place + 1 :]]
    stars = [*[""] * place, "3 sao", "4 sao", "5 sao"]
    numbers = [f"({each})" for each in range(1, len(header) + 1)]
    rows = [[*row()[:place], *marks, *row()[place + 1 :]] for marks in (["", "x", ""], ["X", "-", 0], ["x", "x", ""])]
    summed = ["Tổng cộng", *[""] * (place - 1), 2, 2, 0]
    file = xlsx(tmp_path, header, stars, numbers, *rows, summed, merged=["J1:L1"])

    assert [each.data["certificate"].get("stars") for each in read(file)] == [4, 3, None]
    assert said(read(file)) == [(6, "stars", "3 sao, 4 sao", "3 to 5 stars")]
    assert [each.column.name for each in opened(file, {}, None).header.guesses] == ["stars"]


def test_titles_groups_numbers_of_columns_and_sums_are_no_products(tmp_path: Path) -> None:
    numbers = [f"({place})" for place in range(1, len(HEADER) + 1)]
    group, total = ["I. Thực phẩm", *[""] * 10], ["Tổng cộng", "2 sản phẩm", *[""] * 9]
    file = xlsx(tmp_path, [TITLE], [], HEADER, numbers, group, row(), HEADER, total, merged=["A1:K1", "A5:K5"])

    assert [each.number for each in read(file)] == [6]


@pytest.mark.parametrize("title", ["Cộng", "Tổng:", "TỔNG", "Tổng: 2", "Tổng số sản phẩm", "Cộng huyện Ba Vì"])
def test_a_sum_by_groups_is_no_product(title: str, tmp_path: Path) -> None:
    file = xlsx(tmp_path, HEADER, row(), ["", title, "", "", "", "", "1 HTX"], row(Mã_SP="01-269-09592-4-2024"))

    assert [each.number for each in read(file)] == [2, 4]


@pytest.mark.parametrize(
    "producer",
    ["Công ty TNHH Sữa", "CONG TY TNHH SUA", "Tổng công ty Sữa", "TONG CONG TY SUA", "Cộng đồng du lịch Ba Vì"],
)
def test_a_producer_in_the_first_column_whose_name_begins_like_a_sum_is_none(producer: str, tmp_path: Path) -> None:
    file = xlsx(tmp_path, ["Chủ thể", *HEADER[:6], *HEADER[7:]], [producer, *row()[:6], *row()[7:]])

    assert [each.data["producer"]["name"] for each in read(file)] == [producer]


def test_who_made_and_signed_a_list_are_no_products(tmp_path: Path) -> None:
    signed = ["NGƯỜI LẬP BIỂU", *[""] * 8, "KT. GIÁM ĐỐC"], ["", "Nguyễn Thử", *[""] * 7, "Trần Thử"]
    place = ["", "", "Hà Nội, ngày 5 tháng 1 năm 2026"]
    file = xlsx(tmp_path, HEADER, row(), row(Số_GCN="16/OCOP", Mã_SP="", Tên_sản_phẩm=""), [], place, *signed)

    assert [each.number for each in read(file)] == [2, 3]


def test_how_long_it_is_valid_may_stand_for_the_last_day(tmp_path: Path) -> None:
    header = (*HEADER, "Thời hạn")
    (found,) = read(xlsx(tmp_path, header, [*row(), "36 tháng kể từ ngày ký"]))

    assert (found.faults, found.data, found.notes) == (
        (),
        filed(),
        ("Thời hạn: 36 tháng kể từ ngày ký read as 12/03/2027",),
    )


def test_a_hidden_sheet_is_read_only_where_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "san-pham.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        for name, rows in (("Danh sách", [HEADER, row()]), ("Nháp", [HEADER, row(), row(Số_GCN="16/OCOP")])):
            sheet = book.add_worksheet(name)
            for place, cells in enumerate(rows):
                sheet.write_row(place, 0, cells)
        sheet.hide()

    assert [opened(file, {}, name).sheet.name for name in (None, "Nháp")] == ["Danh sách", "Nháp"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_csv_in_utf_16_without_a_byte_order_mark(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "san-pham.csv"
    file.write_bytes("\n".join("\t".join(map(str, each)) for each in (HEADER, row())).encode(encoding))

    (found,) = read(file)

    assert (found.faults, found.data) == ((), filed())


@pytest.mark.parametrize(
    ("titles", "code"),
    [
        ([["I. THỊ XÃ SƠN TÂY"]], "09574"),
        ([["I", "Thị xã Sơn Tây", "", 1]], "09574"),
        ([["1. Huyện Hoài Đức (05 sản phẩm)"], ["2. Thị xã Sơn Tây: 01 sản phẩm"]], "09574"),
        ([["Huyện Phúc Thọ"], ["NHÓM THỰC PHẨM"], ["HTX Sơn Tây"]], "09772"),
    ],
    ids=str,
)
def test_the_title_of_a_group_names_the_district(titles: list[list[Any]], code: str, tmp_path: Path) -> None:
    product = row(**{"Mã_SP": "01-269-09592-3-2024", "Xã/phường": {"09574": "Đường Lâm", "09772": "Hiệp Thuận"}[code]})
    (found,) = read(xlsx(tmp_path, HEADER, *titles, [*product[:4], "", *product[5:]]))

    assert (found.faults, found.data["product"]["commune_code"]) == ((), code)


def test_a_title_of_no_place_ends_no_district_and_its_products_may_lie_elsewhere(tmp_path: Path) -> None:
    product = row(**{"Mã_SP": "01-09574-3-2025", "Xã/phường": "Phường Sơn Tây", "Huyện": ""})
    (found,) = read(xlsx(tmp_path, HEADER, ["I. Huyện Ba Vì"], ["II. Sản phẩm cấp quốc gia"], product))

    assert (found.faults, found.data["product"]["commune_code"]) == ((), "09574")


def test_the_title_of_a_group_names_the_commune_until_the_next_district(tmp_path: Path) -> None:
    product = row(**{"Mã_SP": "01-09574-3-2025", "Xã/phường": "", "Huyện": ""})
    found = read(xlsx(tmp_path, HEADER, ["XÃ PHÚC THỌ"], product, ["THỊ XÃ SƠN TÂY"], product))

    assert [each.data["product"].get("commune_code") for each in found] == ["09715", "09574"]


def test_a_decision_in_the_title_is_that_of_every_product(tmp_path: Path) -> None:
    title = ["(Kèm theo Quyết định số 148/QĐ-UBND ngày 12 tháng 3 năm 2024 của UBND thành phố Hà Nội)"]
    file = xlsx(tmp_path, title, HEADER[:-1], row()[:-1], ["Đợt 2, QĐ số 9/QĐ-UBND ngày 5/4/2024"], row()[:-1])
    first, second = read(file)

    assert (first.faults, first.data) == ((), filed())
    assert second.data["certificate"]["decision"] == {"number": "9/QĐ-UBND", "date": "2024-04-05"}
    assert "decision 148/QĐ-UBND of 12/03/2024, by the title above" in first.notes
    assert not opened(file, {}, None).is_certain


def test_of_a_title_with_two_decisions_none_is_taken(tmp_path: Path) -> None:
    title = ["(Kèm theo Quyết định số 148/QĐ-UBND ngày 12/3/2024, thay Quyết định số 9/QĐ-UBND ngày 1/2/2023)"]

    assert opened(xlsx(tmp_path, title, HEADER[:-1], row()[:-1]), {}, None).decision is None


def test_a_column_of_nothing_but_codes_is_guessed_to_be_that(tmp_path: Path) -> None:
    file = xlsx(tmp_path, ["Mã", *HEADER[1:]], row(), row(Mã_SP="01-269-09592-4-2024"))

    assert [each.column.name for each in opened(file, {}, None).header.guesses] == ["product_code"]
    assert [each.data["product_code"][-6:] for each in read(file)] == ["3-2024", "4-2024"]


def test_a_merged_cell_has_its_value_in_every_row(tmp_path: Path) -> None:
    """As where the producer of several products stands once."""
    second = row(Mã_SP="01-269-09592-4-2024", Chủ_thể="", MST="")
    found = read(xlsx(tmp_path, HEADER, row(), second, merged=["G2:G3", "H2:H3"]))

    assert [each.data["producer"] for each in found] == [filed()["producer"]] * 2


def test_merged_cells_of_libreoffice_too(tmp_path: Path) -> None:
    first = "".join(cell(each, rows=2 if place in {6, 7} else 1) for place, each in enumerate(row()))
    second = "".join(
        COVERED if place in {6, 7} else cell(each) for place, each in enumerate(row(Mã_SP="01-269-09592-4-2024"))
    )
    found = read(ods(tmp_path, "".join(map(cell, HEADER)), first, second))

    assert [each.data["producer"] for each in found] == [filed()["producer"]] * 2


@pytest.mark.parametrize(
    ("encoding", "separator"), [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1258", ";")]
)
def test_csv_in_any_encoding_with_any_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    lines = [[TITLE], HEADER, row(Quyết_định_công_nhận='148/QĐ-UBND, "ngày" 12/3/2024')]
    text = "\r\n".join(separator.join('"' + str(each).replace('"', '""') + '"' for each in line) for line in lines)
    if encoding == "cp1258":
        text = "".join(map(in_windows_1258, text))
    file = tmp_path / "san-pham.csv"
    file.write_bytes(text.encode(encoding))

    (found,) = read(file)

    assert (found.data["product"], found.data["producer"]) == (filed()["product"], filed()["producer"])


def in_windows_1258(letter: str) -> str:
    """Return a letter as the code page has it: a tone mark is a byte of its own."""
    if letter.encode("cp1258", "ignore"):
        return letter
    base, *marks = list(unicodedata.normalize("NFD", letter))
    toned = unicodedata.normalize(
        "NFC", base + "".join(mark for mark in marks if mark not in "\u0300\u0301\u0303\u0309\u0323")
    )
    return toned + "".join(mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323")


def test_a_sheet_in_tcvn3_is_read_with_its_header_and_its_places(tmp_path: Path) -> None:
    header = (
        "M· s¶n phÈm",
        "Tªn s¶n phÈm",
        "Bé s¶n phÈm",
        "X·, ph­êng",
        "HuyÖn",
        "TØnh",
        "Chñ thÓ",
        "MST",
        "Sè GCN",
        "Sè sao",
        "QuyÕt ®Þnh",
    )
    cells = row(Tên_sản_phẩm="B¸nh tÎ", Chủ_thể="HTX B¸nh tÎ", Quyết_định_công_nhận="148/Q§-UBND ngµy 12/3/2024")
    cells[3:6] = ["§­êng L©m", "S¬n T©y", "Hµ Néi"]
    file = xlsx(tmp_path, header, cells)

    (converted,) = opened(file, {}, None).converted
    (found,) = read(file)

    assert (converted.encoding, found.faults, found.data) == ("TCVN3 (ABC)", (), filed())


@pytest.mark.parametrize(
    ("changed", "column", "value", "expected"),
    [
        ({"Số_sao": "Tiềm năng 5 sao"}, "stars", "Tiềm năng 5 sao", "3 to 5 stars"),
        ({"Số_sao": 2}, "stars", "2", "3 to 5 stars"),
        ({"Mã_SP": "OCOP-1"}, "product_code", "OCOP-1", "the code on the certificate"),
        ({"Xã/phường": "Xã Không Có"}, "commune", "Xã Không Có", "a commune's name or code"),
        ({"MST": "0109990003"}, "tax_code", "0109990003", "check digit"),
        ({"Tỉnh": "HN"}, "province", "HN", "a province's name or code"),
        ({"Huyện": "Ba Vì"}, "district", "Ba Vì", "the district's name before 1 July 2025"),
        ({"MST": ""}, "tax_code", "", "Neither a tax code nor"),
        ({"Chủ_thể": "Cơ sở Hải Hoa"}, "producer_kind", "", "the kind of producer"),
        ({"Quyết_định_công_nhận": "148/QĐ-UBND ngày 12/3/2027"}, "decision", "148/QĐ-UBND ngày 12/3/2027", "future"),
        (
            {"Quyết_định_công_nhận": "148/QĐ-UBND ngày 31/2/2024"},
            "decision",
            "148/QĐ-UBND ngày 31/2/2024",
            "number and day",
        ),
        ({"Tên_sản_phẩm": "B?nh t?"}, "product_name", "B?nh t?", "lost"),
        ({"Số_GCN": ""}, "certificate_number", "", "is missing"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_fault_says_row_column_value_and_what_is_expected(
    changed: dict[str, Any], column: str, value: str, expected: str, tmp_path: Path
) -> None:
    (fault,) = said(read(xlsx(tmp_path, [TITLE], HEADER, row(**changed))))

    assert fault[:3] == (3, column, value)
    assert expected in fault[3]


def test_every_fault_of_a_row_is_said_at_once(tmp_path: Path) -> None:
    wrong = row(Số_sao="đạt", MST="0109990003", Mã_SP="", Bộ_sản_phẩm="")

    assert [column for _, column, *_ in said(read(xlsx(tmp_path, HEADER, wrong)))] == [
        *("stars", "product_code", "product_set", "tax_code"),
    ]


def test_what_is_missing_hides_no_other_fault(tmp_path: Path) -> None:
    wrong = row(Số_GCN="", Số_sao="", Quyết_định_công_nhận="148/QĐ-UBND ngày 12/3/2027")

    assert [column for _, column, *_ in said(read(xlsx(tmp_path, HEADER, wrong)))] == [
        *("certificate_number", "stars", "decision"),
    ]


def test_a_place_for_which_nobody_may_file_is_said_where_it_stands(tmp_path: Path) -> None:
    open_sheet = opened(xlsx(tmp_path, HEADER, row()), {}, None)
    scope = Scope(Role.PROVINCE, frozenset({"25"}))
    (found,) = rows_of(open_sheet, scope, TODAY, home="25", chosen={}, choose=nobody)

    assert [(fault.column, fault.value) for fault in found.faults] == [("province", "Hà Nội")]


def test_what_was_split_is_asked_for_once_and_holds_for_every_row(tmp_path: Path) -> None:
    of = {"Xã/phường": "Cổ Đông"}
    open_sheet = opened(xlsx(tmp_path, HEADER, row(**of), row(Mã_SP="01-269-09616-4-2024", **of)), {}, None)

    asked = said(rows_in(open_sheet))
    chosen = rows_in(open_sheet, chosen={"Cổ Đông, Sơn Tây, Hà Nội": "09616"})

    assert [each[:3] for each in asked] == [(2, "commune", "Cổ Đông"), (3, "commune", "Cổ Đông")]
    assert asked[0][3].startswith("the land of this commune went to several: choose one, by its code: 09616 Xã Đoài")
    assert [each.data["product"]["commune_code"] for each in chosen] == ["09616", "09616"]


def test_a_public_list_says_what_it_lacks_and_where_each_product_is_made(tmp_path: Path) -> None:
    header = [
        ["TT", "Tên sản phẩm", "Tên chủ thể", "Địa chỉ", "Hạng sao", "Quyết định công nhận", ""],
        ["", "", "", "", "", "Số", "Ngày"],
    ]
    rows = [
        [place, product, producer, address, DECISIONS[of][2], *DECISIONS[of][:2]]
        for place, (of, product, producer, address, _) in enumerate(PRODUCTS, 1)
    ]
    merged = ("A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:E4", "F3:G3")
    open_sheet = opened(xlsx(tmp_path, [TITLE], [], *header, *rows, merged=merged), {}, None)
    found = rows_in(open_sheet)

    assert [each.name for each in open_sheet.missing] == [
        "product_code",
        "product_set",
        "tax_code",
        "certificate_number",
    ]
    assert {(each.column.name, each.is_guess) for each in open_sheet.header.headed} == {
        (name, False) for name in ("product_name", "producer_name", "address", "stars", "decision", "decision_date")
    }
    lacking = {"product_code", "product_set", "tax_code", "certificate_number"}
    assert [{fault.column for fault in each.faults} for each in found] == [
        lacking | ({"producer_kind"} if each.name == "Tinh bột nghệ" else set()) for each in found
    ]
    assert [each.data["certificate"]["stars"] for each in found] == [3] * 9 + [4] * 5 + [3] * 8
    assert {each.data["product"]["province_code"] for each in found} == {"68"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.pdf", b"%PDF", "is no spreadsheet: it must end in .xlsx, .ods, .csv"),
        ("a.xlsx", b"no zip", "cannot be read"),
        ("a.csv", b"", "has nothing in it"),
        ("a.csv", b"a,b,c\n1,2,3\n", "has no row that heads the columns of products"),
    ],
)
def test_a_file_that_is_no_list_of_products_is_said_to_be_none(
    name: str, content: bytes, reason: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(UnreadableSheetError, match=reason):
        opened(file, {}, None)


def test_the_sheet_with_most_columns_is_read_unless_another_is_named(tmp_path: Path) -> None:
    file = xlsx(tmp_path, HEADER, row(), name="Năm 2024")

    assert opened(file, {}, None).sheet.name == "Năm 2024"
    with pytest.raises(UnreadableSheetError, match="has no sheet Năm 2025"):
        opened(file, {}, "Năm 2025")


def test_a_product_set_is_known_by_its_names() -> None:
    assert (set_named("Cà phê, ca cao"), set_named("coffee cocoa"), set_named("Thực phẩm")) == (13, 13, None)
