"""The work of a dossier, the same for every peer: the services' own rules, without broker and database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from benchmarks.dossiers import SOURCE
from services.evaluation.assessment import assess
from services.evaluation.rulebook import load_rulebook
from services.notifications.alerts import compose
from services.notifications.deliveries import delivered
from services.registry.intake import examine
from services.registry.registration import RegisterView, decide
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_RATED, PRODUCT_SUBMITTED
from shared.contracts.envelope import Event, attributes, contents, derived_id
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated
from shared.steps import Decision, handled_event

Json = dict[str, Any]

_RULEBOOK = load_rulebook()
#: In the place of the register, which gives each commune its own serial numbers.
_SERIALS = count(1)


@dataclass(frozen=True)
class Step:
    """What one step leaves behind: the document to record, and the message for the next step."""

    document: Json
    message: Json


def register(filed: Json) -> Step:
    """Examine a dossier and give it a product code. `filed` has `id` and `data`, as every message here."""
    event = Event(id=filed["id"], source=SOURCE, type=DOSSIER_FILED.type, data=filed["data"])
    view = RegisterView(last_serial=next(_SERIALS))
    return _step(decide(event, examine(event.data), view, datetime.now(UTC)))


def rate(submitted: Json) -> Step:
    """Rate a registered product, with the advice on its way to the next star."""
    now = datetime.now(UTC)
    event = Event(id=submitted["id"], source="/ocop/registry", type=PRODUCT_SUBMITTED.type, data=submitted["data"])
    rating = assess(_RULEBOOK, contents(event, ProductSubmitted))
    if not isinstance(rating, ProductRated):
        raise TypeError("benchmarks file dossiers whose answers fit their sheets")
    rated = event.answer(PRODUCT_RATED, rating, source="/ocop/evaluation", subject=rating.product_code, now=now)
    glance = {"product_code": rating.product_code, "stars": rating.stars, "total": rating.total}
    return _step(Decision(event.key, (rated,), {"event": handled_event(event), **glance}))


def tell(rated: Json) -> Step:
    """Compose the alert to the producer."""
    now = datetime.now(UTC)
    event = Event(id=rated["id"], source="/ocop/evaluation", type=PRODUCT_RATED.type, data=rated["data"])
    alert = compose(
        contents(event, ProductRated), alert_id=derived_id(event.key, "alert"), about=event.id, time=event.time or now
    )
    return _step(delivered(event, alert, "log", source="/ocop/notifications", now=now))


def _step(decision: Decision) -> Step:
    (answer,) = decision.announced
    record = {**attributes(answer), "time": str(answer.time), "data": answer.data}
    document = {"_id": decision.key, "recorded_at": answer.time, **decision.fields, "announced": [record]}
    return Step(document, {"id": answer.id, "data": answer.data})
