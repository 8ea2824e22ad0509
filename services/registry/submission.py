"""Decide: what an accepted dossier does to its product's round: opens one, goes on in it, takes it over (Art. 7.1)."""

from typing import Any

from services.registry.certificates import Announcement
from services.registry.commune import council_is_due
from services.registry.identity import KnownProduct
from services.registry.intake import ExaminedDossier
from services.registry.moving import moved
from services.registry.opening import FilingDay, goes_on, takes_over
from services.registry.renewal import commune_deadline
from services.registry.rounds import Round, Step
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.dossier import Dossier


def entered(
    product: KnownProduct, dossier: Dossier, filing: ExaminedDossier, opened: Round
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Return a product with its round behind a dossier, and what moved besides.

    Args:
        product: the product as the dossier has it, with its round before.
        dossier: the dossier, which may come.
        filing: what was found of it: the day on which it counts as filed, and by whom.
        opened: the round that it opens, where it goes on in none.
    """
    if goes_on(dossier, product) and product.round:
        newest = {
            "received_on": filing.day.on,
            "submitted": filing.submitted_id,
            "filed_by": filing.event.filed_by,
        }
        return _corrected(product, product.round, newest, filing.day)
    if not takes_over(dossier, product):
        return product.model_copy(update={"round": opened}), ()
    known, closed = moved(product, Step.TAKEN_OVER, why=DOSSIER_FILED.name)
    return known.model_copy(update={"round": opened}), (closed,)


def _corrected(
    product: KnownProduct, returned: Round, newest: dict[str, Any], filed: FilingDay
) -> tuple[KnownProduct, tuple[Announcement, ...]]:
    """Go on where the round was returned from; the commune's time runs anew (Art. 7.2)."""
    on, limits = filed.on, filed.practice.limits
    if returned.back_to == "province":
        step, due_on = Step.CORRECTED_FOR_PROVINCE, council_is_due(returned.registration, on, limits)
        newest = newest | {"sent_on": on}
    else:
        step, due_on = Step.CORRECTED, commune_deadline(on, limits).last
    known, announced = moved(product, step, why=DOSSIER_FILED.name, due_on=due_on, **newest)
    return known, (announced,)
