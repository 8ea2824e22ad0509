"""Communes by whatever names offices have, mapped to those in force."""

import pytest

from ops.importing.places import Gazetteer, Named, in_address, in_cell, key, province_code
from tests.unit.ops.importing.public_list import PRODUCTS

SON_TAY = "09574"


def codes(named: Named, home: str | None = None) -> list[str]:
    return [each.code for each in Gazetteer(home).options(named)]


@pytest.mark.parametrize(
    "named",
    [
        Named("Đường Lâm", "Sơn Tây", "Hà Nội"),
        Named("xã Đường Lâm", "TX. Sơn Tây", "TP Hà Nội"),
        Named("Xa Duong Lam", "Thi xa Son Tay", "Ha Noi"),
        Named("ĐƯỜNG LÂM", "SƠN TÂY", "THÀNH PHỐ HÀ NỘI"),
        Named("X.Đường Lâm", "", "Hà Nội"),
        Named("Phường Sơn Tây", "", "Hà Nội"),
        Named("9574", "", "Hà Nội"),
        Named("09574", "", "01"),
        Named("09592", "", "1"),
    ],
)
def test_one_commune_by_names_and_codes_in_force_and_former(named: Named) -> None:
    assert codes(named) == [SON_TAY]


def test_where_the_sheet_names_no_province_it_lies_in_that_of_the_integration() -> None:
    assert codes(Named("Đường Lâm"), "01") == [SON_TAY]
    assert codes(Named("Đường Lâm"), "25") == []


def test_numbered_wards_by_their_abbreviations() -> None:
    assert codes(Named("P.5", "Q.3", "TP HCM")) == codes(Named("Phường 05", "Quận 3", "Hồ Chí Minh")) == ["27154"]


@pytest.mark.parametrize(
    ("named", "code"),
    [
        (Named("Phương Liễu", "Quế Võ", "Bắc Ninh"), "09265"),
        (Named("Quán Thánh", "Ba Đình", "Hà Nội"), "00004"),
        (Named("xa Thanh Van", "Quan Ba", "Ha Giang"), "00889"),
        (Named("An Phú", "Tịnh Biên", "An Giang"), "30520"),
        (Named("7", "Bến Tre", "Bến Tre"), "28789"),
    ],
    ids=str,
)
def test_a_name_may_begin_like_a_kind_of_unit_or_be_a_number(named: Named, code: str) -> None:
    assert codes(named) == [code]


def test_a_name_without_marks_means_each_that_reads_so() -> None:
    """Xã Nga Thanh and Xã Nga Thạch of one district are not told apart by a text that has no marks at all."""
    assert len(codes(Named("xa Nga Thanh", "Nga Son", "Thanh Hoa"))) > 1
    assert len(codes(Named("xã Nga Thanh", "Nga Sơn", "Thanh Hóa"))) == 1


def test_a_commune_of_another_district_is_not_taken() -> None:
    assert codes(Named("Tân Phú", "Ba Tri", "Bến Tre")) == []
    assert codes(Named("Vĩnh Hòa", "Cù Lao Minh", "Bến Tre")) == ["28901", "29110"]  # of no district


def test_the_code_of_a_former_commune_whose_land_was_split_is_asked_for() -> None:
    assert codes(Named("09619", "", "01", is_former=True)) == ["09619", "09661"]
    assert codes(Named("09619", "", "01")) == ["09619"]


@pytest.mark.parametrize("text", ["²", "①", "٣", "Phường ²"])
def test_what_looks_like_a_number_is_no_code(text: str) -> None:
    assert codes(Named(text, "", text)) == []


def test_of_a_commune_whose_land_went_to_several_each_is_an_option() -> None:
    options = Gazetteer().options(Named("Xã Cổ Đông", "Sơn Tây", "Hà Nội"))

    assert [(each.code, each.name) for each in options] == [("09616", "Xã Đoài Phương"), ("09988", "Xã Hòa Lạc")]
    assert all(each.formerly and each.formerly.is_split for each in options)


