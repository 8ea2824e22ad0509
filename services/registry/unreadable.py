"""Decide: bytes on the intake that are no dossier at all, but whose sender can learn which message is meant."""

from datetime import datetime
from typing import Any

from services.registry.intake import Examination
from services.registry.registration import rejection
from shared.contracts.catalogue import DOSSIER_FILED, EventType
from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults.fault import fault
from shared.handling.outcome import Decision


def decide(state: UnreadableError, event: Event, now: datetime) -> Decision:
    """Answer with the reason why the message cannot be read; `event` is what can be made out of it."""
    faults = (unreadable_fault(state, DOSSIER_FILED),)
    examination = Examination(dossier=None, faults=faults, recipient=None, product_name=None)
    return rejection(event, examination, faults, now)


def unreadable_fault(error: UnreadableError, kind: EventType[Any]) -> Fault:
    """Return the fault of a message that cannot be read as an event of this kind, which has a dossier."""
    return fault(
        "",
        DossierFault(f"unreadable-{error.code}"),
        vi="Hệ thống không đọc được tin nhắn này nên chưa nhận hồ sơ. Hãy kiểm tra phần mềm gửi hồ sơ rồi gửi lại.",
        en=f"This message is no {kind.name} event: {error}. Mend it and file again.",
    )
