"""Decide: a product is recognised at 3, 4 or 5 stars, or its recognition refused (Decision 26/2026, Art. 3.3, 7)."""

from collections.abc import Iterator
from datetime import date

from services.registry.certificates import given, issued, not_before
from services.registry.moving import moved
from services.registry.recognition_faults import authority_faults, date_faults, number_taken, stars_above_result
from services.registry.round_filings import (
    OF_COUNCIL,
    OF_RECEIPT,
    Case,
    Moved,
    Rule,
    letter_faults,
    reason_faults,
)
from services.registry.rounds import AT_THE_CENTRE, OPEN, KeptResult, Step
from services.registry.validity import last_day
from shared.contracts.catalogue import RECOGNITION_DECIDED, RECOGNITION_REFUSED
from shared.contracts.certificates import Authority, Certificate, RecognitionDecided, RecognitionRefused
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from shared.contracts.text import Fault
from shared.scopes import Role, Scope

_OF_CERTIFICATE = (
    "ngày sau ngày cấp giấy chứng nhận mới nhất của sản phẩm",
    "the day behind that of the product's newest certificate",
)


def authority_of(scope: Scope) -> Authority:
    """Return who decides: the province for 3 and 4 stars, the centre for 5 (Art. 3.3)."""
    return Authority.CENTRE if scope.role is Role.CENTRE else Authority.PROVINCE


def certificate_in(
    content: RecognitionDecided, scope: Scope, *, ends_on: date, result: KeptResult | None
) -> Certificate:
    """Return the certificate that a recognition gives: it is valid from the recognition's own date on (Art. 4.3)."""
    return Certificate(
        number=content.certificate_number,
        stars=content.stars,
        authority=authority_of(scope),
        decision=content.decision,
        issued_on=content.decision.date,
        last_day=ends_on,
        legal_document=result.legal_document if result else None,
        average=result.average if result else None,
    )


def _step(case: Case[RecognitionDecided]) -> Step:
    is_central = authority_of(case.scope) is Authority.CENTRE
    return Step.RECOGNISED_BY_CENTRE if is_central else Step.RECOGNISED_BY_PROVINCE


def _result(case: Case[RecognitionDecided]) -> KeptResult | None:
    """Return the result that counts: of a product that came back from the centre, the central one (Art. 7.4g)."""
    return case.round.central or case.round.provincial


def _faults(case: Case[RecognitionDecided]) -> Iterator[Fault]:
    content, result = case.content, _result(case)
    of_authority = authority_faults(("stars",), content.stars, authority_of(case.scope))
    yield from of_authority
    if not of_authority and result is not None and content.stars > (result.stars or 0):
        yield stars_above_result(("stars",), content.stars, result.stars or 0)
    behind, what = (result.held_on, OF_COUNCIL) if result else (case.round.received_on, OF_RECEIPT)
    if (first := not_before(case.product)) and first > behind:  # such as one from paper, imported meanwhile
        behind, what = first, _OF_CERTIFICATE
    yield from date_faults(("decision", "date"), content.decision.date, case.today, not_before=behind, what=what)
    if case.number is None and not _is_no_better(case):
        yield number_taken(("certificate_number",), content.certificate_number)


def _is_no_better(case: Case[RecognitionDecided]) -> bool:
    """Return whether an upgrade ends at or below the present stars: then the present certificate stays (Art. 7.5)."""
    held = case.product.in_force
    is_upgrade = case.round.registration is RegistrationKind.UPGRADE
    return is_upgrade and held is not None and case.content.stars <= held.certificate.stars


def _move(case: Case[RecognitionDecided]) -> Moved:
    decision, why = case.content.decision, RECOGNITION_DECIDED.name
    if _is_no_better(case):
        product, announced = moved(case.product, Step.NOT_ABOVE_PRESENT_STARS, why=why, letter=decision)
        return Moved(product, (announced,), {"outcome": Step.NOT_ABOVE_PRESENT_STARS.value})
    closed, announced = moved(case.product, _step(case), why=why, letter=decision)
    ends_on = last_day(decision.date, case.practice.limits)
    result = _result(case)
    certificate = certificate_in(case.content, case.scope, ends_on=ends_on, result=result)
    stars = result.stars if result else None
    product, of_certificates = issued(closed, certificate, round_number=case.round.number, council_stars=stars)
    return Moved(product, (announced, *of_certificates), given(case.number or ""))


def _refusal_step(_: Case[RecognitionRefused]) -> Step:
    return Step.REFUSED


def _refusal_stages(case: Case[RecognitionRefused]) -> frozenset[Stage]:
    """Return where its sender may end a round: each authority decides on what is before it."""
    is_central = authority_of(case.scope) is Authority.CENTRE
    return AT_THE_CENTRE if is_central else OPEN - AT_THE_CENTRE


def _refusal_faults(case: Case[RecognitionRefused]) -> Iterator[Fault]:
    yield from reason_faults(case.content.reasons)
    yield from letter_faults(case.content.letter, case.today, case.round)


def _refuse(case: Case[RecognitionRefused]) -> Moved:
    content = case.content
    product, announced = moved(
        case.product, Step.REFUSED, why=RECOGNITION_REFUSED.name, reasons=content.reasons, letter=content.letter
    )
    return Moved(product, (announced,))


DECIDED = Rule(RECOGNITION_DECIDED, _step, _faults, _move)
REFUSED = Rule(RECOGNITION_REFUSED, _refusal_step, _refusal_faults, _refuse, stages=_refusal_stages)
