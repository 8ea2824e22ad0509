"""Former units, and what they became, hang together; `docs/places` is what is made of them."""

from datetime import date
from pathlib import Path

import pytest

from services.registry.former_units import former_communes, former_provinces
from services.registry.units import COMMUNES, PROVINCES
from tools.places import FOLDER, publish

#: Special zones that were districts without communes before.
ISLANDS = {"318", "471", "498", "536", "755"}


def test_every_former_commune_became_units_in_force_and_none_in_force_has_come_from_nowhere() -> None:
    became = {int(code) for former in former_communes() for code in former.became}

    assert became == COMMUNES.keys()


def test_there_were_63_provinces_and_the_communes_of_each_lie_in_what_it_became() -> None:
    provinces = former_provinces()
    lies_in = {
        (former.province, f"{COMMUNES[int(code)].province_code:02}")
        for former in former_communes()
        if former.until == date(2025, 6, 30)
        for code in former.became
    }

    assert len(provinces) == 63
    assert lies_in == {(code, became) for code, former in provinces.items() for became in former.became}
    assert {became for _, became in lies_in} == {f"{code:02}" for code in PROVINCES}


def test_each_code_was_one_commune_s_at_a_time() -> None:
    before = [former.code for former in former_communes() if former.until == date(2025, 6, 30)]

    assert len(before) == len(set(before)) == 10_035 + len(ISLANDS)
    assert {code for code in before if len(code) == 3} == ISLANDS


@pytest.mark.parametrize(
    ("code", "name", "became"),
    [
        pytest.param("09592", "Xã Đường Lâm", ("09574",), id="whole"),
        pytest.param("00019", "Phường Điện Biên", ("00004", "00070", "00190", "00226"), id="split"),
        pytest.param("28252", "Phường 4", ("28249",), id="Mỹ Tho's, not another Phường 4"),
        pytest.param("755", "Huyện Côn Đảo", ("26732",), id="a district without communes"),
    ],
)
def test_what_a_unit_became(code: str, name: str, became: tuple[str, ...]) -> None:
    (former,) = [each for each in former_communes() if each.code == code]

    assert (former.name, former.became, former.is_split) == (name, became, len(became) > 1)


def test_a_name_that_was_given_up_since_is_a_former_unit_until_the_day_before() -> None:
    (renamed,) = [each for each in former_communes() if each.name == "Xã Bố Hạ" and each.until.year == 2026]

    assert (renamed.code, renamed.until, renamed.became) == ("07294", date(2026, 9, 19), ("07294",))
    assert renamed.province_name == "Bắc Ninh"


def test_the_files_for_integrations_are_of_these_units(tmp_path: Path) -> None:
    publish(tmp_path)

    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_bytes() for file in FOLDER.glob("*.csv")}, "run `make places`"
