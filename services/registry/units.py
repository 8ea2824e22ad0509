"""The administrative units in force since 1 July 2025, by the codes of Decision 19/2025/QĐ-TTg.

Names and codes come from the package vietnam-provinces; `commune_codes.yaml` corrects those in which it departs from
the decision, and those that were renamed since.
"""

from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from vietnam_provinces import Province, Ward

from shared.yaml12 import load_yaml


@dataclass(frozen=True)
class Renaming:
    """A name that a commune had, and the day from which it has had the next one."""

    former_name: str
    since: date


@dataclass(frozen=True)
class Commune:
    """A commune, ward or special zone (xã, phường, đặc khu), by its last name; `renamed`: the earliest first."""

    name: str
    province_code: int
    renamed: tuple[Renaming, ...] = ()

    def name_on(self, day: date | None) -> str:
        """Return the name in force on a day, the last one where the day is not known."""
        later = (each.former_name for each in self.renamed if day is not None and day < each.since)
        return next(later, self.name)

    def called_from(self, since: date, name: str) -> "Commune":
        """Return the commune under the name that it has from a day on."""
        return Commune(name, self.province_code, (*self.renamed, Renaming(self.name, since)))


def load_corrections() -> dict[str, Any]:
    """Return what `commune_codes.yaml` says."""
    corrections: dict[str, Any] = load_yaml(
        files("services.registry").joinpath("commune_codes.yaml").read_text("utf-8")
    )
    return corrections


def packaged_communes() -> dict[int, Commune]:
    """Return the communes of the package as they stand there."""
    return {int(ward.code): Commune(" ".join(ward.name.split()), int(ward.province_code)) for ward in Ward.iter_all()}


def _communes() -> dict[int, Commune]:
    corrections = load_corrections()
    gone = {int(code) for code in corrections["not_in_force"]}
    packaged = {code: commune for code, commune in packaged_communes().items() if code not in gone}
    in_force = {int(entry["code"]): Commune(entry["name"], int(entry["province"])) for entry in corrections["in_force"]}
    return _renamed(packaged | in_force, corrections["renamed"])


def _renamed(communes: dict[int, Commune], resolutions: list[dict[str, Any]]) -> dict[int, Commune]:
    for resolution in sorted(resolutions, key=lambda each: str(each["since"])):
        since = date.fromisoformat(resolution["since"])
        names = {int(code): name for code, name in resolution["names"].items()}
        communes = communes | {code: communes[code].called_from(since, name) for code, name in names.items()}
    return communes


#: Code → name, without “Thành phố”.
PROVINCES = {int(province.code): province.name.removeprefix("Thành phố ") for province in Province.iter_all()}
#: Code → commune.
COMMUNES = _communes()
