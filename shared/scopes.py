"""Decide: who may file which kind of event, of which places.

A user of the broker acts in a role and for places; together they are its scope. What it may file, `MAY_FILE` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.contracts.catalogue import DOSSIER_FILED, PRODUCER_SUCCEEDED, PRODUCT_QUERY, EventType

#: In the place of a list of places: the whole country.
EVERYWHERE = "everywhere"


class Role(StrEnum):
    """What somebody who files is: the first four are integrations."""

    PORTAL = "portal"
    COMMUNE = "commune"
    PROVINCE = "province"
    CENTRE = "centre"
    OPERATOR = "operator"
    #: a message without `user_id`, where such are taken
    ANONYMOUS = "anonymous"
    #: whom nobody has given a scope
    UNKNOWN = "unknown"


#: Kind of event → who may file it. A kind that is not here, nobody files.
MAY_FILE: Mapping[EventType[Any], frozenset[Role]] = {
    DOSSIER_FILED: frozenset({Role.PORTAL, Role.COMMUNE, Role.PROVINCE, Role.OPERATOR, Role.ANONYMOUS}),
    # an office has seen the paper that proves it
    PRODUCER_SUCCEEDED: frozenset({Role.COMMUNE, Role.PROVINCE}),
    PRODUCT_QUERY: frozenset({Role.PORTAL, Role.COMMUNE, Role.PROVINCE, Role.CENTRE}),
}


@dataclass(frozen=True)
class Place:
    """A province and a commune by their codes, each None where it is not known."""

    province: str | None
    commune: str | None = None

    @classmethod
    def of_code(cls, product_code: str) -> "Place":
        """Return the place that a product's code names (Decision 26/2026, Annex I)."""
        province, commune, *_ = product_code.split("-")
        return cls(province, commune)

    @property
    def known(self) -> frozenset[str]:
        """What a scope may name this place by: its province, its commune behind the province, the country."""
        commune = {f"{self.province}-{self.commune}"} if self.province and self.commune else set()
        return frozenset({EVERYWHERE, *({self.province} if self.province else ()), *commune})


@dataclass(frozen=True)
class Scope:
    """In which role somebody acts, and for which places: codes of provinces (`01`) and of communes (`01-09574`)."""

    role: Role
    places: frozenset[str]

    def may_file(self, kind: EventType[Any]) -> bool:
        """Return whether this kind of event may be filed in this role, wherever."""
        return self.role in MAY_FILE.get(kind, ())

    def reaches(self, place: Place) -> bool:
        """Return whether a place lies within the scope. Of one that is known in part, nothing may speak against it."""
        if place.province is None:
            return bool(self.places)
        if place.commune is None:
            return any(each == EVERYWHERE or each.split("-")[0] == place.province for each in self.places)
        return not self.places.isdisjoint(place.known)

    def __str__(self) -> str:
        return f"{self.role}, {', '.join(sorted(self.places)) or 'nowhere'}"


OPERATOR = Scope(Role.OPERATOR, frozenset({EVERYWHERE}))
ANONYMOUS = Scope(Role.ANONYMOUS, frozenset({EVERYWHERE}))
NONE = Scope(Role.UNKNOWN, frozenset())


def allows(scope: Scope, kind: EventType[Any], place: Place) -> bool:
    """Return whether an event of this kind and of this place may be filed within a scope."""
    return scope.may_file(kind) and scope.reaches(place)
