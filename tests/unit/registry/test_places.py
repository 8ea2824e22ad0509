import pytest

from services.registry.places import place_faults
from services.registry.units import COMMUNES


def test_every_commune_lies_in_its_province() -> None:
    units = [(f"{commune.province_code:02}", f"{code:05}") for code, commune in COMMUNES.items()]

    assert len(units) == 3321
    assert [unit for unit in units if place_faults(*unit)] == []


@pytest.mark.parametrize(
    ("province", "commune", "codes"),
    [
        pytest.param("01", "09574", [], id="Sơn Tây ward, Hà Nội"),
        pytest.param("42", "18172", [], id="Sơn Tây commune, Hà Tĩnh"),
        pytest.param("42", "09574", ["commune-outside-province"], id="Sơn Tây of Hà Nội in Hà Tĩnh"),
        pytest.param("01", "00577", [], id="Bát Tràng, by the decision's code"),
        pytest.param("01", "00073", ["commune-unknown"], id="Cửa Nam, by a code that the decision does not have"),
        pytest.param("02", "09574", ["province-unknown"], id="Hà Giang, merged into Tuyên Quang"),
        pytest.param("00", "00000", ["province-unknown", "commune-unknown"], id="zeros"),
        pytest.param("01", "99999", ["commune-unknown"], id="no such commune"),
        pytest.param(None, "09574", [], id="unreadable province"),
        pytest.param("01", None, [], id="unreadable commune"),
        pytest.param(None, None, [], id="neither readable"),
    ],
)
def test_place(province: str | None, commune: str | None, codes: list[str]) -> None:
    assert [fault.code for fault in place_faults(province, commune)] == codes


def test_a_commune_outside_the_province_is_told_where_it_lies() -> None:
    (fault,) = place_faults("15", "09574")

    assert "09574 là Phường Sơn Tây thuộc Hà Nội (01), không thuộc Lào Cai (15)" in fault.message.vi
    assert "09574 is Phường Sơn Tây in Hà Nội (01), not in Lào Cai (15)" in fault.message.en
