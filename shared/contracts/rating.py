"""What a score sheet says of a product: points, stars, what holds it back, and the shortest way on."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.dossier import ProductCode, ProductSet, Recipient, RegistrationKind
from shared.contracts.text import Bilingual, Contract, Fault, Int32, Text

Star = Annotated[int, Field(ge=1, le=5)]


class PartPoints(Contract):
    """Points of a part (A, B, C) or of a group of criteria (1, 2, …)."""

    code: Text
    name: Bilingual
    points: Int32
    max_points: Int32


class CriterionPoints(Contract):
    """Points of one criterion. `option` is None where none was given; `applies` is false where the sheet says so."""

    code: Text
    option: Int32 | None
    points: Int32
    max_points: Int32
    applies: bool


class OptionText(Contract):
    """An option of a criterion as it stands on the sheet; position 0 means: none of them."""

    option: Int32
    points: Int32
    text: Bilingual


class UnmetMinimum(Contract):
    """A criterion whose answer lies below the lowest option allowed for a star (*** **** ***** on the sheet)."""

    star: Star
    criterion: Text
    name: Bilingual
    has: OptionText
    needs: OptionText


class Stop(Contract):
    """Why the sheet ends the evaluation: no stars, whatever the points."""

    criterion: Text
    kind: Literal["elimination", "exclusion", "requirement", "stop-evaluation"]
    reason: Bilingual


class Step(Contract):
    """One criterion to raise: from an option to a better one, with the points that brings."""

    criterion: Text
    name: Bilingual
    from_option: OptionText
    to_option: OptionText
    points: Int32


class Advice(Contract):
    """The shortest way to the next star: the fewest option steps, then the most points."""

    target_star: Star
    steps: tuple[Step, ...]
    option_steps: Int32
    total_after: Int32
    stars_after: Star


class ProductRated(Contract):
    """The data of `product.rated`: a score sheet filled in, added up and read.

    `band` is the star that the total alone would give (Art. 3.3); `stars` the one that the minimums allow, None where
    the sheet stops the evaluation. `total` is exact: nothing is rounded before banding.
    """

    product_code: ProductCode
    product_name: Text
    product_set: ProductSet
    product_set_name: Bilingual
    registration: RegistrationKind
    recipient: Recipient
    basis: Literal["self-assessment"]
    legal_document: Text
    score_sheet: Text
    parts: tuple[PartPoints, ...]
    groups: tuple[PartPoints, ...]
    criteria: tuple[CriterionPoints, ...]
    total: Int32
    band: Star
    stars: Star | None
    stops: tuple[Stop, ...] = ()
    unmet_minimums: tuple[UnmetMinimum, ...] = ()
    unanswered: tuple[Text, ...] = ()
    advice: Advice | None = None


class AssessmentRejected(Contract):
    """The data of `assessment.rejected`: every answer that the sheet does not know."""

    product_code: ProductCode
    product_name: Text
    product_set: ProductSet
    registration: RegistrationKind
    recipient: Recipient
    legal_document: Text
    score_sheet: Text
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
