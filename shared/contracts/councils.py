"""A council (hội đồng): its session on some products, its members' scorecards, its result.

Decision 26/2026/QĐ-TTg, Articles 7.3-7.6; what a council's own regulation (quy chế) says is data of evaluation. Of
members no more is said than an id and an office.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.dossier import Answer, ProductCode, ProvinceCode, Sealed
from shared.contracts.rating import Star, Stop, UnmetMinimum
from shared.contracts.rounds import RoundOfProduct
from shared.contracts.text import Code, Contract, Int32, Name, Prose, Text


class Level(StrEnum):
    """Which council."""

    PROVINCE = "province"
    CENTRE = "centre"


class Seat(StrEnum):
    """As what a member sits."""

    CHAIR = "chair"
    DEPUTY = "deputy"
    MEMBER = "member"


class Member(Contract):
    """A member of a council: an id that the office gives, and the office that she sits for. No name."""

    id: Code
    office: Name
    seat: Seat = Seat.MEMBER


class CouncilConvened(Contract):
    """The data of `council.convened`: a session, its members and its products. It is never changed, but replaced."""

    #: the session, as the secretariat names it: unique for ever
    session: Code
    level: Level
    #: of a provincial council; null for the central one
    province_code: ProvinceCode | None = None
    #: id of the regulation that it works by, such as `province-default`
    regulation: Code
    members: Annotated[tuple[Member, ...], Field(min_length=1, max_length=50)]
    products: Annotated[tuple[ProductCode, ...], Field(min_length=1, max_length=500)]
    #: the session in whose place this one comes
    replaces: Code | None = None


class ScorecardFiled(Contract):
    """The data of `scorecard.filed`: one member's filled-in score sheet of one product (phiếu chấm điểm)."""

    session: Code
    product_code: ProductCode
    #: the member's id in the session
    member: Code
    #: the sheet's code, such as `QD26-06`
    score_sheet: Code
    #: a criterion without an answer counts 0
    answers: Annotated[tuple[Answer, ...], Field(max_length=200)]
    #: criteria at which the sheet's own elimination applies
    eliminations: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    #: the member's opinion (Ý kiến của người đánh giá)
    remarks: Prose = ""


class CouncilConcluded(Contract):
    """The data of `council.concluded`: the council has ended its work on one product."""

    session: Code
    product_code: ProductCode
    #: re-evaluations are judged in writing first (Art. 7.6d)
    way: Literal["meeting", "written-opinions"] = "meeting"
    #: ids of the members who were there; of written opinions null: of each who filed a card
    present: Annotated[tuple[Code, ...], Field(max_length=50)] | None = None
    #: id of who presided: the chair, or a deputy
    presided_by: Code
    #: the option that the council agreed on, by criterion; where the regulation has that
    agreed: Annotated[tuple[Answer, ...], Field(max_length=200)] = ()
    #: criteria at which the council declares the sheet's own elimination
    eliminations: Annotated[tuple[Code, ...], Field(max_length=50)] = ()
    #: the day of the council's minutes
    held_on: date
    remarks: Prose = ""


class Average(Contract):
    """The average of the counted cards' totals: exact, and as people read it."""

    numerator: Int32
    denominator: Int32
    #: cut after two decimals, never rounded: what is shown never reads like a higher band
    shown: Text


class OfSession(RoundOfProduct):
    """The council's session that an event is about."""

    session: Text
    level: Level
    #: id, number and date of the council's regulation
    regulation: Text
    #: who is alerted, as product.submitted has it
    sealed_recipient: Sealed | None = None


class CouncilResult(OfSession):
    """The data of `council.result`: what a council makes of a product. It is no recognition."""

    #: the move of the round, as round.moved has it, that brought the product to this council
    move: Int32 = 0
    legal_document: Text
    score_sheet: Text
    average: Average
    #: cards that count, of members who sit
    counted: Int32
    members: Int32
    #: between the highest total and the lowest
    spread: Int32
    #: the spread is above what the regulation allows, and the chair's conclusion stands all the same
    spread_stands: bool = False
    #: the star of the exact average alone (Art. 3.3)
    band: Star
    #: the star that the minimums allow; null where the council eliminated the product
    stars: Star | None
    stops: tuple[Stop, ...] = ()
    unmet_minimums: tuple[UnmetMinimum, ...] = ()
    held_on: date


class MemberTotal(Contract):
    """One member's total on a product."""

    member: Text
    total: Int32


class DifferingCriterion(Contract):
    """A criterion on which the members differ."""

    criterion: Text
    lowest: Int32
    highest: Int32


class CouncilRescoreRequested(OfSession):
    """The data of `council.rescore-requested`: the members' totals differ by more than the regulation allows."""

    spread: Int32
    #: the largest that the regulation allows
    allowed: Int32
    totals: tuple[MemberTotal, ...]
    criteria: tuple[DifferingCriterion, ...]


class CouncilIncomplete(OfSession):
    """The data of `council.incomplete`: there is no result, and who is missing."""

    counted: Int32
    #: how many cards the regulation asks for
    needed: Int32
    #: members without a card, though present; or, where too few cards count, all whose card does not count
    missing: tuple[Member, ...]
    #: the regulation asks for the chair, or a deputy, and neither was there and presided
    chair_missing: bool = False
