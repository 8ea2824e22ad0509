"""What a score sheet says of a product: points, stars, what holds it back, and the shortest way on."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.dossier import ProductCode, ProductSet, Recipient, RegistrationKind
from shared.contracts.text import Bilingual, Contract, Fault

Star = Annotated[int, Field(ge=1, le=5)]


class PartPoints(Contract):
    """Points of a part (A, B, C) or of a group of criteria (1, 2, …)."""

    code: str
    name: Bilingual
    points: int
    max_points: int


class CriterionPoints(Contract):
    """Points of one criterion. `option` is None where none was given; `applies` is false where the sheet says so."""

    code: str
    option: int | None
    points: int
    max_points: int
    applies: bool


class OptionText(Contract):
    """An option of a criterion as it stands on the sheet; position 0 means: none of them."""

    option: int
    points: int
    text: Bilingual


class UnmetMinimum(Contract):
    """A criterion whose answer lies below the lowest option allowed for a star (*** **** ***** on the sheet)."""

    star: Star
    criterion: str
    name: Bilingual
    has: OptionText
    needs: OptionText


class Stop(Contract):
    """Why the sheet ends the evaluation: no stars, whatever the points."""

    criterion: str
    kind: Literal["elimination", "exclusion", "requirement", "stop-evaluation"]
    reason: Bilingual


class Step(Contract):
    """One criterion to raise: from an option to a better one, with the points that brings."""

    criterion: str
    name: Bilingual
    from_option: OptionText
    to_option: OptionText
    points: int


class Advice(Contract):
    """The shortest way to the next star: the fewest option steps, then the most points."""

    target_star: Star
    steps: tuple[Step, ...]
    option_steps: int
    total_after: int
    stars_after: Star


class ProductRated(Contract):
    """The data of `product.rated`: a score sheet filled in, added up and read.

    `band` is the star that the total alone would give (Art. 3.3); `stars` the one that the minimums allow, None where
    the sheet stops the evaluation. `total` is exact: nothing is rounded before banding.
    """

    product_code: ProductCode
    product_name: str
    product_set: ProductSet
    product_set_name: Bilingual
    registration: RegistrationKind
    recipient: Recipient
    basis: Literal["self-assessment"]
    legal_document: str
    score_sheet: str
    parts: tuple[PartPoints, ...]
    groups: tuple[PartPoints, ...]
    criteria: tuple[CriterionPoints, ...]
    total: int
    band: Star
    stars: Star | None
    stops: tuple[Stop, ...] = ()
    unmet_minimums: tuple[UnmetMinimum, ...] = ()
    unanswered: tuple[str, ...] = ()
    advice: Advice | None = None


class AssessmentRejected(Contract):
    """The data of `assessment.rejected`: every answer that the sheet does not know."""

    product_code: ProductCode
    product_name: str
    product_set: ProductSet
    registration: RegistrationKind
    recipient: Recipient
    legal_document: str
    score_sheet: str
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
