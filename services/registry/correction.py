"""Decide: evaluation has turned a dossier's answers back → its round waits for a corrected dossier."""

from datetime import datetime

from services.registry.certificates import answers
from services.registry.identity import KnownProduct
from services.registry.moving import moved
from services.registry.rounds import MOVES, Round, Step
from shared.contracts.catalogue import ASSESSMENT_REJECTED
from shared.contracts.event import Event, contents
from shared.contracts.rating import AssessmentRejected
from shared.contracts.rounds import Stage
from shared.handling.history import Version
from shared.handling.outcome import Decision


def decide(state: Version[KnownProduct] | None, event: Event, now: datetime) -> Decision:
    """Record that a dossier of a product was turned back. Raise BrokenContractError.

    Where that is the newest of a round that no council has rated yet, the round is returned, whatever its kind: a
    corrected dossier goes on in it.
    """
    fields = {"event": event.reference, "product_code": contents(event, AssessmentRejected).product_code}
    round_ = state.state.round if state else None
    if state is None or round_ is None or not _is_of(event, round_):
        return Decision(event.key, (), fields | {"outcome": "turned-back"})
    back_to = "commune" if round_.stage is Stage.AT_COMMUNE else "province"
    product, announced = moved(
        state.state, Step.ANSWERS_TURNED_BACK, why=ASSESSMENT_REJECTED.name, back_to=back_to, sent_on=None
    )
    version = state.then(product)
    made = answers(event, product, (announced,), sequence=version.number, now=now)
    return Decision(event.key, made, fields | {"outcome": "awaits-correction"}, version=version)


def _is_of(event: Event, round_: Round) -> bool:
    is_newest = event.causation_id == round_.submitted
    return is_newest and round_.stage in MOVES[Step.ANSWERS_TURNED_BACK].before