def test_what_somebody_chose_holds_for_every_spelling() -> None:
    chosen = Gazetteer(chosen={key("XÃ CỔ ĐÔNG, Sơn Tây, hà nội"): "09616"})

    assert [each.code for each in chosen.options(Named("Xã Cổ Đông", "Sơn Tây", "Hà Nội"))] == ["09616"]


def test_a_name_of_today_means_today_s_commune_where_the_certificate_is_of_today() -> None:
    former, today = Named("Phú Xuyên", "", "Thái Nguyên"), Named("Phú Xuyên", "", "Thái Nguyên", is_of_today=True)

    assert codes(today) == codes(former)[:1]


def test_today_s_commune_named_with_a_former_district_is_found() -> None:
    assert codes(Named("Phường Sơn Tây", "Thị xã Sơn Tây", "Hà Nội")) == [SON_TAY]


@pytest.mark.parametrize(
    ("name", "code"), [("Đắk Nông", "68"), ("tỉnh Bình Thuận", "68"), ("TP.HCM", "79"), ("60", "68")]
)
def test_a_former_province_is_where_it_lies_now(name: str, code: str) -> None:
    assert province_code(name) == code


@pytest.mark.parametrize(("address", "name"), sorted({(address, name) for *_, address, name in PRODUCTS}))
def test_the_addresses_of_a_public_list_lie_where_the_list_itself_says(address: str, name: str) -> None:
    assert [each.name for each in Gazetteer().options(in_address(address))] == [name]


def test_a_name_with_a_dash_in_it_is_whole_in_an_address() -> None:
    found = Gazetteer().options(in_address("12 Phù Đổng, phường Xuân Hương - Đà Lạt, tỉnh Lâm Đồng"))

    assert [each.name for each in found] == ["Phường Xuân Hương - Đà Lạt"]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Xã Cổ Đông (nay là xã Đoài Phương), thị xã Sơn Tây, Hà Nội", "09616"),
        ("Thôn 2, xã Đoài Phương (xã Cổ Đông cũ), Hà Nội, Việt Nam", "09616"),
        ("xóm 5, xã Phú Cường, Ba Vì, Hà Nội", "09634"),
        ("Xã Phú Cường\nHuyện Ba Vì\nHà Nội", "09634"),
        ("Thôn 1 xã Phú Cường huyện Ba Vì thành phố Hà Nội", "09634"),
        ("Khu 1 phường Phú Thịnh thị xã Sơn Tây", "09574"),
    ],
)
def test_an_address_is_read_however_its_parts_are_set_apart(address: str, code: str) -> None:
    assert codes(in_address(address), "01") == [code]


def test_an_address_without_a_commune_names_none() -> None:
    assert in_address("12 Lê Lợi") == Named()


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("Đường Lâm", Named("Đường Lâm")),
        ("Đường Lâm, Sơn Tây", Named("Đường Lâm", "Sơn Tây")),
        ("Đường Lâm - Sơn Tây - Hà Nội", Named("Đường Lâm", "Sơn Tây", "Hà Nội")),
        ("Đường Lâm, Hà Nội", Named("Đường Lâm", "", "Hà Nội")),
        ("xã Đường Lâm, thị xã Sơn Tây", Named("xã Đường Lâm", "thị xã Sơn Tây")),
        ("xã Đường Lâm thị xã Sơn Tây", Named("xã Đường Lâm", "thị xã Sơn Tây")),
        ("Đường Lâm/Sơn Tây", Named("Đường Lâm", "Sơn Tây")),
        ("Đường Lâm (cũ)", Named("Đường Lâm")),
        ("Phường Lang Biang - Đà Lạt", Named("Phường Lang Biang - Đà Lạt")),  # as it is called
        ("Phường Lang Biang - Đà Lạt, Lâm Đồng", Named("Phường Lang Biang - Đà Lạt", "", "Lâm Đồng")),
    ],
)
def test_a_commune_s_cell_may_name_what_it_lies_in(cell: str, named: Named) -> None:
    assert in_cell(cell) == named
