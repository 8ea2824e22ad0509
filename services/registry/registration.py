"""Decide: a dossier that was filed, and what the register knows that bears on it → a product code or a rejection."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.registry import SOURCE
from services.registry.certificates import answers
from services.registry.disclosure import OwnContact, as_known, without_contact, without_personal_numbers
from services.registry.identity import Identity, KnownProduct, examine_registration, place_of
from services.registry.intake import Examination, ExaminedDossier
from services.registry.opening import FilingDay, opening_faults
from services.registry.renewal import commune_deadline
from services.registry.rounds import MOVES, Round, Step
from services.registry.submission import entered
from shared.contracts.catalogue import DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, DossierRejected, Recipient, RegistrationKind
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.product import ProductSubmitted, parts_of
from shared.contracts.text import Fault
from shared.errors import TryLaterError
from shared.faults.fault import fault, for_producer
from shared.filings import readable_code
from shared.handling.history import Version
from shared.handling.outcome import Decision, Provisional
from shared.legal_date import legal_date
from shared.scopes import Scope
from shared.sealing import Seal


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
    dossier, identity = examination.dossier, filing.identity
    faults = all_faults(state, filing)
    if event.refiled_as:
        _require_the_same_answer(event.refiled_as, state, faults)
    if dossier is None or identity is None or faults:
        seal = filing.seal if for_producer(faults) else None
        about = _about(filing, state)
        rejected = rejection(event, examination, faults, now, scope=filing.scope, seal=seal, about=about)
        return replace(rejected, provisional=_provisional(filing, state, faults))
    return _submitted(filing, dossier, identity, state, now)


def all_faults(state: RegisterState, filing: ExaminedDossier) -> tuple[Fault, ...]:
    """Return everything that is wrong with a dossier: by itself, for who filed it, and by what the register knows."""
    examination = filing.examination
    faults = (*_id_faults(filing.event, state), *filing.out_of_scope, *examination.faults)
    dossier, identity = examination.dossier, filing.identity
    if dossier is None or identity is None or filing.out_of_scope:
        return faults
    return (*faults, *_register_faults(dossier, identity, state, filing.day))


def _about(filing: ExaminedDossier, state: RegisterState) -> str | None:
    """Return the code of the product that a dossier is about: as the register knows it, or else as the dossier says."""
    known, dossier = state.by_code or state.by_key, filing.examination.dossier
    said = dossier.product_code if dossier else filing.event.data.get("product_code")
    return known.state.code if known else readable_code(said)


def _register_faults(dossier: Dossier, identity: Identity, state: RegisterState, day: FilingDay) -> tuple[Fault, ...]:
    """Return what is wrong with a dossier by what the register knows: of its product, and of that one's round."""
    by_key, by_code = (known.state if known else None for known in (state.by_key, state.by_code))
    if by_key is None and dossier.product_code is None and dossier.registration is RegistrationKind.FIRST:
        return ()  # a new product: the register has nothing that it could disagree with
    of_identity = examine_registration(dossier, numbers=identity.known_numbers, by_key=by_key, by_code=by_code)
    product = by_code if dossier.product_code else by_key
    if product is None or any(each.code == DossierFault.PRODUCT_OF_ANOTHER_PRODUCER for each in of_identity):
        return of_identity
    is_first = dossier.registration is RegistrationKind.FIRST
    if not dossier.product_code and not is_first:
        return of_identity
    of_round = opening_faults(dossier, product, day)
    return of_round if of_round and not dossier.product_code else (*of_identity, *of_round)


#: Faults that an event about the same product, still on its way, may take away: that its dossier was turned back, that
#: its round has ended, that it was recognised.
_OF_ITS_ROUND = frozenset(
    {
        DossierFault.PRODUCT_ALREADY_REGISTERED.value,
        DossierFault.ROUND_OPEN.value,
        DossierFault.NO_CERTIFICATE_IN_FORCE.value,
    }
)


