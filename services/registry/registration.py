"""Decide: from a dossier as filed, and what the register knows of it, to a product code or a rejection."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.registry.faults import fault
from services.registry.intake import (
    Examination,
    KnownProduct,
    examine_registration,
    registration_keys,
)
from services.registry.producers import producer_numbers
from shared.contracts.catalogue import DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, DossierRejected, RegistrationKind
from shared.contracts.envelope import Event, UnreadableError, derived_id
from shared.contracts.fault_codes import DossierFault
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected
from shared.contracts.text import Fault
from shared.handling.steps import Decision, handled_event
from shared.legal_date import legal_date

SOURCE = "/ocop/registry"
#: The outcome of a record that lets one first registration of its product be filed and accepted again.
AWAITS_CORRECTION = "awaits-correction"


@dataclass(frozen=True)
class RegisterView:
    """What the register knows that bears on one dossier.

    `same_id` tells that another dossier was accepted under the same event id, `last_serial` the last number that the
    commune has given this year, 0 where none.
    """

    same_id: bool = False
    by_key: KnownProduct | None = None
    by_code: KnownProduct | None = None
    last_serial: int = 0


def decide(event: Event, examination: Examination, view: RegisterView, now: datetime) -> Decision:
    """Answer a dossier with exactly one of `product.submitted` and `dossier.rejected`."""
    faults = (*_id_faults(event, view), *examination.faults)
    dossier = examination.dossier
    if dossier is not None:
        faults += examine_registration(dossier, by_key=view.by_key, by_code=view.by_code)
    if view.same_id:  # a fault of the portal's program: the producer can do nothing about it
        examination = replace(examination, recipient=None)
    if dossier is None or faults:
        return _rejected(event, examination, faults, now)
    return _submitted(event, dossier, view, now)


def reject_unreadable(
    error: UnreadableError,
    *,
    source: str,
    id: str,
    digest: str,
    filed_by: str | None,
    now: datetime,
    traceparent: str | None = None,
) -> Decision:
    """Answer bytes that are no dossier at all, but whose sender can be told which message is meant."""
    event = Event(
        id=id,
        source=source,
        type=DOSSIER_FILED.type,
        data={"unreadable": digest},
        traceparent=traceparent,
        filed_by=filed_by,
    )
    message = fault(
        "",
        DossierFault(f"unreadable-{error.code}"),
        vi="Hệ thống không đọc được tin nhắn này nên chưa nhận hồ sơ. Hãy kiểm tra phần mềm gửi hồ sơ rồi gửi lại.",
        en=f"This message is no dossier.filed event: {error}. Mend it and file again.",
    )
    examination = Examination(dossier=None, faults=(message,), recipient=None, product_name=None)
    return _rejected(event, examination, (message,), now)


def _id_faults(event: Event, view: RegisterView) -> tuple[Fault, ...]:
    if not view.same_id:
        return ()
    return (
        fault(
            "",
            DossierFault.ID_USED_TWICE,
            vi="Mã tin nhắn này đã được dùng cho một hồ sơ khác. Hãy gửi lại hồ sơ này với mã tin nhắn mới.",
            en=f"The event id {event.id!r} of this source was used for a different dossier. File again under a new id.",
        ),
    )


def _rejected(event: Event, examination: Examination, faults: tuple[Fault, ...], now: datetime) -> Decision:
    rejection = DossierRejected(
        dossier_id=event.id,
        product_name=examination.product_name,
        recipient=examination.recipient,
        faults=faults,
    )
    return Decision(
        key=event.key,
        announced=(event.answer(DOSSIER_REJECTED, rejection, source=SOURCE, subject=event.id, now=now),),
        fields={
            "event": _filed(event),
            "outcome": "rejected",
            "digest": event.digest,
        },
        dead_letter="breaks-contract" if examination.breaks_contract else None,
    )


def _submitted(event: Event, dossier: Dossier, view: RegisterView, now: datetime) -> Decision:
    code, standing = _code(dossier, view, now)
    submitted = ProductSubmitted(product_code=code, dossier_id=event.id, dossier=dossier)
    return Decision(
        key=event.key,
        announced=(event.answer(PRODUCT_SUBMITTED, submitted, source=SOURCE, subject=code, now=now),),
        fields={
            "event": _filed(event),
            "outcome": "submitted",
            "filing": filing_key(event),
            "product_code": code,
            **standing,
        },
    )


def _filed(event: Event) -> dict[str, Any]:
    """Return what the register says of the dossier that was filed; `filed_by` as the broker has checked it."""
    return {**handled_event(event), "filed_by": event.filed_by}


def _code(dossier: Dossier, view: RegisterView, now: datetime) -> tuple[str, dict[str, Any]]:
    """Return the product's code and what else goes into the record.

    That is, where the code is new, the entry that makes it the product's for life; where a dossier that was turned back
    is corrected, the record that this correction uses up.
    """
    if dossier.product_code:
        return dossier.product_code, {}
    if view.by_key:
        return view.by_key.code, {"corrects": view.by_key.to_correct, "product_set": dossier.product.product_set}
    place = place_of(dossier)
    serial, year = view.last_serial + 1, legal_date(now).year
    code = f"{place}-{serial}-{year}"  # Decision 26/2026, Annex I
    entry = {
        "code": code,
        "place": place,
        "year": year,
        "serial": serial,
        "product_set": dossier.product.product_set,
        "producer_numbers": producer_numbers(dossier.producer),
        "keys": registration_keys(dossier),
    }
    return code, {"registered": entry}


def note_assessment_rejected(event: Event, rejected: AssessmentRejected) -> Decision:
    """Note that evaluation turned a dossier back: a first registration may then be filed again under the same code.

    `turned_back` is the id of the `product.submitted` that evaluation answered: it tells which dossier is meant.
    An upgrade or a re-evaluation may be filed again in any case.
    """
    first = rejected.registration is RegistrationKind.FIRST
    fields = {
        "event": handled_event(event),
        "outcome": AWAITS_CORRECTION if first else "turned-back",
        "product_code": rejected.product_code,
        "turned_back": event.causation_id,
    }
    return Decision(key=event.key, announced=(), fields=fields)


def place_of(dossier: Dossier) -> str:
    """Return province and commune as they stand in product codes."""
    return f"{dossier.product.province_code}-{dossier.product.commune_code}"


def filing_key(event: Event) -> str:
    """Return what CloudEvents makes unique: source and id, whatever the content."""
    return derived_id(event.source, event.id)
