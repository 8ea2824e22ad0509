"""Decide: which events a producer is told of: not what another alert says already, nor what concerns offices alone.

That her dossier was received is told by its rating, or by what is wrong with her answers: one of the two follows.
"""

from collections.abc import Mapping

from shared.contracts.alert import AlertFailed
from shared.contracts.catalogue import (
    ALERT_FAILED,
    ASSESSMENT_REJECTED,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_RENEWAL_DUE,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    COUNCIL_RESULT,
    DEADLINE_DUE,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    PRODUCT_REFERRED,
    ROUND_MOVED,
    EventType,
)
from shared.contracts.certificates import (
    CertificateExpired,
    CertificateExpiring,
    CertificateExtended,
    CertificateIssued,
    CertificateRenewalDue,
    CertificateRevoked,
    CertificateSuperseded,
)
from shared.contracts.councils import CouncilResult
from shared.contracts.dossier import DossierRejected
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.rounds import Closing, DeadlineDue, ProductReferred, RoundMoved, Stage
from shared.faults.fault import for_producer

#: What a producer is alerted to.
AlertedEvent = (
    ProductRated
    | DossierRejected
    | AssessmentRejected
    | RoundMoved
    | CouncilResult
    | ProductReferred
    | CertificateIssued
    | CertificateRenewalDue
    | CertificateExpiring
    | CertificateExpired
    | CertificateExtended
    | CertificateSuperseded
    | CertificateRevoked
    | DeadlineDue
    | AlertFailed
)

#: Its kinds. The text of each is the template of its name.
ALERTED: tuple[EventType[AlertedEvent], ...] = (
    PRODUCT_RATED,
    DOSSIER_REJECTED,
    ASSESSMENT_REJECTED,
    ROUND_MOVED,
    COUNCIL_RESULT,
    PRODUCT_REFERRED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_RENEWAL_DUE,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_SUPERSEDED,
    CERTIFICATE_REVOKED,
)
#: What offices alone are alerted to.
FOR_OFFICES: tuple[EventType[AlertedEvent], ...] = (DEADLINE_DUE, ALERT_FAILED)
BY_TYPE: Mapping[str, EventType[AlertedEvent]] = {kind.type: kind for kind in (*ALERTED, *FOR_OFFICES)}
KINDS = frozenset(kind.name for kind in BY_TYPE.values())
BY_MODEL: Mapping[type[AlertedEvent], EventType[AlertedEvent]] = {kind.model: kind for kind in BY_TYPE.values()}


def told_of(event_data: AlertedEvent) -> AlertedEvent | None:
    """Return what the producer is told of an event, None where she is not alerted to it.

    Of a dossier that was turned back, the faults that she can mend: a program's are its sender's alone. Where she was
    told so of the same dossier before, nothing.
    """
    match event_data:
        case DeadlineDue() | AlertFailed():  # an office's
            return None
        case RoundMoved() if not _is_move_told(event_data):
            return None
        case CertificateIssued(round=None, corrects=None):  # imported: she has had it on paper for long
            return None
        case DossierRejected(repeated=True):
            return None
        case DossierRejected(faults=faults):
            hers = for_producer(faults)
            return event_data.model_copy(update={"faults": hers}) if hers else None
        case _:
            return event_data


def is_told(event_data: AlertedEvent) -> bool:
    """Return whether the producer is alerted to an event at all."""
    return told_of(event_data) is not None


def _is_move_told(moved: RoundMoved) -> bool:
    """Return whether a move is said by no other event, and concerns her.

    A correction on its way is told by its rating, answers that were turned back by `assessment.rejected`, a council's
    work by `council.result`, what goes to the centre by `product.referred`, a recognition by `certificate.issued`. What
    comes back from the centre concerns the province.
    """
    match moved.to_stage:
        case Stage.AT_PROVINCE:
            return moved.from_stage is Stage.AT_COMMUNE
        case Stage.RETURNED:
            return moved.why != ASSESSMENT_REJECTED.name
        case Stage.CLOSED:
            return moved.closing not in {Closing.RECOGNISED, Closing.BELOW_THREE_STARS}
        case _:
            return False