def _provisional(filing: ExaminedDossier, state: RegisterState, faults: tuple[Fault, ...]) -> Provisional | None:
    """Return what may still be on its way that would change a rejection: the product's own registration.

    Or what moves its round, such as that evaluation has turned it back. Its sender may have heard so already: RabbitMQ
    brings an event to several queues one after the other, and at a channel's first publish to a quorum queue that takes
    as long as a write.
    """
    if faults and {each.code for each in faults} <= _OF_ITS_ROUND:
        return Provisional("what moves its product's round may be on its way", delays=1)
    dossier = filing.examination.dossier
    if dossier and not filing.out_of_scope and dossier.product_code and state.by_code is None:
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
    about: str | None = None,
) -> Decision:
    """Turn a dossier back with everything that is wrong with it.

    `scope` is that of who filed it, where it matters; without `seal` the producer is not alerted. `about` is the code
    of the product that it is about, where that is known: operators find it by that.
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
            **({"rejected": {"of": about, "key": event.key}} if about else {}),
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
    """Accept a dossier, which goes on without persons' numbers and without a way to reach the producer."""
    event = filing.event
    code, entry = _code(dossier, identity, state, now, refiled_as=event.refiled_as)
    known = state.by_code if dossier.product_code else state.by_key
    product = known.state if known else KnownProduct(code=code, producer_numbers=identity.numbers)
    opened = _opened(dossier, filing, number=product.round.number + 1 if product.round else 1)
    recipient = filing.examination.recipient
    sealed = filing.seal(recipient) if recipient else None
    dossier = without_personal_numbers(dossier)
    announced = without_contact(dossier)
    described = product.model_copy(update={**as_known(announced, sealed), "dossiers": (*product.dossiers, event.id)})
    if product.round:
        after, moves = entered(described, dossier, filing, opened)
    else:
        after, moves = described.model_copy(update={"round": opened}), ()
    round_ = after.round or opened
    version = known.then(after) if known else Version(code, 1, after)
    submitted = ProductSubmitted(
        product_code=code,
        dossier_id=event.id,
        dossier=announced,
        round=round_.number,
        due_on=round_.due_on,
        sealed_recipient=sealed,
    )
    answer = event.answer(PRODUCT_SUBMITTED, submitted, source=SOURCE, subject=code, now=now, place=filing.place)
    moved = answers(event, after, moves, sequence=version.number, now=now) if moves else ()
    return Decision(
        key=event.key,
        announced=(replace(answer, sequence=version.number), *moved),
        fields={
            "event": filing.reference,
            "outcome": "submitted",
            "filing": filing.filing,
            "product_code": code,
            **entry,
        },
        version=version,
    )


def _opened(dossier: Dossier, filing: ExaminedDossier, *, number: int) -> Round:
    """Return the round that a dossier opens: it is at the commune, whose time runs from that day (Art. 7.1, 7.2)."""
    on = filing.day.on
    return Round(
        number=number,
        registration=dossier.registration,
        stage=MOVES[Step.FILED].after,
        filed_on=on,
        received_on=on,
        due_on=commune_deadline(on, filing.day.practice.limits).last,
        submitted=filing.submitted_id,
        filed_by=filing.event.filed_by,
    )


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
    if refiled_as:
        registered = entry(*parts_of(refiled_as), after=None)
    else:
        place, year = place_of(dossier), legal_date(now).year
        registered = entry(place, year, state.last_serial + 1, after=state.last_serial)
    return registered["code"], {"registered": {**registered, "keys": identity.keys}}


def reserve(event: Event, code: str) -> Decision:
    """Keep a code from being given again: a product has it whose dossier is lost. Nothing is announced."""
    fields = {
        "event": {**event.reference, "filed_by": event.filed_by},
        "outcome": "reserved",
        "product_code": code,
        "registered": entry(*parts_of(code), after=None),
    }
    return Decision(event.key, (), fields, version=Version(code, 1, KnownProduct(code=code, lost=True)))


def entry(place: str, year: int, serial: int, *, after: int | None) -> dict[str, Any]:
    """Return what makes a code the product's for life; `after`: the last serial before it, None where not known.

    One serial alone follows another. So a registry that takes an older one for the last is refused also where a code
    was brought in that lies further on, whose number it would not have met.
    """
    code, before = (f"{place}-{number}-{year}" for number in (serial, after))  # Decision 26/2026, Annex I
    follows = {} if after is None or after >= serial else {"follows": before}
    return {"code": code, "place": place, "year": year, "serial": serial, **follows}
