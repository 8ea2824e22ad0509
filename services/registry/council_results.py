"""Decide: what a council made of a product → its round moves on (Decision 26/2026, Art. 4.1a, 7.3, 7.4)."""

from datetime import datetime
from typing import Any

from services.registry.certificates import answers
from services.registry.identity import KnownProduct
from services.registry.moving import moved
from services.registry.province import FIVE_STARS
from services.registry.rounds import MOVES, KeptResult, Step
from shared.contracts.catalogue import COUNCIL_RESULT
from shared.contracts.councils import CouncilResult, Level
from shared.contracts.event import Event, contents
from shared.handling.history import Version
from shared.handling.outcome import Decision

#: The fewest stars that are recognised (Art. 4.1a).
RECOGNISED_FROM = 3


def decide(known: Version[KnownProduct] | None, event: Event, now: datetime) -> Decision:
    """Record a result, and move the round that it is of. Raise BrokenContractError.

    One that was overtaken moves nothing: its round has ended, or the product left the council's stage meanwhile.
    """
    result = contents(event, CouncilResult)
    step = _step(result)
    fields = {"event": event.reference, "product_code": result.product_code}
    round_ = known.state.round if known else None
    is_its_round = round_ is not None and (round_.number, round_.moves) == (result.round, result.move)
    if known is None or not is_its_round or round_ is None or round_.stage not in MOVES[step].before:
        return Decision(event.key, (), fields | {"outcome": "overtaken"})
    product, announced = moved(known.state, step, why=COUNCIL_RESULT.name, **_kept(event, result))
    version = known.then(product)
    made = answers(event, product, (announced,), sequence=version.number, now=now)
    return Decision(event.key, made, fields | {"outcome": step.value}, version=version)


def _step(result: CouncilResult) -> Step:
    stars = result.stars or 0
    if result.level is Level.CENTRE:
        return Step.CENTRE_GAVE_FIVE_STARS if stars == FIVE_STARS else Step.CENTRE_GAVE_FEWER
    return Step.RATED_FROM_THREE_STARS if stars >= RECOGNISED_FROM else Step.RATED_BELOW_THREE_STARS


def _kept(event: Event, result: CouncilResult) -> dict[str, Any]:
    """Return what a round keeps of a result; a new one of the province's council comes in the place of a central one.

    A province may hold a council of its own again where the centre gave fewer than 5 stars (Art. 7.4g).
    """
    kept = KeptResult(event_id=event.id, **{name: getattr(result, name) for name in _KEPT})
    return {"central": kept} if result.level is Level.CENTRE else {"provincial": kept, "central": None}


_KEPT = tuple(name for name in KeptResult.model_fields if name != "event_id")
