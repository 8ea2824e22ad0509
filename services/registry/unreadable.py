"""Decide: bytes on the intake that are no dossier at all, but whose sender can learn which message is meant."""

from datetime import datetime

from services.registry.intake import Examination
from services.registry.registration import rejection
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import DossierFault
from shared.faults.fault import fault
from shared.handling.outcome import Decision


def decide(state: UnreadableError, event: Event, now: datetime) -> Decision:
    """Answer with the reason why the message cannot be read; `event` is what can be made out of it."""
    message = fault(
        "",
        DossierFault(f"unreadable-{state.code}"),
        vi="Hệ thống không đọc được tin nhắn này nên chưa nhận hồ sơ. Hãy kiểm tra phần mềm gửi hồ sơ rồi gửi lại.",
        en=f"This message is no dossier.filed event: {state}. Mend it and file again.",
    )
    examination = Examination(dossier=None, faults=(message,), recipient=None, product_name=None)
    return rejection(event, examination, examination.faults, now)
