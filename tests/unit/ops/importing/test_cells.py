"""Cells as offices fill them in mean what people mean by them."""

from datetime import date, datetime
from typing import Any

import pytest

from ops.importing import cells
from ops.importing.cells import UnreadCellError
from shared.contracts.dossier import ProducerKind


@pytest.mark.parametrize(
    "cell",
    [
        4,
        4.0,
        "4",
        "4 sao",
        "OCOP 4 sao",
        "★★★★",
        "★★★★☆",
        "****",
        "4*",
        "Bốn sao",
        "bon sao",
        "Hạng 4 sao",
        "4 ★",
        "IV",
        "4 sao (2024)",
        "Đạt 4 sao năm 2024",
        "４",
    ],
)
def test_four_stars_in_every_spelling(cell: Any) -> None:
    assert cells.stars(cell).value == 4


@pytest.mark.parametrize(
    "cell", ["Tiềm năng 5 sao", "3-4 sao", "Đạt năm 2024", "", "6", "2 sao", "đạt", "3 ★★★★", True]
)
def test_what_says_no_number_of_stars_is_not_read(cell: Any) -> None:
    with pytest.raises(UnreadCellError):
        cells.stars(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "05/08/2026",
        "5/8/2026",
        "5-8-26",
        "05.08.2026",
        "2026-08-05",
        "2026-08-05 00:00:00",
        "ngày 05/08/2026",
        "Ngày 5 tháng 8 năm 2026",
        "5 tháng 8 năm 2026",
        "2026/08/05",
        date(2026, 8, 5),
        datetime(2026, 8, 5, 7, 30),  # noqa: DTZ001  # as a spreadsheet has it
        46239,
        46239.0,
        "46239",
    ],
)
def test_a_day_in_every_form(cell: Any) -> None:
    assert cells.day(cell).value == date(2026, 8, 5)


@pytest.mark.parametrize(
    "cell", ["31/02/2026", "08/25/2026", "tháng 8/2026", 2026, "từ 1/1/2024 đến 1/1/2027", True, "?"]
)
def test_what_is_no_day_is_not_read(cell: Any) -> None:
    with pytest.raises(UnreadCellError):
        cells.day(cell)


def test_the_day_of_a_serial_number_is_said() -> None:
    assert cells.day(46239).was_mended
    assert not cells.day("5-8-26").was_mended


@pytest.mark.parametrize(
    ("cell", "number", "day"),
    [
        ("858/QĐ-UBND", "858/QĐ-UBND", None),
        ("QĐ số 858/QĐ-UBND ngày 19/6/2025", "858/QĐ-UBND", date(2025, 6, 19)),
        ("Quyết định số: 858/QĐ-UBND, 19-6-25", "858/QĐ-UBND", date(2025, 6, 19)),
        ("858/QĐ-UBND ngày 19/06/2025 (hiệu lực từ 19/06/2025)", "858/QĐ-UBND", date(2025, 6, 19)),
        ("858/QĐ-UBND (19/06/2025)", "858/QĐ-UBND", date(2025, 6, 19)),
        (858, "858", None),
        ("", "", None),
    ],
)
def test_a_decision_with_its_day_or_without(cell: Any, number: str, day: date | None) -> None:
    assert cells.decision(cell) == (number, day)


@pytest.mark.parametrize("cell", ["148/QĐ-UBND ngày 12/3/2021; 222/QĐ-UBND ngày 30/10/2025", "1/1/2024 - 1/1/2027"])
def test_of_two_decisions_in_a_cell_none_is_taken(cell: str) -> None:
    with pytest.raises(UnreadCellError):
        cells.decision(cell)


@pytest.mark.parametrize("cell", ["15/2021; 20/2024", "15/2021\n20/2024", date(2024, 5, 1)])
def test_of_two_certificates_in_a_cell_none_is_taken_nor_a_number_that_became_a_day(cell: Any) -> None:
    with pytest.raises(UnreadCellError):
        cells.certificate_number(cell)


def test_a_certificate_s_number_may_end_in_a_sign() -> None:
    assert [cells.certificate_number(each).value for each in ("15/2021;", 15.0)] == ["15/2021;", "15"]


@pytest.mark.parametrize(
    ("cell", "months"),
    [
        ("36 tháng", 36),
        ("36 thang", 36),
        ("36 tháng kể từ ngày ký", 36),
        ("36 tháng (đến 12/3/2027)", 36),
        ("12/3/2027", None),
        ("tháng 3/2027", None),
        (36, None),
    ],
)
def test_how_long_a_certificate_is_valid_may_stand_for_its_last_day(cell: Any, months: int | None) -> None:
    assert cells.months(cell) == months


