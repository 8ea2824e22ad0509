"""Decide: how the producer of a product can be reached, and wants to be, from now on, or why that cannot be taken.

`contact.changed`, `preferences.changed` or `filing.rejected` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Self

from pydantic import ValidationError

from services.registry import SOURCE
from services.registry.identity import KnownProduct, place_in
from services.registry.producers import contact_faults
from services.registry.reading import readable_code
from shared.contracts.catalogue import (
    BY_TYPE,
    CONTACT_CHANGED,
    FILING_REJECTED,
    PREFERENCES_CHANGED,
    PRODUCER_CONTACT,
    PRODUCER_PREFERENCES,
    EventType,
)
from shared.contracts.contact import ContactChanged, PreferencesChanged, ProducerContact, ProducerPreferences
from shared.contracts.dossier import Recipient
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.filing import FilingRejected
from shared.contracts.text import Fault, without_blanks
from shared.faults.contract_faults import contract_faults
from shared.faults.fault import fault
from shared.filings import filing_out_of_scope
from shared.handling.history import Version
from shared.handling.outcome import Decision, Provisional
from shared.scopes import Scope
from shared.sealing import Seal

#: What is filed of a producer.
Change = ProducerContact | ProducerPreferences


@dataclass(frozen=True)
class ExaminedContact:
    """A `producer.contact` or `producer.preferences`, and what is wrong with it whatever the register knows.

    `filed` is None where it breaks its contract, `product_code` where that cannot be read. `is_out_of_scope` says that
    what the register knows is none of its sender's business.
    """

    event: Event
    kind: EventType[ProducerContact] | EventType[ProducerPreferences]
    seal: Seal
    scope: Scope
    filed: Change | None
    product_code: str | None
    faults: tuple[Fault, ...]
    is_out_of_scope: bool

    @classmethod
    def of(cls, event: Event, seal: Seal, scope: Scope) -> Self:
        """Examine what an event says of a producer."""
        kind = PRODUCER_CONTACT if event.type == PRODUCER_CONTACT.type else PRODUCER_PREFERENCES
        data = without_blanks(kind.model, event.data)
        code, broken = readable_code(data.get("product_code")), []
        filed: Change | None = None
        try:
            filed = kind.model.model_validate(data)
        except ValidationError as error:
            broken = contract_faults(error)
        outside = filing_out_of_scope(scope, kind, code)
        return cls(event, kind, seal, scope, filed, code, outside or (*broken, *_faults(filed)), bool(outside))


def _faults(filed: Change | None) -> Sequence[Fault]:
    if not isinstance(filed, ProducerContact):
        return ()
    return contact_faults(filed.contact.phone, filed.contact.email, within=())


def decide(state: Version[KnownProduct] | None, filing: ExaminedContact, now: datetime) -> Decision:
    """Answer that it was changed, or with `filing.rejected`: with exactly one. The state is the product by its code."""
    filed = filing.filed
    if filed is None or filing.faults:
        return _rejected(filing, filing.faults, now)
    if state is None:
        rejected = _rejected(filing, (_unknown(filed.product_code),), now)
        return replace(rejected, provisional=Provisional(f"there is no product {filed.product_code} yet"))
    return _changed(state, filing, filed, now)


def _changed(state: Version[KnownProduct], filing: ExaminedContact, filed: Change, now: datetime) -> Decision:
    """Announce the change; a contact is kept: what is announced of the product's life from now on carries it."""
    event, code, known = filing.event, filed.product_code, state.state
    if isinstance(filed, ProducerContact):
        recipient = Recipient(name=known.producer_name, contact=filed.contact)
        known = known.model_copy(update={"sealed_recipient": filing.seal(recipient)})
        changed = ContactChanged(product_code=code, sealed_contact=filing.seal(filed.contact))
        answer = partial(event.answer, CONTACT_CHANGED, changed)
    else:
        answer = partial(
            event.answer, PREFERENCES_CHANGED, PreferencesChanged(product_code=code, preferences=filed.preferences)
        )
    announced = answer(source=SOURCE, subject=code, now=now, place=place_in(code))
    version = state.then(known)
    outcome = BY_TYPE[announced.type].name.replace(".", "-")
    fields = {"event": _filed(filing), "outcome": outcome, "product_code": code}
    return Decision(event.key, (replace(announced, sequence=version.number),), fields, version=version)


def _rejected(filing: ExaminedContact, faults: tuple[Fault, ...], now: datetime) -> Decision:
    event = filing.event
    rejected = FilingRejected(
        filing_id=event.id, filing=filing.kind.name, product_code=filing.product_code, faults=faults
    )
    code = filing.product_code
    place = place_in(code) if code else None
    answer = event.answer(FILING_REJECTED, rejected, source=SOURCE, subject=code or event.id, now=now, place=place)
    return Decision(
        event.key,
        (answer,),
        {"event": _filed(filing), "outcome": "rejected", "digest": event.digest},
        dead_letter="breaks-contract" if filing.filed is None and not filing.is_out_of_scope else None,
    )


def _filed(filing: ExaminedContact) -> dict[str, Any]:
    return {**filing.event.reference, "filed_by": filing.event.filed_by, "filed_as": filing.scope.role.value}


def _unknown(code: str) -> Fault:
    return fault(
        ("product_code",),
        DossierFault.PRODUCT_UNKNOWN,
        f"Không có sản phẩm nào mang mã {code}. Hãy kiểm tra lại mã.",
        f"No product has the code {code}. Check it.",
    )
