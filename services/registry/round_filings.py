"""Decide: what an office files about a product's round → the round moves, or `filing.rejected` with every reason.

What there is to ask of each kind stands in its `Rule` (commune.py, province.py, recognition.py, withdrawal.py); what is
the same for all of them is here: which product and which round it is about, and whether the round is there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from services.registry.certificates import Announcement, answers
from services.registry.identity import KnownProduct, unknown_code
from services.registry.practice import Practice
from services.registry.recognition_faults import date_faults
from services.registry.rounds import MOVES, Round, Step
from services.registry.stages import STAGES, any_of
from shared.contracts.catalogue import EventType
from shared.contracts.event import Event
from shared.contracts.fault_codes import FilingFault
from shared.contracts.rounds import Letter, OfProduct, Stage
from shared.contracts.text import Fault, is_blank
from shared.faults.fault import fault
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date
from shared.scopes import Scope

Data = TypeVar("Data", bound=OfProduct)

#: What letters about a dossier, and decisions on a council's result, follow.
OF_RECEIPT = ("ngày nhận hồ sơ", "the day on which the dossier was filed")
OF_COUNCIL = ("ngày họp của Hội đồng", "the day of the council")

#: The order in which a round comes through its stages; a filing that is for a later one may be early.
_ORDER = {
    stage: place
    for place, stage in enumerate(
        (
            Stage.RETURNED,
            Stage.AT_COMMUNE,
            Stage.AT_PROVINCE,
            Stage.AWAITS_PROVINCE,
            Stage.AT_CENTRE,
            Stage.AWAITS_CENTRE,
            Stage.BACK_AT_PROVINCE,
        )
    )
}


@dataclass(frozen=True)
class RoundState:
    """What the register knows that bears on a filing: its product.

    `number` is what the number of a certificate is to be recorded under that it would bring, None where another has it.
    """

    product: Version[KnownProduct] | None = None
    number: str | None = None


@dataclass(frozen=True)
class Case(Generic[Data]):
    """A filing about a product's round, and what bears on it."""

    event: Event
    scope: Scope
    content: Data
    product: KnownProduct
    round: Round
    today: date
    practice: Practice
    number: str | None = None


@dataclass(frozen=True)
class Moved:
    """What becomes of a product: how it stands afterwards, what is announced, and what the record has besides."""

    product: KnownProduct
    announced: tuple[Announcement, ...]
    fields: dict[str, Any] | None = None


@dataclass(frozen=True)
class Rule(Generic[Data]):
    """What there is to ask of one kind of filing, and what it does.

    `step` is the one that it asks for, `faults` what is wrong with it besides the stage, and `move` what it does where
    nothing is. `stages` are those in which it may come, where the case knows better than the table of moves.
    """

    kind: EventType[Data]
    step: Callable[[Case[Data]], Step]
    faults: Callable[[Case[Data]], Iterable[Fault]]
    move: Callable[[Case[Data]], Moved]
    stages: Callable[[Case[Data]], frozenset[Stage]] | None = None

    def may_come(self, case: Case[Data]) -> frozenset[Stage]:
        """Return the stages in which it may come."""
        return self.stages(case) if self.stages else MOVES[self.step(case)].before


def decide(
    rule: Rule[Data], state: RoundState, filing: Filing[Data], now: datetime, practice: Practice | None = None
) -> Decision:
    """Answer a filing: the round moves, or `filing.rejected` says why not."""
    content, known = filing.content, state.product
    if content is None:
        return filing.rejected(filing.faults, now)
    if known is None:
        code = content.product_code
        return filing.rejected((unknown_code(code, None),), now, provisional=f"there is no product {code} yet")
    product, today = known.state, legal_date(now)
    if (round_ := product.round) is None or (content.round or 0) > round_.number:
        unknown = f"{product.code} has no round {content.round or 1} yet"
        return filing.rejected((_unknown_round(product, content.round),), now, provisional=unknown)
    case = Case(filing.event, filing.scope, content, product, round_, today, practice or Practice(), state.number)
    elsewhere, faults = tuple(_elsewhere(rule, case)), tuple(rule.faults(case))
    if elsewhere or faults:
        early = None if faults else _early(rule, case)
        return filing.rejected((*elsewhere, *faults), now, provisional=early)
    return _taken(rule.move(case), rule.step(case), known, filing, now)


