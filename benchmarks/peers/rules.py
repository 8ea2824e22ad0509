"""The work of a dossier, the same for every peer: the services' own rules, without broker, database and envelope.

Each step gives the document to record and what the next step receives.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from services.evaluation.assessment import assess
from services.evaluation.rulebook import load_rulebook
from services.notifications.plan import compose
from services.registry.identity import place_of
from services.registry.intake import examine
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated

Json = dict[str, Any]

_RULEBOOK = load_rulebook()
#: In the place of the register, which gives each commune its own serial numbers.
_SERIALS = count(1)


def register(id: str, filed: Json) -> tuple[Json, ProductSubmitted]:
    """Examine a dossier, filed under this id, and give it a product code."""
    examination, now = examine(filed), datetime.now(UTC)
    if examination.dossier is None or examination.faults:
        raise ValueError("benchmarks file dossiers without faults")
    code = f"{place_of(examination.dossier)}-{next(_SERIALS)}-{now.year}"
    submitted = ProductSubmitted(product_code=code, dossier_id=id, dossier=examination.dossier)
    document = {"_id": id, "recorded_at": now, "product_code": code, "submitted": submitted.model_dump(mode="json")}
    return document, submitted


def rate(id: str, submitted: ProductSubmitted) -> tuple[Json, ProductRated]:
    """Rate a registered product, with the advice on its way to the next star."""
    rated = assess(_RULEBOOK, submitted)
    if not isinstance(rated, ProductRated):
        raise TypeError("benchmarks file dossiers whose answers fit their sheets")
    document = {
        "_id": id,
        "recorded_at": datetime.now(UTC),
        "product_code": rated.product_code,
        "stars": rated.stars,
        "total": rated.total,
        "rated": rated.model_dump(mode="json"),
    }
    return document, rated


def alert(id: str, rated: ProductRated) -> Json:
    """Compose the alert to the producer."""
    now = datetime.now(UTC)
    alert = compose(rated, alert_id=f"{id}/alert", about=id, time=now)
    return {
        "_id": id,
        "recorded_at": now,
        "alert_id": alert.id,
        "kind": str(alert.kind),
        "product_code": alert.product_code,
        "language": alert.language,
        "subject": alert.subject,
        "channel": "log",
        "outcome": "delivered",
    }
