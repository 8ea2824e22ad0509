"""What the titles of a sheet say of the products below them: district, commune, the decision that certified them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from ops.importing import cells
from ops.importing.places import Named, unit_titled

#: What a title is numbered with: `II.`, `2)`, `B -`.
_NUMBER = re.compile(r"^\s*(?:[IVXLC]+|\d+(?:\.\d+)*|[A-Z])\s*[.)/:\-–]+\s*")
#: What follows a unit's name: a count, `(05 sản phẩm)`, `: 05 sản phẩm`.
_COUNT = re.compile(r"\s*(?:[(:].*|[-–]\s*\d+\s+(?:sản phẩm|sp)\b.*)$", re.IGNORECASE)
_DECISION = re.compile(r"\b(?:quyết\s+định|qđ)\s+(?:số|so)?\s*:?\s*(?=\d)(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Titles:
    """What the titles above a row say, the nearest first: each part empty where none says anything."""

    district: str = ""
    commune: str = ""
    decision: tuple[str, date] | None = None

    @classmethod
    def above(cls, titles: Iterable[str]) -> Self:
        """Return what the titles of a whole sheet say. A unit there is the office, and no place of products."""
        found = cls()
        for title in titles:
            found = replace(found, decision=_decision_in(title) or found.decision)
        return found

    def then(self, title: str) -> Self:
        """Return what is said below one more title, empty where there is none: another district ends the commune."""
        decision = _decision_in(title) or self.decision
        unit = unit_titled(_COUNT.sub("", _NUMBER.sub("", title)))
        if unit.district:
            return replace(self, district=unit.district, commune="", decision=decision)
        return replace(self, commune=unit.commune or self.commune, decision=decision)

    def place(self, named: Named) -> Named:
        """Return the place that a row names, and what it leaves out."""
        if named.commune:
            return replace(named, district=named.district or self.district)
        return replace(named, commune=self.commune, district=named.district or self.district)


def _decision_in(title: str) -> tuple[str, date] | None:
    """Return number and day of the decision that a title names, None where it names none with its day, or several."""
    found = _DECISION.search(title)
    try:
        number, day = cells.decision(found[1]) if found else ("", None)
    except cells.UnreadCellError:
        return None
    return (number, day) if number and day else None
