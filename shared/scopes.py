"""Decide: who may file which kind of event, of which places, and who sees which.

A user of the broker acts in a role and for places; together they are its scope. What it may file, `MAY_FILE` says; of
what is announced it sees what answers its own, and of its places what its role may see.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.contracts.catalogue import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_IMPORTED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_RENEWAL_DUE,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    COMMUNE_ASSESSED,
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    COUNCIL_RESULT,
    DOSSIER_FILED,
    DOSSIER_RETURNED,
    DOSSIER_TRIED,
    DOSSIER_WITHDRAWN,
    PRODUCER_CONTACT,
    PRODUCER_PREFERENCES,
    PRODUCER_SUCCEEDED,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    RECOGNITION_CORRECTED,
    RECOGNITION_DECIDED,
    RECOGNITION_REFUSED,
    RECOGNITION_REVOKED,
    REGISTER_QUERY,
    RESULT_APPROVED,
    SCORECARD_FILED,
    EventType,
)

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


_INTEGRATIONS = frozenset({Role.PORTAL, Role.COMMUNE, Role.PROVINCE, Role.CENTRE})
_PROVINCE = frozenset({Role.PROVINCE})
#: whose council judges, and who recognises (Art. 3.3): the province, and for 5 stars the centre
_COUNCILS = frozenset({Role.PROVINCE, Role.CENTRE})
#: Kind of event → who may file it. A kind that is not here, nobody files.
MAY_FILE: Mapping[EventType[Any], frozenset[Role]] = {
    DOSSIER_FILED: frozenset({Role.PORTAL, Role.COMMUNE, Role.PROVINCE, Role.OPERATOR, Role.ANONYMOUS}),
    # an office has seen the paper that proves it
    PRODUCER_SUCCEEDED: frozenset({Role.COMMUNE, Role.PROVINCE}),
    PRODUCER_CONTACT: frozenset({Role.PORTAL, Role.COMMUNE}),
    PRODUCER_PREFERENCES: frozenset({Role.PORTAL, Role.COMMUNE}),
    CERTIFICATE_IMPORTED: _PROVINCE,
    COMMUNE_ASSESSED: frozenset({Role.COMMUNE}),
    DOSSIER_RETURNED: _PROVINCE,
    DOSSIER_WITHDRAWN: frozenset({Role.PORTAL, Role.COMMUNE, Role.PROVINCE}),
    COUNCIL_CONVENED: _COUNCILS,
    SCORECARD_FILED: _COUNCILS,
    COUNCIL_CONCLUDED: _COUNCILS,
    RESULT_APPROVED: _PROVINCE,
    RECOGNITION_DECIDED: _COUNCILS,
    RECOGNITION_REFUSED: _COUNCILS,
    RECOGNITION_CORRECTED: _COUNCILS,
    RECOGNITION_REVOKED: _COUNCILS,
    PRODUCT_QUERY: _INTEGRATIONS,
    REGISTER_QUERY: _INTEGRATIONS,
    # who may file dossiers, and has a queue for the answer
    DOSSIER_TRIED: frozenset({Role.PORTAL, Role.COMMUNE, Role.PROVINCE}),
}


#: Kinds of events that say what came of a dossier, to anybody: all that a portal sees of what others filed. A kind that
#: is not here may have somebody's dossier or self-assessment in it.
RESULTS: frozenset[EventType[Any]] = frozenset(
    {
        PRODUCT_RATED,
        COUNCIL_RESULT,
        CERTIFICATE_ISSUED,
        CERTIFICATE_RENEWAL_DUE,
        CERTIFICATE_EXPIRING,
        CERTIFICATE_EXPIRED,
        CERTIFICATE_EXTENDED,
        CERTIFICATE_SUPERSEDED,
        CERTIFICATE_REVOKED,
    }
)
#: Who sees every event of its places.
_SEES_ALL = frozenset({Role.COMMUNE, Role.PROVINCE, Role.CENTRE})


@dataclass(frozen=True)
class Place:
    """A province and a commune by their codes, each None where it is not known."""

    province: str | None
    commune: str | None = None

    @classmethod
    def of_code(cls, product_code: str) -> "Place":
        """Return the place that a product's code names (Decision 26/2026, Annex I), one of before July 2025 too."""
        province, *_, commune, _, _ = product_code.split("-")
        return cls(province, commune)

    @classmethod
    def of_text(cls, text: str | None) -> "Place":
        """Return the place that an event carries: `01-09574`, `01`, or None."""
        province, _, commune = (text or "").partition("-")
        return cls(province or None, commune or None)

    @property
    def known(self) -> frozenset[str]:
        """What a scope may name this place by: its province, its commune behind the province, the country."""
        return frozenset({EVERYWHERE, self.province or EVERYWHERE, self.text or EVERYWHERE})

    @property
    def text(self) -> str | None:
        """The place as events carry it, as far as it is known: `01-09574`, `01`, or None."""
        return f"{self.province}-{self.commune}" if self.province and self.commune else self.province


@dataclass(frozen=True)
class Scope:
    """In which role somebody acts, and for which places: codes of provinces (`01`) and of communes (`01-09574`)."""

    role: Role
    places: frozenset[str]

    def may_file(self, kind: EventType[Any]) -> bool:
        """Return whether this kind of event may be filed in this role, wherever."""
        return self.role in MAY_FILE.get(kind, ())

    def may_see(self, kind: EventType[Any]) -> bool:
        """Return whether events of this kind may be seen in this role, of its places, whoever filed."""
        return self.role in _SEES_ALL or (self.role is Role.PORTAL and kind in RESULTS)

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
