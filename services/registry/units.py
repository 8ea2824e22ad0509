"""The administrative units in force since 1 July 2025, by the codes of Decision 19/2025/QĐ-TTg.

Names and codes come from the package vietnam-provinces; `commune_codes.yaml` corrects those in which it departs from
the decision.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from vietnam_provinces import Province, Ward

from shared.yaml12 import load_yaml


@dataclass(frozen=True)
class Commune:
    """A commune, ward or special zone (xã, phường, đặc khu)."""

    name: str
    province_code: int


def _communes() -> dict[int, Commune]:
    corrections: dict[str, Any] = load_yaml(
        files("services.registry").joinpath("commune_codes.yaml").read_text("utf-8")
    )
    gone = {int(code) for code in corrections["not_in_force"]}
    packaged = {
        int(ward.code): Commune(" ".join(ward.name.split()), int(ward.province_code))
        for ward in Ward.iter_all()
        if int(ward.code) not in gone
    }
    in_force = {int(entry["code"]): Commune(entry["name"], int(entry["province"])) for entry in corrections["in_force"]}
    return packaged | in_force


#: Code → name, without “Thành phố”.
PROVINCES = {int(province.code): province.name.removeprefix("Thành phố ") for province in Province.iter_all()}
#: Code → commune.
COMMUNES = _communes()
