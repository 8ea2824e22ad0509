"""The units that are no more, or have another name, and what they became (docs/places/README.md says from where).

Those of before 1 July 2025 stand in two files; the names that communes had since in `commune_codes.yaml`.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from services.registry.units import COMMUNES, PROVINCES, Commune

#: The last day of the units with districts (Resolution 203/2025/QH15).
UNTIL = date(2025, 6, 30)


@dataclass(frozen=True)
class FormerUnit:
    """A province, a commune or a district without communes, under a name that is not in force, and its last day.

    `became` are the codes of today's units: several where its communes, or its hamlets, went to more than one.
    `province` is the code that its province had then, `district` the name of its district.
    """

    code: str
    name: str
    became: tuple[str, ...]
    until: date
    province: str
    district: str = ""

    @property
    def province_name(self) -> str:
        """The name of its province, as that was then."""
        if self.until > UNTIL:
            return PROVINCES[int(self.province)]
        return former_provinces()[self.province].name

    @property
    def is_split(self) -> bool:
        """Return whether its land went to several units, so that the name alone does not say to which."""
        return len(self.became) > 1


@cache
def former_provinces() -> dict[str, FormerUnit]:
    """Return the 63 provinces of before July 2025 by their codes, with the province that each lies in now."""
    rows = _rows("former_provinces.csv")
    return {row["code"]: FormerUnit(row["code"], row["name"], (row["became"],), UNTIL, row["code"]) for row in rows}


@cache
def former_communes() -> tuple[FormerUnit, ...]:
    """Return the former communes, ordered by their codes; those that only changed their names stand at the end."""
    before = (
        FormerUnit(row["code"], row["name"], tuple(row["became"].split()), UNTIL, row["province"], row["district"])
        for row in _rows("former_communes.csv")
    )
    renamed = (each for code, commune in sorted(COMMUNES.items()) for each in _renamed(code, commune))
    return (*before, *renamed)


def _renamed(code: int, commune: Commune) -> Iterator[FormerUnit]:
    for each in commune.renamed:
        own, until = f"{code:05}", each.since - timedelta(days=1)
        yield FormerUnit(own, each.former_name, (own,), until, f"{commune.province_code:02}")


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("services.registry").joinpath(name).read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