@pytest.mark.parametrize(
    ("cell", "code", "was_mended"),
    [
        ("83-829-28780-3-2022", "83-829-28780-3-2022", False),
        ("1-9574-3-2026", "01-09574-3-2026", True),
        ("01 - 09574 - 003 - 2026", "01-09574-3-2026", True),
        ("01–269–09592–3–2024", "01-269-09592-3-2024", True),
        ("1.269.9592.3.2024", "01-269-09592-3-2024", True),
        ("01-09574-3-26", "01-09574-3-2026", True),
    ],
)
def test_a_product_code_gets_its_zeros_and_dashes_back(cell: str, code: str, was_mended: bool) -> None:
    assert cells.product_code(cell) == cells.Read(code, was_mended)


@pytest.mark.parametrize("cell", ["01-09574-2026", "OCOP-01", 19574, "01-09574-3-6", "01-09574-3-20266"])
def test_what_is_no_product_code_is_not_read(cell: Any) -> None:
    with pytest.raises(UnreadCellError):
        cells.product_code(cell)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (109990002.0, "0109990002"),
        ("0109990002.0", "0109990002"),
        ("109990002", "0109990002"),
        ("0109990002", "0109990002"),
        ("01 0999 0002", "0109990002"),
        ("'0109990002", "0109990002"),
        ("0109990002-001", "0109990002-001"),
        (109990002001, "0109990002-001"),
        ("109990003", "109990003"),  # no zero makes a tax code of it
        ("01Y8001234", "01Y8001234"),
    ],
)
def test_a_tax_code_gets_its_leading_zero_back_where_its_check_digit_says_so(cell: Any, code: str) -> None:
    assert cells.tax_code(cell).value == code


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        (912000001, "0912000001"),
        ("912000001.0", "0912000001"),
        ("0912 000 001", "0912 000 001"),
        ("0912000001; 0912000002", "0912000001"),
    ],
)
def test_a_telephone_number_gets_its_leading_zero_back(cell: Any, phone: str) -> None:
    assert cells.phone(cell).value == phone


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("HTX Nông nghiệp Long Việt", ProducerKind.COOPERATIVE),
        ("Hợp tác xã chè Hảo Đạt", ProducerKind.COOPERATIVE),
        ("Tổ hợp tác rau Viên Sơn", ProducerKind.COOPERATIVE_GROUP),
        ("THT Bánh tẻ", ProducerKind.COOPERATIVE_GROUP),
        ("Cty TNHH Seagull", ProducerKind.ENTERPRISE),
        ("CTCP Sữa", ProducerKind.ENTERPRISE),
        ("CT CP Sữa", ProducerKind.ENTERPRISE),
        ("Chi nhánh Công ty TNHH Nông Nghiệp Ceres", ProducerKind.ENTERPRISE),
        ("DNTN Thanh Quốc", ProducerKind.ENTERPRISE),
        ("Trang trại Ba Vì", ProducerKind.FARM),
        ("Hộ kinh doanh Hưng Vân", ProducerKind.FAMILY_BUSINESS),
        ("Hộ sản xuất Thanh Bình", ProducerKind.HOUSEHOLD),
        ("Hiệp hội làng nghề", ProducerKind.ASSOCIATION),
        ("Cơ sở sản xuất Hải Hoa", None),  # may be a household or a business: nobody guesses
        ("Hoa Sen Việt", None),
    ],
)
def test_the_kind_of_a_producer_by_how_its_name_begins(name: str, kind: ProducerKind | None) -> None:
    assert cells.kind_in(name) == kind


@pytest.mark.parametrize(
    "cell", [6, 6.0, "6", "06", "Bộ 6", "Bộ sản phẩm số 6", "6. Chế biến từ gạo", "QD26-06", "gạo"]
)
def test_a_product_set_by_its_number_or_name(cell: Any) -> None:
    assert cells.product_set({"gạo": 6}.get)(cell).value == 6


@pytest.mark.parametrize("cell", ["27", "0", "Thực phẩm"])
def test_what_is_no_product_set_is_not_read(cell: Any) -> None:
    with pytest.raises(UnreadCellError):
        cells.product_set({"gạo": 6}.get)(cell)
