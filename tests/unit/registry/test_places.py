from datetime import UTC, date, datetime

import pytest

from services.registry.places import place_faults
from services.registry.units import COMMUNES, Commune, load_corrections, packaged_communes
from shared.legal_date import filing_day


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


@pytest.mark.parametrize(
    ("code", "day", "name"),
    [
        pytest.param("09319", date(2026, 9, 19), "Xã Tiên Du", id="the day before"),
        pytest.param("09319", date(2026, 9, 20), "Phường Tiên Du", id="the day itself"),
        pytest.param("09319", None, "Phường Tiên Du", id="no day known"),
        pytest.param("25270", date(2026, 4, 29), "Xã Lộc Ninh", id="Đồng Nai, the day before"),
        pytest.param("25270", date(2026, 4, 30), "Phường Lộc Ninh", id="Đồng Nai, the day itself"),
        pytest.param("09574", date(2026, 9, 19), "Phường Sơn Tây", id="never renamed"),
    ],
)
def test_a_commune_has_the_name_of_the_day(code: str, day: date | None, name: str) -> None:
    (fault,) = place_faults("46", code, day)

    assert f"Mã {code} là {name} thuộc " in fault.message.vi
    assert f"{code} is {name} in " in fault.message.en


def test_every_commune_that_was_renamed_keeps_the_name_that_it_had_before() -> None:
    renamed = {code: commune for code, commune in COMMUNES.items() if commune.renamed}

    assert len(renamed) == 22
    assert {code for code, commune in renamed.items() if commune.province_code == 75} == {
        *(25270, 25357, 25363, 26116, 26170, 26248, 26326, 26368, 26425, 26485)
    }
    assert {code for code, commune in renamed.items() if commune.province_code == 24} == {
        *(7294, 7375, 7399, 7444, 7840, 9193, 9292, 9313, 9319, 9454, 9475, 9496)
    }
    for commune in renamed.values():
        (renaming,) = commune.renamed
        assert renaming.former_name.removeprefix("Xã ") == commune.name.removeprefix("Phường ")


def test_a_commune_that_is_renamed_twice_has_each_name_in_its_time() -> None:
    commune = Commune("Xã A", 1).called_from(date(2026, 1, 1), "Phường A").called_from(date(2027, 1, 1), "Phường B")

    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [commune.name_on(day) for day in days] == ["Xã A", "Phường A", "Phường A", "Phường B"]


def _named(communes: dict[int, Commune], code: str) -> str | None:
    return communes[int(code)].name if int(code) in communes else None


def test_no_correction_says_what_the_package_says_by_now() -> None:
    """Where this fails, the package has been updated: take what it has by now out of `commune_codes.yaml`."""
    packaged, corrections = packaged_communes(), load_corrections()
    in_force = [each for each in corrections["in_force"] if _named(packaged, each["code"]) == each["name"]]
    gone = [code for code in corrections["not_in_force"] if int(code) not in packaged]
    names = {code: name for resolution in corrections["renamed"] for code, name in resolution["names"].items()}
    renamed = [code for code, name in names.items() if _named(packaged, code) == name]

    assert (in_force, gone, renamed) == ([], [], [])


def test_every_correction_has_its_source() -> None:
    assert all("NQ-UBTVQH16" in resolution["source"] for resolution in load_corrections()["renamed"])


@pytest.mark.parametrize(
    ("filed_at", "day"),
    [
        pytest.param("2026-09-19T16:59:59+00:00", date(2026, 9, 19), id="before midnight in Vietnam"),
        pytest.param("2026-09-19T17:00:00+00:00", date(2026, 9, 20), id="midnight in Vietnam"),
        pytest.param(None, date(2026, 11, 28), id="not said"),
        pytest.param("2031-01-01T00:00:00+00:00", date(2026, 11, 28), id="not yet"),
        pytest.param("0001-01-01T00:00:00+14:00", date(2026, 11, 28), id="before the calendar"),
    ],
)
def test_a_dossier_is_filed_on_a_day_of_vietnam(filed_at: str | None, day: date) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)

    assert filing_day(datetime.fromisoformat(filed_at) if filed_at else None, now) == day
