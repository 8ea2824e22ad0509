"""Decide: a province's office sends a dossier back, or on to the ministry (Decision 26/2026, Art. 7.3a, 7.3e, 6.3b)."""

from collections.abc import Iterator
from fractions import Fraction

from services.registry.certificates import Announcement
from services.registry.commune import council_is_due
from services.registry.moving import moved, round_of
from services.registry.recognition_faults import date_faults
from services.registry.round_filings import (
    OF_COUNCIL,
    OF_RECEIPT,
    Case,
    Moved,
    Rule,
    letter_faults,
    reason_faults,
)
from services.registry.rounds import KeptResult, Step
from shared.contracts.catalogue import DOSSIER_RETURNED, PRODUCT_REFERRED, RESULT_APPROVED
from shared.contracts.dossier import RegistrationKind
from shared.contracts.fault_codes import FilingFault
from shared.contracts.rounds import DossierReturned, ProductReferred, ResultApproved, Stage
from shared.contracts.text import Fault
from shared.faults.fault import fault

#: Points from which a result goes to the ministry (Art. 7.3e: “đạt từ 90 điểm trở lên”).
REFERRED_FROM = 90
#: Stars that only the minister gives (Art. 3.3).
FIVE_STARS = 5


def _return_step(_: Case[DossierReturned]) -> Step:
    return Step.RETURNED_BY_PROVINCE


def _return_faults(case: Case[DossierReturned]) -> Iterator[Fault]:
    yield from reason_faults(case.content.reasons)
    yield from letter_faults(case.content.letter, case.today, case.round)


def _return(case: Case[DossierReturned]) -> Moved:
    content = case.content
    product, announced = moved(
        case.product,
        Step.RETURNED_BY_PROVINCE,
        why=DOSSIER_RETURNED.name,
        reasons=content.reasons,
        letter=content.letter,
        back_to=content.back_to,
        sent_on=None,
    )
    return Moved(product, (announced,))


def _referral_step(_: Case[ResultApproved]) -> Step:
    return Step.REFERRED


def _referral_stages(case: Case[ResultApproved]) -> frozenset[Stage]:
    return frozenset({Stage.AT_PROVINCE if _goes_directly(case) else Stage.AWAITS_PROVINCE})


def _goes_directly(case: Case[ResultApproved]) -> bool:
    """Return whether it needs no council of the province: Art. 6.3b lists neither its report nor an approval."""
    held = case.product.in_force
    has_five_stars = held is not None and held.certificate.stars == FIVE_STARS
    is_again = case.round.registration is RegistrationKind.RE_EVALUATION
    return is_again and has_five_stars and case.practice.five_star_re_evaluation == "direct"


def _referral_faults(case: Case[ResultApproved]) -> Iterator[Fault]:
    result = case.round.provincial
    if result is not None and case.round.stage is Stage.AWAITS_PROVINCE and not _is_referable(case, result):
        yield _not_referable(result, case.practice.refer_on)
    behind, what = (result.held_on, OF_COUNCIL) if result else (case.round.received_on, OF_RECEIPT)
    yield from date_faults(("letter", "date"), case.content.letter.date, case.today, not_before=behind, what=what)


def _is_referable(case: Case[ResultApproved], result: KeptResult) -> bool:
    if case.practice.refer_on == "stars":
        return result.stars == FIVE_STARS
    return Fraction(result.average.numerator, result.average.denominator) >= REFERRED_FROM


def _refer(case: Case[ResultApproved]) -> Moved:
    letter, sent_on = case.content.letter, case.content.letter.date
    product, announced = moved(
        case.product,
        Step.REFERRED,
        why=RESULT_APPROVED.name,
        letter=letter,
        sent_on=sent_on,
        due_on=council_is_due(case.round.registration, sent_on, case.practice.limits),
        central=None,
    )
    referred = ProductReferred(**round_of(product), letter=letter, sealed_recipient=product.sealed_recipient)
    return Moved(product, (announced, Announcement(PRODUCT_REFERRED, referred)))


def _not_referable(result: KeptResult, refer_on: str) -> Fault:
    stars = result.stars or 0
    vi_needed, en_needed = ("5 sao", "5 stars") if refer_on == "stars" else ("từ 90 điểm trở lên", "90 points or more")
    return fault(
        ("product_code",),
        FilingFault.RESULT_NOT_REFERABLE,
        f"Hội đồng cấp tỉnh cho {result.average.shown} điểm, {stars} sao; chỉ kết quả {vi_needed} mới trình Bộ. Hãy ra "
        "quyết định công nhận (recognition.decided).",
        f"The provincial council gave {result.average.shown} points, {stars} stars; only a result of {en_needed} goes "
        "to the ministry. Decide on the recognition (recognition.decided).",
    )


RETURNED = Rule(DOSSIER_RETURNED, _return_step, _return_faults, _return)
APPROVED = Rule(RESULT_APPROVED, _referral_step, _referral_faults, _refer, stages=_referral_stages)
