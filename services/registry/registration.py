"""Decide: a dossier that was filed, and what the register knows that bears on it → a product code or a rejection."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from services.registry import SOURCE
from services.registry.faults import fault
from services.registry.intake import (
    Examination,
    KnownProduct,
    examine,
    examine_registration,
    registration_keys,
)
from services.registry.locations import HTTPS
from services.registry.personal_numbers import ProducerNumbers, without_personal_numbers
from services.registry.places import filing_day
from shared.contracts.catalogue import DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, DossierRejected
from shared.contracts.envelope import Event, derived_id
from shared.contracts.fault_codes import DossierFault
from shared.contracts.product import ProductSubmitted
from shared.contracts.text import Fault
from shared.handling.outcome import Decision, handled_event
from shared.legal_date import legal_date


@dataclass(frozen=True)
class Filing:
    """A dossier that was filed, what was found in it by itself, and by what the register knows producers."""

    event: Event
    examination: Examination
    numbers: ProducerNumbers

    @classmethod
    def of(cls, event: Event, numbers: ProducerNumbers, *, now: datetime, schemes: frozenset[str] = HTTPS) -> Self:
        """Examine the dossier of an event; `schemes` are what the address of a document may begin with."""
        filed_on = filing_day(event.time, now)
        return cls(event, examine(event.data, filed_on=filed_on, schemes=schemes), numbers)

    @property
    def may_be_new(self) -> Dossier | None:
        """The dossier, where it asks for a new product's code and nothing is wrong with it by itself."""
        return self.examination.first_registration


@dataclass(frozen=True)
class RegisterState:
    """What the register knows that bears on one dossier.

    `same_id` tells that another dossier was accepted under the same event id, `last_serial` the last number that the
    commune has given this year, 0 where none.
    """

    same_id: bool = False
    by_key: KnownProduct | None = None
    by_code: KnownProduct | None = None
    last_serial: int = 0


def decide(state: RegisterState, filing: Filing, now: datetime) -> Decision:
    """Answer a dossier with exactly one of `product.submitted` and `dossier.rejected`."""
    event, examination = filing.event, filing.examination
    faults = (*_id_faults(event, state), *examination.faults)
    dossier = examination.dossier
    if dossier is not None:
        known = filing.numbers.known(dossier.producer)
        faults += examine_registration(dossier, numbers=known, by_key=state.by_key, by_code=state.by_code)
    if state.same_id:  # a fault of the portal's program: the producer can do nothing about it
        examination = replace(examination, recipient=None)
    if dossier is None or faults:
        return rejection(event, examination, faults, now)
    return _submitted(filing, dossier, state, now)


def _id_faults(event: Event, state: RegisterState) -> tuple[Fault, ...]:
    if not state.same_id:
        return ()
    return (
        fault(
            "",
            DossierFault.ID_USED_TWICE,
            vi="Mã tin nhắn này đã được dùng cho một hồ sơ khác. Hãy gửi lại hồ sơ này với mã tin nhắn mới.",
            en=f"The event id {event.id!r} of this source was used for a different dossier. File again under a new id.",
        ),
    )


def rejection(event: Event, examination: Examination, faults: tuple[Fault, ...], now: datetime) -> Decision:
    """Turn a dossier back with everything that is wrong with it."""
    rejected = DossierRejected(
        dossier_id=event.id,
        product_name=examination.product_name,
        recipient=examination.recipient,
        faults=faults,
    )
    return Decision(
        key=event.key,
        announced=(event.answer(DOSSIER_REJECTED, rejected, source=SOURCE, subject=event.id, now=now),),
        fields={
            "event": _filed(event),
            "outcome": "rejected",
            "digest": event.digest,
        },
        dead_letter="breaks-contract" if examination.breaks_contract else None,
    )


def _submitted(filing: Filing, dossier: Dossier, state: RegisterState, now: datetime) -> Decision:
    event = filing.event
    code, standing = _code(dossier, state, now, filing.numbers.of(dossier.producer))
    submitted = ProductSubmitted(product_code=code, dossier_id=event.id, dossier=without_personal_numbers(dossier))
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


def _code(
    dossier: Dossier, state: RegisterState, now: datetime, numbers: tuple[str, ...]
) -> tuple[str, dict[str, Any]]:
    """Return the product's code and what else goes into the record.

    That is, where the code is new, the entry that makes it the product's for life; where a dossier that was turned back
    is corrected, the record that this correction uses up.
    """
    if dossier.product_code:
        return dossier.product_code, {}
    if state.by_key:
        return state.by_key.code, {"corrects": state.by_key.to_correct, "product_set": dossier.product.product_set}
    place = place_of(dossier)
    serial, year = state.last_serial + 1, legal_date(now).year
    code = f"{place}-{serial}-{year}"  # Decision 26/2026, Annex I
    entry = {
        "code": code,
        "place": place,
        "year": year,
        "serial": serial,
        "product_set": dossier.product.product_set,
        "producer_numbers": numbers,
        "keys": registration_keys(dossier, numbers),
    }
    return code, {"registered": entry}


def place_of(dossier: Dossier) -> str:
    """Return province and commune as they stand in product codes."""
    return f"{dossier.product.province_code}-{dossier.product.commune_code}"


def filing_key(event: Event) -> str:
    """Return what CloudEvents makes unique: source and id, whatever the content."""
    return derived_id(event.source, event.id)
