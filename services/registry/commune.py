"""Decide: a commune sends a dossier on to its province, or back to its producer (Decision 26/2026, Art. 7.2)."""

from collections.abc import Iterator
from datetime import date

from services.registry.moving import moved
from services.registry.renewal import re_evaluation_deadline
from services.registry.round_filings import Case, Moved, Rule, letter_faults, missing, reason_faults
from services.registry.rounds import Step
from services.registry.time_limits import TimeLimits
from shared.contracts.catalogue import COMMUNE_ASSESSED
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import CommuneAssessed
from shared.contracts.text import Fault

_FORWARDED = "forwarded"


def _step(case: Case[CommuneAssessed]) -> Step:
    return Step.FORWARDED if case.content.outcome == _FORWARDED else Step.RETURNED_BY_COMMUNE


def _faults(case: Case[CommuneAssessed]) -> Iterator[Fault]:
    content = case.content
    if content.outcome != _FORWARDED:
        yield from reason_faults(content.reasons)
    elif content.report is None:  # Form 03
        yield missing("report", "báo cáo của xã (Mẫu 03) với bốn nội dung", "four contents of the commune's report")
    yield from letter_faults(content.letter, case.today, case.round)


def _move(case: Case[CommuneAssessed]) -> Moved:
    content = case.content
    is_forwarded = content.outcome == _FORWARDED
    sent_on, letter = content.letter.date, content.letter
    product, announced = moved(
        case.product,
        _step(case),
        why=COMMUNE_ASSESSED.name,
        reasons=() if is_forwarded else content.reasons,
        letter=letter,
        sent_on=sent_on if is_forwarded else None,
        due_on=council_is_due(case.round.registration, sent_on, case.practice.limits) if is_forwarded else None,
        back_to=None if is_forwarded else "commune",
    )
    return Moved(product, (announced,))


def council_is_due(registration: RegistrationKind, sent_on: date, limits: TimeLimits) -> date | None:
    """Return the last day for what a re-evaluation was sent on for (Art. 7.6g); of others the law names none."""
    is_again = registration is RegistrationKind.RE_EVALUATION
    return re_evaluation_deadline(sent_on, limits).last if is_again else None


ASSESSED = Rule(COMMUNE_ASSESSED, _step, _faults, _move)
