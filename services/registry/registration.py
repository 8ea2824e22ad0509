"""Decide: a dossier that was filed, and what the register knows that bears on it → a product code or a rejection."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from services.registry import SOURCE
from services.registry.contacts import OwnContact, without_contact
from services.registry.identity import (
    Identity,
    KnownProduct,
    ProducerNumbers,
    examine_registration,
    identify,
    place_of,
    without_personal_numbers,
)
from services.registry.intake import Examination, examine
from services.registry.locations import HTTPS
from shared.contracts.catalogue import DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, DossierRejected, Recipient, RegistrationKind
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.product import ProductSubmitted, parts_of
from shared.contracts.text import Fault
from shared.errors import TryLaterError
from shared.faults.fault import fault
from shared.handling.history import Version
from shared.handling.outcome import Decision, Provisional
from shared.legal_date import filing_day, legal_date
from shared.scopes import ANONYMOUS, Scope
from shared.sealing import Seal


@dataclass(frozen=True)
class ExaminedDossier:
    """A dossier that was filed, what was found in it by itself, and what its product is known by.

    `scope` is that of who filed it, and `out_of_scope` names what of the dossier lies outside. `new` is the dossier,
    where it asks for a new product's code and nothing is wrong with it by itself; `identity` is None where it is no
    dossier. `place` has province and commune of the product that it is about, where it says so: events of one place are
    decided in their order. `seal` seals whom the answer is for.
    """

    event: Event
    seal: Seal
    scope: Scope
    out_of_scope: tuple[Fault, ...]
    examination: Examination
    identity: Identity | None
    new: Dossier | None
    place: str | None

    @classmethod
    def of(
        cls,
        event: Event,
        numbers: ProducerNumbers,
        seal: Seal,
        *,
        now: datetime,
        scope: Scope = ANONYMOUS,
        schemes: frozenset[str] = HTTPS,
    ) -> Self:
        """Examine the dossier of an event; `schemes` are what the address of a document may begin with."""
        # what is brought back was let in before: it gets the answer that it had, whatever the scopes are by now
        held_to = None if event.refiled_as else scope
        filed_on = filing_day(event.time, now)
        examination = examine(event.data, filed_on=filed_on, schemes=schemes, scope=held_to)
        dossier, outside = examination.dossier, examination.out_of_scope
        identity = identify(dossier, numbers) if dossier else None
        asks_for_code = dossier is not None and dossier.registration is RegistrationKind.FIRST
        return cls(
            event,
            seal,
            scope,
            outside,
            examination,
            identity,
            new=dossier if asks_for_code and not outside and not examination.faults else None,
            place=identity.place if identity else None,
        )


@dataclass(frozen=True)
class RegisterState:
    """What the register knows that bears on one dossier: the product that it has under its name, or under its code.

    `same_id` says that another dossier was accepted under the same event id, `last_serial` the last number that the
    commune has given this year, 0 where none.
    """

    same_id: bool = False
    by_key: Version[KnownProduct] | None = None
    by_code: Version[KnownProduct] | None = None
    last_serial: int = 0


def decide(state: RegisterState, filing: ExaminedDossier, now: datetime) -> Decision:
    """Answer a dossier with exactly one of `product.submitted` and `dossier.rejected`.

    Raises:
        TryLaterError: it was brought back, and its answer would not be the one that it had.
    """
    event, examination = filing.event, filing.examination
    faults = (*_id_faults(event, state), *filing.out_of_scope, *examination.faults)
    dossier, identity = examination.dossier, filing.identity
    if dossier is not None and identity is not None and not filing.out_of_scope:
        numbers = identity.known_numbers
        by_key, by_code = (known.state if known else None for known in (state.by_key, state.by_code))
        faults += examine_registration(dossier, numbers=numbers, by_key=by_key, by_code=by_code)
    if event.refiled_as:
        _require_the_same_answer(event.refiled_as, state, faults)
    if dossier is None or identity is None or faults:
        # else a fault of the portal's program: the producer can do nothing about it
        is_hers = not (state.same_id or filing.out_of_scope)
        seal = filing.seal if is_hers else None
        rejected = rejection(event, examination, faults, now, scope=filing.scope, seal=seal)
        return replace(rejected, provisional=_provisional(filing, state, faults))
    return _submitted(filing, without_personal_numbers(dossier), identity, state, now)


def _provisional(filing: ExaminedDossier, state: RegisterState, faults: tuple[Fault, ...]) -> Provisional | None:
    """Return what may still be on its way that would change a rejection: the product's own registration.

    Or that evaluation has turned it back. Its sender may have heard so already: RabbitMQ brings an event to several
    queues one after the other, and at a channel's first publish to a quorum queue that takes as long as a write.
    """
    if [each.code for each in faults] == [DossierFault.PRODUCT_ALREADY_REGISTERED]:
        return Provisional("its rejection may be on its way", delays=1)
    dossier = filing.examination.dossier
    if (
        dossier
        and not filing.out_of_scope
        and dossier.product_code
        and state.by_code is None
        and dossier.registration is not RegistrationKind.FIRST
    ):
        return Provisional(f"there is no product {dossier.product_code} yet")
    return None


def _require_the_same_answer(code: str, state: RegisterState, faults: tuple[Fault, ...]) -> None:
    if faults:
        raise TryLaterError(
            f"it was given {code}, and would be rejected now: {', '.join(each.code for each in faults)}"
        )
    if state.by_code and not state.by_key:
        raise TryLaterError(f"{code} is the code of another product by now")


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


def rejection(
    event: Event,
    examination: Examination,
    faults: tuple[Fault, ...],
    now: datetime,
    *,
    scope: Scope | None = None,
    seal: Seal | None = None,
) -> Decision:
    """Turn a dossier back with everything that is wrong with it.

    `scope` is that of who filed it, where it matters; without `seal` the producer is not alerted.
    """
    recipient = examination.recipient
    rejected = DossierRejected(
        dossier_id=event.id,
        product_name=_without_contact(examination.product_name, recipient),
        sealed_recipient=seal(recipient) if seal and recipient else None,
        faults=faults,
    )
    return Decision(
        key=event.key,
        announced=(
            event.answer(
                DOSSIER_REJECTED, rejected, source=SOURCE, subject=event.id, now=now, place=examination.place.text
            ),
        ),
        fields={
            "event": _filed(event, scope),
            "outcome": "rejected",
            "digest": event.digest,
        },
        dead_letter="breaks-contract" if examination.breaks_contract else None,
    )


def _without_contact(product_name: str | None, recipient: Recipient | None) -> str | None:
    if product_name is None or recipient is None:
        return product_name
    own = OwnContact.of(recipient.contact.phone, recipient.contact.email)
    return own.hidden_in(product_name) if own.is_in(product_name) else product_name


def _submitted(
    filing: ExaminedDossier, dossier: Dossier, identity: Identity, state: RegisterState, now: datetime
) -> Decision:
    """Accept a dossier, which goes on as it is given here, without persons' numbers."""
    event = filing.event
    code, entry = _code(dossier, identity, state, now, refiled_as=event.refiled_as)
    filed, identifier, recipient = _filed(event, filing.scope), event.identity, filing.examination.recipient
    submitted = ProductSubmitted(
        product_code=code,
        dossier_id=event.id,
        dossier=without_contact(dossier),
        sealed_recipient=filing.seal(recipient) if recipient else None,
    )
    announced = event.answer(PRODUCT_SUBMITTED, submitted, source=SOURCE, subject=code, now=now, place=filing.place)
    version = _moved(dossier, identity, state, announced)
    return Decision(
        key=event.key,
        announced=(replace(announced, sequence=version.number),),
        fields={
            "event": filed,
            "outcome": "submitted",
            "filing": identifier,
            "product_code": code,
            **entry,
        },
        version=version,
    )


