"""Decide: evaluation has turned a dossier back → a first registration may be filed again under the same code."""

from datetime import datetime

from services.registry.identity import KnownProduct
from shared.contracts.event import Event, contents
from shared.contracts.rating import AssessmentRejected
from shared.handling.history import Version
from shared.handling.outcome import Decision


def decide(state: Version[KnownProduct] | None, event: Event, _now: datetime) -> Decision:
    """Record that a dossier of a product was turned back. Raise BrokenContractError.

    Where that is its first registration, or the last correction of it, the product may be registered again under its
    code. An upgrade or a re-evaluation may be filed again in any case.
    """
    fields = {"event": event.reference, "product_code": contents(event, AssessmentRejected).product_code}
    if state is None:
        return Decision(event.key, (), fields | {"outcome": "turned-back"})
    to_correct = state.state.to_correct or event.causation_id == state.state.submitted
    version = state.then(state.state.model_copy(update={"to_correct": to_correct}))
    outcome = {"outcome": "awaits-correction" if to_correct else "turned-back"}
    return Decision(event.key, (), fields | outcome, version=version)
