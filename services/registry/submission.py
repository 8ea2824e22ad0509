"""Decide: an accepted dossier opens a round of its product, or goes on in the one that was returned (Art. 7.1)."""

from typing import Any

from services.registry.certificates import Announcement
from services.registry.commune import council_is_due
from services.registry.identity import KnownProduct
from services.registry.moving import moved
from services.registry.opening import FilingDay, goes_on, takes_over
from services.registry.renewal import commune_deadline
from services.registry.rounds import MOVES, Round, Step
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.contracts.dossier import AnnouncedDossier, Dossier
from shared.contracts.event import Event


def entered(
    product: KnownProduct,
    dossier: Dossier,
    announced: AnnouncedDossier,
    event: Event,
    *,
    filed: FilingDay,
    sealed: str | None,
) -> tuple[KnownProduct, Round, tuple[Announcement, ...]]:
    """Return a product with its round behind a dossier that was accepted, and what moved besides.

    That a round was opened, `product.submitted` says.

    Args:
        product: the product before; a new one has no round.
        dossier: the dossier, which may come.
        announced: it, as it is announced.
        event: by which it was filed.
        filed: the day on which it counts as filed.
        sealed: whom answers are for.
    """
    known = product.model_copy(update=_as_filed(announced, sealed))
    on, limits = filed.on, filed.practice.limits
    newest = {"received_on": on, "submitted": event.answer_id(PRODUCT_SUBMITTED), "filed_by": event.filed_by}
    if goes_on(dossier, product) and product.round:
        return _corrected(known, product.round, newest, filed)
    of_former: tuple[Announcement, ...] = ()
    if takes_over(dossier, product):
        known, closed = moved(known, Step.TAKEN_OVER, why=DOSSIER_FILED.name)
        of_former = (closed,)
    opened = Round(
        number=product.round.number + 1 if product.round else 1,
        registration=dossier.registration,
        stage=MOVES[Step.FILED].after,
        filed_on=on,
        due_on=commune_deadline(on, limits).last,
        **newest,
    )
    return known.model_copy(update={"round": opened}), opened, of_former


def _corrected(
    product: KnownProduct, returned: Round, newest: dict[str, Any], filed: FilingDay
) -> tuple[KnownProduct, Round, tuple[Announcement, ...]]:
    """Go on where the round was returned from; the commune's time runs anew (Art. 7.2)."""
    on, limits = filed.on, filed.practice.limits
    if returned.back_to == "province":
        step, due_on = Step.CORRECTED_FOR_PROVINCE, council_is_due(returned.registration, on, limits)
        newest = newest | {"sent_on": on}
    else:
        step, due_on = Step.CORRECTED, commune_deadline(on, limits).last
    known, announced = moved(product, step, why=DOSSIER_FILED.name, due_on=due_on, **newest)
    return known, returned.after(step, due_on=due_on, **newest), (announced,)


def _as_filed(dossier: AnnouncedDossier, sealed: str | None) -> dict[str, Any]:
    """Return what the register knows of a product by its newest dossier."""
    return {
        "product_set": dossier.product.product_set,
        "name": dossier.product.name,
        "producer_name": dossier.producer.name,
        "must_declare_quality": dossier.product.must_declare_quality,
        "sealed_recipient": sealed,
    }