def _moved(dossier: Dossier, identity: Identity, state: RegisterState, submitted: Event) -> Version[KnownProduct]:
    """Return the product's history after a dossier was accepted. An upgrade changes nothing that it is known by."""
    if dossier.product_code and state.by_code:
        return state.by_code.then(state.by_code.state)
    product_set = dossier.product.product_set
    if state.by_key:
        corrected = {"product_set": product_set, "submitted": submitted.id, "to_correct": False}
        return state.by_key.then(state.by_key.state.model_copy(update=corrected))
    code, numbers = str(submitted.subject), identity.numbers
    known = KnownProduct(code=code, producer_numbers=numbers, product_set=product_set, submitted=submitted.id)
    return Version(code, 1, known)


def _filed(event: Event, scope: Scope | None) -> dict[str, Any]:
    """Return what is on record of the filing: by whom, as the broker has checked it, and in which role."""
    return {**event.reference, "filed_by": event.filed_by, **({"filed_as": scope.role.value} if scope else {})}


def _code(
    dossier: Dossier, identity: Identity, state: RegisterState, now: datetime, *, refiled_as: str | None
) -> tuple[str, dict[str, Any]]:
    """Return the product's code and, where it is new, the entry that makes it the product's for life.

    `refiled_as` is the code that the product had before.
    """
    if dossier.product_code:
        return dossier.product_code, {}
    if state.by_key:
        return state.by_key.of, {}
    next_number = place_of(dossier), legal_date(now).year, state.last_serial + 1
    entry = {
        **_numbered(*parts_of(refiled_as) if refiled_as else next_number),
        "keys": identity.keys,
    }
    return str(entry["code"]), {"registered": entry}


def reserve(event: Event, code: str) -> Decision:
    """Keep a code from being given again: a product has it whose dossier is lost. Nothing is announced."""
    fields = {
        "event": {**event.reference, "filed_by": event.filed_by},
        "outcome": "reserved",
        "product_code": code,
        "registered": _numbered(*parts_of(code)),
    }
    return Decision(event.key, (), fields, version=Version(code, 1, KnownProduct(code=code, lost=True)))


def _numbered(place: str, year: int, serial: int) -> dict[str, Any]:
    code = f"{place}-{serial}-{year}"  # Decision 26/2026, Annex I
    return {"code": code, "place": place, "year": year, "serial": serial}
