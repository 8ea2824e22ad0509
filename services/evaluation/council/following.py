"""Decide: what the registry announces of rounds and certificates → what is so of a product here.

Nothing is announced. What comes later than something newer, by the registry's `sequence`, is on record and changes
nothing.
"""

from dataclasses import replace
from datetime import date
from typing import Any, Literal

from services.evaluation.council.state import LEVEL_AT, Work, work_key
from shared.contracts.certificates import (
    Certificate,
    CertificateExpired,
    CertificateExtended,
    CertificateIssued,
    CertificateRevoked,
    CertificateSuperseded,
    OfCertificate,
)
from shared.contracts.event import Event, contents
from shared.contracts.query import CertificateState
from shared.contracts.rounds import RoundMoved
from shared.handling.history import Version
from shared.handling.outcome import Decision

CertificateStatus = Literal["in-force", "extended", "expired", "superseded", "revoked"]
#: What each event makes of the certificate that it is about.
STATUS: dict[type[OfCertificate], CertificateStatus] = {
    CertificateIssued: "in-force",
    CertificateExtended: "extended",
    CertificateExpired: "expired",
    CertificateSuperseded: "superseded",
    CertificateRevoked: "revoked",
}


def round_moved(state: Version[Work] | None, event: Event) -> Decision:
    """Note where the round is now. Raise BrokenContractError.

    What a session had gathered ends with the stage: its cards stay on record, and count no more.
    """
    moved = contents(event, RoundMoved)
    work = _work(state, moved.product_code)
    sequence = work.sequence + 1 if event.sequence is None else event.sequence
    if state and sequence <= work.sequence:
        return _noted(event, state, moved.product_code)
    at_council = moved.to_stage in LEVEL_AT
    before = work.letter_date if work.round == moved.round else None
    of_round = {
        name: getattr(moved, name)
        for name in (
            "product_name",
            "product_set",
            "registration",
            "must_declare_quality",
            "round",
            "closing",
            "due_on",
            "move",
        )
    }
    return _follows(
        event,
        state,
        work,
        {
            **of_round,
            "sealed_recipient": moved.sealed_recipient or work.sealed_recipient,
            "stage": moved.to_stage,
            "sequence": sequence,
            "visit": sequence if at_council else 0,
            "letter_date": moved.letter.date if moved.letter else _later(before, moved.sent_on),
            "session": None,
            "cards": (),
            "rescored": 0,
        },
    )


def _later(*days: date | None) -> date | None:
    return max((day for day in days if day), default=None)


def certificate_changed(state: Version[Work] | None, event: Event, model: type[OfCertificate]) -> Decision:
    """Note how a product's certificate stands. Raise BrokenContractError."""
    changed = contents(event, model)
    work, sequence = _work(state, changed.product_code), event.sequence or 0
    kept = work.certificate
    is_late = kept is not None and sequence < work.certificate_sequence
    is_of_another = kept is not None and _identity(kept.certificate) != _identity(changed.certificate)
    if state and (is_late or (is_of_another and not isinstance(changed, CertificateIssued))):
        return _noted(event, state, work.code)
    until = changed.until if isinstance(changed, CertificateExtended | CertificateIssued) else None
    status = STATUS[CertificateExtended if until else model]
    certificate = CertificateState(certificate=changed.certificate, state=status, until=until)
    update = {"certificate": certificate, "certificate_sequence": sequence}
    decision = _follows(event, state, work, update)
    if isinstance(changed, CertificateIssued) and changed.former_code:
        return replace(decision, fields={**decision.fields, "former_code": changed.former_code})
    return decision


def _identity(certificate: Certificate) -> tuple[str, date]:
    """Return what no two certificates of a product have: an office's numbers begin anew each year."""
    return certificate.number, certificate.issued_on


def _work(state: Version[Work] | None, code: str) -> Work:
    return state.state if state else Work(code=code)


def _follows(event: Event, state: Version[Work] | None, work: Work, update: dict[str, Any]) -> Decision:
    after = work.model_copy(update=update)
    version = state.then(after) if state else Version(work_key(work.code), 1, after)
    return Decision(event.key, (), _fields(event, work.code, "followed"), version=version)


def _noted(event: Event, state: Version[Work], code: str) -> Decision:
    """Put on record what changes nothing."""
    return Decision(event.key, (), _fields(event, code, "older"), version=state.then(state.state))


def _fields(event: Event, code: str, outcome: str) -> dict[str, Any]:
    return {"event": event.reference, "product_code": code, "outcome": outcome}
