"""What a score sheet says of a product: points, stars, what holds it back, and the shortest way on."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.dossier import ProductCode, ProductSet, RegistrationKind, Sealed
from shared.contracts.text import Bilingual, Contract, Fault, Int32, Text

Star = Annotated[int, Field(ge=1, le=5)]


class PartPoints(Contract):
    """Points of a part (A, B, C) or of a group of criteria (1, 2, …)."""

    code: Text
    name: Bilingual
    points: Int32
    max_points: Int32


class CriterionPoints(Contract):
    """Points of one criterion."""

    code: Text
    #: null where no answer was given
    option: Int32 | None
    points: Int32
    max_points: Int32
    #: false where the sheet says so
    applies: bool


class OptionText(Contract):
    """An option of a criterion, to be read alone: where the sheet says "as above", that is written out."""

    #: its position on the sheet; 0: none of them
    option: Int32
    points: Int32
    text: Bilingual


class UnmetMinimum(Contract):
    """A criterion whose answer lies below the lowest option allowed for a star (*** **** ***** on the sheet)."""

    #: the star that this minimum keeps away
    star: Star
    criterion: Text
    name: Bilingual
    has: OptionText
    #: the lowest option allowed
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
    #: how many options further up, all steps together
    option_steps: Int32
    total_after: Int32
    stars_after: Star


class RatedProduct(Contract):
    """Which product was rated, and who is told."""

    product_code: ProductCode
    product_name: Text
    product_set: ProductSet
    product_set_name: Bilingual
    registration: RegistrationKind
    #: who is alerted, as product.submitted has it
    sealed_recipient: Sealed | None = None


class Rating(Contract):
    """A score sheet filled in, added up and read.

    It reads the producer's own answers. No council has seen it, and it is no recognition.
    """

    basis: Literal["self-assessment"]
    #: such as `26/2026/QĐ-TTg`
    legal_document: Text
    #: the sheet's code
    score_sheet: Text
    #: parts A, B, C of the sheet
    parts: tuple[PartPoints, ...]
    #: groups of criteria 1, 2, …
    groups: tuple[PartPoints, ...]
    criteria: tuple[CriterionPoints, ...]
    #: 0 to 100, exact: nothing is rounded before banding
    total: Int32
    #: the star that the total alone would give (Art. 3.3)
    band: Star
    #: the star that the minimums allow; null where the sheet stops the evaluation
    stars: Star | None
    #: why the sheet ends the evaluation; empty where it does not
    stops: tuple[Stop, ...] = ()
    #: what keeps the product from a higher star, whatever its points
    unmet_minimums: tuple[UnmetMinimum, ...] = ()
    #: criteria without an answer, which count 0; those that do not apply are not among them
    unanswered: tuple[Text, ...] = ()
    #: null where there is no next star, or no way to it
    advice: Advice | None = None


class ProductRated(Rating, RatedProduct):
    """The data of `product.rated`: a score sheet filled in, added up and read.

    It reads the producer's own answers. No council has seen it, and it is no recognition.
    """

    #: the commune's last day to assess the dossier, as product.submitted has it; null where it goes on elsewhere
    due_on: date | None = None


class AssessmentRejected(Contract):
    """The data of `assessment.rejected`: every answer that the sheet does not know."""

    product_code: ProductCode
    product_name: Text
    product_set: ProductSet
    registration: RegistrationKind
    #: who is alerted, as product.submitted has it
    sealed_recipient: Sealed | None = None
    legal_document: Text
    score_sheet: Text
    #: their pointers lead into the dossier
    faults: Annotated[tuple[Fault, ...], Field(min_length=1)]
