"""Decide: what would become of a dossier, by the services' own code, without a broker or a database.

What needs the register is not looked at: whether the product is registered already, whose code it is, whether an id was
used. A service that turns a dossier back for its papers never scores it; here both are reported at once.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from ops.dossiers.outcomes import DossierStatus, Ending
from services.evaluation.assessment import assess
from services.evaluation.rulebook import Rulebook
from services.registry.disclosure import without_contact, without_personal_numbers
from services.registry.identity import place_of
from services.registry.intake import examine
from services.registry.papers import HTTPS
from shared.contracts.dossier import AnnouncedDossier
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.contracts.text import Fault

#: Gives the rulebook that has the score sheet of a product set.
SheetOf = Callable[[int], Rulebook]


def check(
    sheet_of: SheetOf, filed: dict[str, Any], *, filed_on: date | None = None, schemes: frozenset[str] = HTTPS
) -> Ending:
    """Check a dossier as registry and evaluation do; `examine` says what day and schemes are for."""
    examination = examine(filed, filed_on=filed_on, schemes=schemes)
    if examination.dossier is None:
        return Ending(DossierStatus.DOSSIER_REJECTED, examination.product_name, examination.faults)
    return _assessed(sheet_of, without_contact(without_personal_numbers(examination.dossier)), examination.faults)


def _assessed(sheet_of: SheetOf, dossier: AnnouncedDossier, found: tuple[Fault, ...]) -> Ending:
    submitted = ProductSubmitted(product_code=_any_code(dossier), dossier_id="", dossier=dossier)
    name, code = dossier.product.name, dossier.product_code
    match assess(sheet_of(dossier.product.product_set), submitted):
        case AssessmentRejected(faults=faults):
            outcome = DossierStatus.DOSSIER_REJECTED if found else DossierStatus.ASSESSMENT_REJECTED
            return Ending(outcome, name, (*found, *faults), product_code=code)
        case ProductRated() as rating:
            outcome = DossierStatus.DOSSIER_REJECTED if found else DossierStatus.RATED
            return Ending(outcome, name, found, rating, product_code=code)


def _any_code(dossier: AnnouncedDossier) -> str:
    """Return the code that the dossier names, or one that is never shown: only the register can give a new one."""
    return dossier.product_code or f"{place_of(dossier)}-1-0000"
