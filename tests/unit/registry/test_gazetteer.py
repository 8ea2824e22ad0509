"""Places are found by what somebody types: codes, names in force and former, with marks or without."""

from dataclasses import replace

import pytest

from services.registry.gazetteer import in_force, meant, places


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("09574", ["09574"], id="a code in force"),
        pytest.param("09592", ["09574"], id="a former code"),
        pytest.param("01", ["01"], id="a province's code"),
        pytest.param("02", ["08"], id="a former province's code: Hà Giang lies in Tuyên Quang"),
        pytest.param("Đường Lâm", ["09574"], id="a former commune"),
        pytest.param("duong lam son tay", ["09574"], id="without marks"),
        pytest.param("Dường Lâm", [], id="with other marks"),
        pytest.param("Đường Lâm, Sơn Tây, Hà Nội", ["09574"], id="with its district and province of then"),
        pytest.param("Sỹ Bình", ["01981", "05362"], id="y"),
        pytest.param("si binh bach thong", ["01981"], id="i for y"),
        pytest.param("Hoà Bình Thuỷ Nguyên", ["11533"], id="the tone mark in either place"),
        pytest.param("Côn Đảo", ["26732"], id="an island"),
        pytest.param("99999", [], id="no code"),
        pytest.param("!", [], id="no word"),
    ],
)
def test_a_text_finds_places_in_force(text: str, codes: list[str]) -> None:
    assert [each.code for each in places(text)] == codes


def test_the_place_of_that_name_comes_first_then_those_that_had_it_then_those_with_the_words() -> None:
    found = places("Sơn Tây")

    assert [(each.code, each.rank) for each in found[:4]] == [("09574", 0), ("18172", 0), ("21340", 0), ("07616", 2)]
    assert {each.rank for each in found[3:]} == {2}


def test_a_former_unit_says_what_it_was() -> None:
    (found,) = places("xã Đường Lâm")

    (former,) = found.formerly
    assert (former.code, former.district, former.province_name) == ("09592", "Thị xã Sơn Tây", "Thành phố Hà Nội")


def test_places_are_looked_for_in_a_province() -> None:
    assert [each.code for each in places("Sơn Tây", "42") if each.rank == 0] == ["18172"]
    assert len(places("", "42")) == 1 + 69


def test_without_a_text_all_are_listed_provinces_first() -> None:
    everything = places()

    assert len(everything) == 34 + 3321
    assert [each.is_province for each in everything[33:35]] == [True, False]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("phường sơn tây", ["09574"]),
        ("Sơn Tây", ["09574", "18172", "21340"]),
        ("Đường Lâm", ["09574"]),
        ("Đường", []),
    ],
)
def test_a_place_is_meant_by_its_whole_name(text: str, codes: list[str]) -> None:
    assert [each.code for each in meant(text)] == codes


def test_a_code_in_force_is_found_without_looking_through_former_ones() -> None:
    for code in ("01", "09574", "25"):
        assert in_force(code) == replace(meant(code)[0], formerly=())

    assert in_force("00097") is not None
    assert [in_force(each) for each in ("99", "1", "Sơn Tây", "")] == [None] * 4
