"""Decide: a step of a product's round → the product behind it, and the `round.moved` that tells of it."""

from typing import Any

from services.registry.certificates import Announcement
from services.registry.identity import KnownProduct
from services.registry.rounds import NoSuchMoveError, Step
from shared.contracts.catalogue import ROUND_MOVED
from shared.contracts.rounds import Letter, RoundMoved, RoundOfProduct


def moved(
    product: KnownProduct,
    step: Step,
    *,
    why: str,
    reasons: tuple[str, ...] = (),
    letter: Letter | None = None,
    **changed: Any,
) -> tuple[KnownProduct, Announcement]:
    """Take a step with a product's newest round.

    Args:
        product: the product before.
        step: the step.
        why: the kind of the event that asks for it.
        reasons: in the words of the office that decided.
        letter: the office's letter or decision.
        changed: what else is so of the round behind the step.

    Raises:
        NoSuchMoveError: the table has no such move from where the round is.
    """
    before = product.round
    if before is None:
        raise NoSuchMoveError(f"{step} without a round")
    after = before.after(step, **changed)
    behind = product.model_copy(update={"round": after})
    said = RoundMoved(
        **round_of(behind),
        must_declare_quality=product.must_declare_quality,
        from_stage=before.stage,
        to_stage=after.stage,
        why=why,
        closing=after.closing,
        reasons=reasons,
        letter=letter,
        back_to=after.back_to,
        due_on=after.due_on,
        sent_on=after.sent_on,
        move=after.moves,
        sealed_recipient=product.sealed_recipient,
    )
    return behind, Announcement(ROUND_MOVED, said)


def round_of(product: KnownProduct) -> dict[str, Any]:
    """Return what every event about a product's newest round says: the fields of `RoundOfProduct`."""
    round_ = product.round
    if round_ is None:
        raise NoSuchMoveError("there is no round")
    said = RoundOfProduct(
        product_code=product.code,
        product_name=product.name,
        product_set=product.product_set,
        registration=round_.registration,
        round=round_.number,
    )
    return said.model_dump()
