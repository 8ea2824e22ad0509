"""Decide: who filed a dossier takes it back, and its round ends (LIFECYCLE.md, row 12)."""

from collections.abc import Iterator

from services.registry.moving import moved
from services.registry.round_filings import Case, Moved, Rule
from services.registry.rounds import Step
from shared.contracts.catalogue import DOSSIER_WITHDRAWN
from shared.contracts.fault_codes import FilingFault
from shared.contracts.rounds import DossierWithdrawn
from shared.contracts.text import Fault
from shared.faults.fault import fault


def _step(_: Case[DossierWithdrawn]) -> Step:
    return Step.WITHDRAWN


def _faults(case: Case[DossierWithdrawn]) -> Iterator[Fault]:
    """Yield the fault of another sender: as the broker has checked it, so that nobody ends another's round."""
    if case.round.filed_by is None or case.event.filed_by != case.round.filed_by:
        yield fault(
            (),
            FilingFault.NOT_THE_FILER,
            "Chỉ hệ thống đã nộp hồ sơ của lượt đánh giá này mới được rút. Hãy rút hồ sơ từ hệ thống đó, hoặc đề nghị "
            "cơ quan có thẩm quyền kết thúc lượt đánh giá (recognition.refused).",
            "Only the system that filed this round's dossier may withdraw it. Withdraw it there, or ask the authority "
            "to end the round (recognition.refused).",
        )


def _move(case: Case[DossierWithdrawn]) -> Moved:
    reasons = (case.content.reason,) if case.content.reason else ()
    product, announced = moved(case.product, Step.WITHDRAWN, why=DOSSIER_WITHDRAWN.name, reasons=reasons)
    return Moved(product, (announced,))


WITHDRAWN = Rule(DOSSIER_WITHDRAWN, _step, _faults, _move)