def _taken(taken: Moved, step: Step, known: Version[KnownProduct], filing: Filing[Data], now: datetime) -> Decision:
    version = known.then(taken.product)
    announced = answers(filing.event, taken.product, taken.announced, sequence=version.number, now=now)
    fields = {**filing.on_record, "outcome": step.value, **(taken.fields or {})}
    return Decision(filing.event.key, announced, fields, version=version)


def _elsewhere(rule: Rule[Data], case: Case[Data]) -> Iterator[Fault]:
    asked, stage = case.content.round, case.round.stage
    if asked is not None and asked < case.round.number:
        yield _ended(case.product, asked)
    elif stage not in rule.may_come(case):
        yield _ended(case.product, case.round.number) if stage is Stage.CLOSED else _is_elsewhere(rule, case)


def _early(rule: Rule[Data], case: Case[Data]) -> str | None:
    """Return what may still be on its way, None where the round is behind what the filing is for."""
    stage, asked = case.round.stage, case.content.round
    if stage is Stage.CLOSED or (asked is not None and asked < case.round.number):
        return None
    is_ahead = any(_ORDER[each] > _ORDER[stage] for each in rule.may_come(case) if each is not Stage.CLOSED)
    return f"the round of {case.product.code} is {stage}" if is_ahead else None


def letter_faults(letter: Letter | None, today: date, round_: Round) -> tuple[Fault, ...]:
    """Return what is wrong with the date of an office's letter about a dossier."""
    return (
        date_faults(("letter", "date"), letter.date, today, not_before=round_.received_on, what=OF_RECEIPT)
        if letter
        else ()
    )


def reason_faults(reasons: Iterable[str]) -> Iterator[Fault]:
    """Yield the fault where no reason says anything."""
    if all(map(is_blank, reasons)):
        yield missing("reasons", "lý do (ít nhất một)", "reasons (one at least)")


def missing(field: str, vi: str, en: str) -> Fault:
    """Return the fault of a content that this filing needs and has not got."""
    return fault(
        (field,),
        FilingFault.CONTENT_MISSING,
        f"Còn thiếu {vi}. Hãy bổ sung rồi gửi lại.",
        f"The {en} are missing. Add them and file again.",
    )


def _unknown_round(product: KnownProduct, asked: int | None) -> Fault:
    return fault(
        ("product_code",) if asked is None else ("round",),
        FilingFault.ROUND_UNKNOWN,
        f"Sản phẩm mã {product.code} chưa có lượt đánh giá {asked or 1}: chủ thể cần nộp hồ sơ trước.",
        f"The product {product.code} has no round {asked or 1}: its producer has to file a dossier first.",
    )


def _ended(product: KnownProduct, number: int) -> Fault:
    return fault(
        ("product_code",),
        FilingFault.ROUND_CLOSED,
        f"Lượt đánh giá {number} của sản phẩm mã {product.code} đã kết thúc. Muốn đánh giá tiếp, chủ thể nộp hồ sơ mới "
        "với mã này.",
        f"Round {number} of the product {product.code} has ended. For another, its producer files a new dossier under "
        "this code.",
    )


def _is_elsewhere(rule: Rule[Data], case: Case[Data]) -> Fault:
    (vi_now, en_now), (vi_wanted, en_wanted) = STAGES[case.round.stage], any_of(rule.may_come(case))
    code, number = case.product.code, case.round.number
    return fault(
        ("product_code",),
        FilingFault.ROUND_ELSEWHERE,
        f"Lượt đánh giá {number} của sản phẩm mã {code} {vi_now}. {rule.kind.name} chỉ dùng khi lượt đánh giá "
        f"{vi_wanted}. Hãy chờ đến bước đó hoặc kiểm tra lại mã.",
        f"Round {number} of the product {code} {en_now}. {rule.kind.name} is for a round that {en_wanted}. Wait for "
        "that, or check the code.",
    )
