"""The places as files for integrations, `docs/places/`: those in force, former ones and what they became."""

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from services.registry.former_units import FormerUnit, former_communes, former_provinces
from services.registry.units import COMMUNES, PROVINCES

FOLDER = Path(__file__).parents[1] / "docs" / "places"


def publish(folder: Path = FOLDER) -> None:
    """Write the files anew."""
    folder.mkdir(parents=True, exist_ok=True)
    provinces = [(f"{code:02}", name) for code, name in sorted(PROVINCES.items())]
    _write(folder / "provinces.csv", ("code", "name"), provinces)
    _write(folder / "communes.csv", ("code", "name", "province_code", "province"), _communes())
    former = ((each.code, each.name, str(each.until), *each.became) for each in former_provinces().values())
    _write(folder / "former-provinces.csv", ("code", "name", "until", "became"), former)
    columns = ("code", "name", "district", "province_code", "province", "until", "became")
    _write(folder / "former-communes.csv", columns, map(_former, former_communes()))


def _communes() -> Iterable[Sequence[str]]:
    for code, commune in sorted(COMMUNES.items()):
        province = commune.province_code
        yield (f"{code:05}", commune.name, f"{province:02}", PROVINCES[province])


def _former(each: FormerUnit) -> Sequence[str]:
    where = (each.district, each.province, each.province_name)
    return (each.code, each.name, *where, str(each.until), " ".join(each.became))


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, lineterminator="\n").writerows((columns, *rows))


if __name__ == "__main__":
    publish(*map(Path, sys.argv[1:]))
