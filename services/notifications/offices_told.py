"""Decide: which offices are told of an event: Decision 26/2026/QĐ-TTg, Articles 4-8 and 12.

What an office does itself it knows: it is told what others decide, and its own last days.
"""

from collections.abc import Mapping
from typing import Literal

from services.notifications.told import AlertedEvent
from shared.contracts.alert import AlertFailed
from shared.contracts.catalogue import DOSSIER_RETURNED
from shared.contracts.certificates import (
    Authority,
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateRenewalDue,
    CertificateRevoked,
    Ground,
    RenewalMilestone,
)
from shared.contracts.councils import CouncilResult, Level
from shared.contracts.rounds import DeadlineDue, ProductReferred, RoundMoved, Stage
from shared.scopes import Place, Role, Scope

OfficeLevel = Literal["commune", "province", "centre"]

_NOBODY: frozenset[OfficeLevel] = frozenset()
_COMMUNE: frozenset[OfficeLevel] = frozenset({"commune"})
_PROVINCE: frozenset[OfficeLevel] = frozenset({"province"})
_CENTRE: frozenset[OfficeLevel] = frozenset({"centre"})
_COMMUNE_AND_PROVINCE = _COMMUNE | _PROVINCE

_ALWAYS: Mapping[type[AlertedEvent], frozenset[OfficeLevel]] = {
    ProductReferred: _CENTRE,  # the province asks the ministry (Art. 7.3e)
    CertificateExpired: _COMMUNE_AND_PROVINCE,
    CertificateExtended: _COMMUNE_AND_PROVINCE,
}
_OF_RENEWAL = {
    RenewalMilestone.OPENS_IN_30_DAYS: _NOBODY,
    RenewalMilestone.OPEN: _COMMUNE,
    RenewalMilestone.LAST_DAY_TOMORROW: _COMMUNE,
    RenewalMilestone.CLOSED: _COMMUNE_AND_PROVINCE,
    RenewalMilestone.LATE_FILING_POSSIBLE: _COMMUNE_AND_PROVINCE,
}
#: Of the half-yearly rounds (Art. 5): whose last day it is. A commune's requests go to the province, which is told too.
_OF_ROUND = {
    "commune-requests": _COMMUNE_AND_PROVINCE,
    "province-round": _PROVINCE,
    "province-requests": _PROVINCE,
    "centre-round": _CENTRE,
}
#: Days before a certificate's last day from which a producer alone is reminded that her window is open.
_REMINDED_ALONE_FROM = 150


def office_levels_told(event_data: AlertedEvent) -> frozenset[OfficeLevel]:
    """Return the levels whose offices are told of an event: none, where it is a producer's alone."""
    match event_data:
        case RoundMoved():
            levels = _of_move(event_data)
        case CouncilResult(level=level):
            levels = _COMMUNE if level is Level.PROVINCE else _PROVINCE
        case CertificateIssued():
            levels = _of_recognition(event_data)
        case CertificateRenewalDue():
            levels = _of_renewal(event_data)
        case CertificateRevoked():
            levels = _of_revocation(event_data)
        case DeadlineDue():
            levels = _of_deadline(event_data)
        case AlertFailed(audience=audience):  # that an office was not reached is no office's news
            levels = _COMMUNE if audience == "producer" else _NOBODY
        case _:
            levels = _ALWAYS.get(type(event_data), _NOBODY)
    return levels


def places_told(level: OfficeLevel, event_data: AlertedEvent, place: Place) -> frozenset[Place]:
    """Return the places whose offices of a level are told of an event: its own, or where a commune's products wait."""
    if level == "commune" and isinstance(event_data, DeadlineDue) and event_data.waiting:
        return frozenset(map(Place.of_code, event_data.waiting))
    return frozenset({place})


def seen_by(scope: Scope, event_data: AlertedEvent) -> AlertedEvent:
    """Return what an office of this scope reads of an event: a commune, of products that wait, of its own alone."""
    if not isinstance(event_data, DeadlineDue) or not event_data.waiting or scope.role is not Role.COMMUNE:
        return event_data
    waiting = tuple(code for code in event_data.waiting if scope.reaches(Place.of_code(code)))
    return event_data.model_copy(update={"waiting": waiting, "waiting_count": len(waiting)})


def _of_move(moved: RoundMoved) -> frozenset[OfficeLevel]:
    """A province that asks for a completed dossier tells the commune, too (Art. 7.3a)."""
    is_asked_for = moved.to_stage is Stage.RETURNED and moved.why == DOSSIER_RETURNED.name
    return _COMMUNE if is_asked_for else _NOBODY


def _of_recognition(issued: CertificateIssued) -> frozenset[OfficeLevel]:
    """A recognition is told in writing, by the province to the commune (Art. 7.3g), by the minister to the province."""
    if issued.round is None or issued.corrects is not None:
        return _NOBODY
    return _COMMUNE if issued.certificate.authority is Authority.PROVINCE else _PROVINCE


def _of_renewal(due: CertificateRenewalDue) -> frozenset[OfficeLevel]:
    """A window that has opened is told to the commune once; the reminders after it are the producer's."""
    before_the_end = (due.certificate.last_day - due.last_day_to_file).days + due.days_left
    if due.milestone is RenewalMilestone.OPEN and before_the_end <= _REMINDED_ALONE_FROM:
        return _NOBODY
    return _OF_RENEWAL[due.milestone]


def _of_revocation(revoked: CertificateRevoked) -> frozenset[OfficeLevel]:
    """Every office gets the letter (Art. 8); of a redo that the ministry asks for, the province (Art. 10.1b)."""
    if revoked.ground is Ground.REDO:
        return _PROVINCE
    by_the_minister = revoked.certificate.authority is Authority.CENTRE
    return _COMMUNE_AND_PROVINCE | _CENTRE if by_the_minister else _COMMUNE_AND_PROVINCE


def _of_deadline(due: DeadlineDue) -> frozenset[OfficeLevel]:
    match due.deadline:
        case "commune-assessment":
            return _COMMUNE_AND_PROVINCE
        case "re-evaluation":
            return _CENTRE if due.level == "centre" else _PROVINCE
        case "round":
            return _OF_ROUND[due.round_of] if due.round_of else _PROVINCE
