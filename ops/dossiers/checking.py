"""Decide: what would become of a dossier, by the services' own code, without a broker or a database.

What needs the register is not looked at: whether the product is registered already, whose code it is, whether an id was
used. A service that turns a dossier back for its papers never scores it; here both are told at once.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.evaluation.assessment import assess
from services.evaluation.rulebook import Rulebook
from services.registry.intake import Examination, examine
from services.registry.registration import place_of
from shared.contracts.dossier import Dossier
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Fault


class Outcome(StrEnum):
    """What becomes of a dossier."""

    RATED = "rated"
    DOSSIER_REJECTED = "dossier-rejected"
    ASSESSMENT_REJECTED = "assessment-rejected"


@dataclass(frozen=True)
class Check:
    """What was found: every fault, and the rating where the score sheet knows all answers."""

    outcome: Outcome
    product_name: str | None
    faults: tuple[Fault, ...]
    rating: ProductRated | None


def check(rulebook: Rulebook, filed: dict[str, Any]) -> Check:
    """Check a dossier as registry and evaluation do."""
    examination = examine(filed)
    if examination.dossier is None:
        return Check(Outcome.DOSSIER_REJECTED, examination.product_name, examination.faults, None)
    return _assessed(rulebook, examination, examination.dossier)


def _assessed(rulebook: Rulebook, examination: Examination, dossier: Dossier) -> Check:
    submitted = ProductSubmitted(product_code=_any_code(dossier), dossier_id="", dossier=dossier)
    match assess(rulebook, submitted):
        case AssessmentRejected(faults=faults):
            turned_back_by, rating = Outcome.ASSESSMENT_REJECTED, None
        case ProductRated() as rating:
            turned_back_by, faults = Outcome.RATED, ()
    outcome = Outcome.DOSSIER_REJECTED if examination.faults else turned_back_by
    return Check(outcome, dossier.product.name, (*examination.faults, *faults), rating)


def _any_code(dossier: Dossier) -> str:
    """Give the code that the dossier names, or one that is never shown: only the register can give a new one."""
    return dossier.product_code or f"{place_of(dossier)}-1-0000"
