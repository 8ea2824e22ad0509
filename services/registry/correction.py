"""Decide: evaluation has turned a dossier back → a first registration may be filed again under the same code."""

from datetime import datetime

from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event, contents
from shared.contracts.rating import AssessmentRejected
from shared.handling.outcome import Decision

#: The outcome of a record that lets one first registration of its product be filed and accepted again.
AWAITS_CORRECTION = "awaits-correction"


def decide(_state: None, event: Event, _now: datetime) -> Decision:
    """Record which dossier was rejected; an upgrade or a re-evaluation may be filed again in any case.

    `turned_back` is the id of the `product.submitted` that evaluation answered. Raise BrokenContractError.
    """
    rejected = contents(event, AssessmentRejected)
    first = rejected.registration is RegistrationKind.FIRST
    fields = {
        "event": event.reference,
        "outcome": AWAITS_CORRECTION if first else "turned-back",
        "product_code": rejected.product_code,
        "turned_back": event.causation_id,
    }
    return Decision(key=event.key, announced=(), fields=fields)
