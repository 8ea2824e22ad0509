"""A round (lượt đánh giá): what an accepted dossier opens, and each step on its way through commune, province, centre.

Decision 26/2026/QĐ-TTg, Articles 4-7.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.dossier import AnyProductCode, ProductCode, ProductSet, ProvinceCode, RegistrationKind, Sealed
from shared.contracts.text import Code, Contract, Int32, Prose, Text

#: The first round of a product is 1.
RoundNumber = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
#: Points or reasons in the office's own words: at least one.
Reasons = Annotated[tuple[Prose, ...], Field(min_length=1, max_length=100)]


class Stage(StrEnum):
    """Where a round is."""

    AT_COMMUNE = "at-commune"
    #: waits for a corrected dossier
    RETURNED = "returned"
    AT_PROVINCE = "at-province"
    #: the provincial council has given 3 stars or more, and the province is to decide
    AWAITS_PROVINCE = "awaits-province"
    AT_CENTRE = "at-centre"
    #: the central council has given 5 stars, and the minister is to decide
    AWAITS_CENTRE = "awaits-centre"
    #: the central council has given fewer: the province decides, or holds a council of its own again (Art. 7.4g)
    BACK_AT_PROVINCE = "back-at-province"
    CLOSED = "closed"


class Closing(StrEnum):
    """How a round ended."""

    RECOGNISED = "recognised"
    #: the council gave fewer than 3 stars, or none (Art. 4.1a)
    BELOW_THREE_STARS = "below-three-stars"
    #: an upgrade that is not above the stars that the product has
    NOT_ABOVE_PRESENT_STARS = "not-above-present-stars"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    #: the product's certificate was revoked (Art. 8)
    REVOKED = "revoked"
    #: a re-evaluation has taken over an upgrade's round
    TAKEN_OVER = "taken-over"


class Letter(Contract):
    """An office's letter or decision (số, ngày)."""

    number: Code
    #: the day that is written on it
    date: date


class OfProduct(Contract):
    """What an office files about one product's round."""

    #: such as `01-09574-1-2026`, as product.submitted has it
    product_code: AnyProductCode
    #: of the product, as round.moved has it; where it is given, no other round is meant
    round: RoundNumber | None = None


class CommuneReport(Contract):
    """What the commune says of a product: the four contents of Form 03 (Art. 7.2)."""

    local_material: Annotated[Prose, Field(min_length=1)]
    local_labour: Annotated[Prose, Field(min_length=1)]
    origin_of_idea: Annotated[Prose, Field(min_length=1)]
    local_identity: Annotated[Prose, Field(min_length=1)]


class CommuneAssessed(OfProduct):
    """The data of `commune.assessed`: the commune sends a dossier on to the province, or back to its producer."""

    outcome: Literal["forwarded", "returned"]
    #: needed for `forwarded`
    report: CommuneReport | None = None
    #: needed for `returned`: what the producer is to mend
    reasons: Annotated[tuple[Prose, ...], Field(max_length=100)] = ()
    letter: Letter


class DossierReturned(OfProduct):
    """The data of `dossier.returned`: the province's office asks for a completed dossier (Art. 7.3a)."""

    reasons: Reasons
    #: where the corrected dossier goes
    back_to: Literal["commune", "province"] = "commune"
    letter: Letter | None = None


class DossierWithdrawn(OfProduct):
    """The data of `dossier.withdrawn`: who filed the dossier takes it back."""

    reason: Prose = ""


class ResultApproved(OfProduct):
    """The data of `result.approved`: the province approves its council's result and asks the ministry (Art. 7.3e)."""

    letter: Letter


class RoundOfProduct(Contract):
    """The round that an event is about."""

    product_code: ProductCode
    product_name: Text
    product_set: ProductSet
    registration: RegistrationKind
    #: 1, 2, … of the product
    round: Int32


class RoundMoved(RoundOfProduct):
    """The data of `round.moved`: a round is somewhere else than before. What opens it is `product.submitted`."""

    #: whether the law obliges the product to declare its quality, as the dossier says; minimums depend on it
    must_declare_quality: bool = True
    from_stage: Stage
    to_stage: Stage
    #: the how-many-th move of the round, 1, 2, …
    move: Int32 = 0
    #: the kind of the event that moved it, such as `commune.assessed`
    why: Text
    #: how it ended; null unless it is closed
    closing: Closing | None = None
    #: in the words of the office that decided
    reasons: tuple[Text, ...] = ()
    letter: Letter | None = None
    #: where a corrected dossier goes; null unless it was returned
    back_to: Literal["commune", "province"] | None = None
    #: the last day for the office that has it now, null where the law names none
    due_on: date | None = None
    #: the day of the letter, or of the corrected dossier, with which it last went to a council; null before
    sent_on: date | None = None
    #: who is alerted, as product.submitted has it
    sealed_recipient: Sealed | None = None


class ProductReferred(RoundOfProduct):
    """The data of `product.referred`: the province has sent a product on to the central council (Art. 7.3e)."""

    letter: Letter
    #: who is alerted, as product.submitted has it
    sealed_recipient: Sealed | None = None


class DeadlineDue(Contract):
    """The data of `deadline.due`: an office's last day comes near, or has passed."""

    deadline: Literal["commune-assessment", "re-evaluation", "round"]
    #: the last day
    due_on: date
    when: Literal["before", "after"]
    #: of a half-yearly round (Art. 5) who is to be done by then: requests of communes or provinces, councils' rounds
    round_of: Literal["commune-requests", "province-round", "province-requests", "centre-round"] | None = None
    #: of a re-evaluation: which level has it; null otherwise
    level: Literal["province", "centre"] | None = None
    province_code: ProvinceCode
    #: null where it concerns more than one
    product_code: ProductCode | None = None
    round: Int32 | None = None
    #: codes of the products that still wait
    waiting: tuple[ProductCode, ...] = ()
    #: how many wait, those not listed too
    waiting_count: Int32 = 1
