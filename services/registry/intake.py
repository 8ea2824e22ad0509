"""Decide: whether a dossier is acceptable by itself, whatever the register knows.

All faults are found at once:
those of the contract, and those of the rules on whatever parts of the dossier can be read.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from pydantic import ValidationError

from services.registry.identity import Identity, ProducerNumbers, identify
from services.registry.links import link_faults
from services.registry.opening import FilingDay, receipt_faults
from services.registry.papers import HTTPS, location_faults, requirement_faults
from services.registry.places import out_of_scope, place_faults
from services.registry.practice import Practice
from services.registry.producers import producer_faults, recipient
from services.registry.reading import read
from services.registry.texts import text_faults
from shared.contracts.catalogue import PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, Recipient, RegistrationKind
from shared.contracts.event import Event
from shared.contracts.text import Fault, without_blanks
from shared.faults.contract_faults import contract_faults
from shared.faults.fault import listed
from shared.legal_date import filing_day
from shared.scopes import ANONYMOUS, Place, Scope
from shared.sealing import Seal

#: entries; one more than the longest list a dossier may have, so that no list costs more than the fault it is.
_LONGEST_LIST_READ = 501
#: objects within one another that hold a list: the dossier and its self-assessment.
_LISTS_DEPTH = 2


_NOWHERE = Place(None)


@dataclass(frozen=True)
class Examination:
    """What was found. `dossier` is there exactly if the contract is kept, whether or not rules are broken.

    `recipient` and `product_name` are there as far as they could be read, so that the producer can be alerted.
    `place` is where the product is, as far as it could be read, and `out_of_scope` what of the dossier lies outside its
    sender's scope.
    """

    dossier: Dossier | None
    faults: tuple[Fault, ...]
    recipient: Recipient | None
    product_name: str | None
    place: Place = _NOWHERE
    out_of_scope: tuple[Fault, ...] = ()

    @property
    def breaks_contract(self) -> bool:
        """Return whether the data is no dossier."""
        return self.dossier is None


def examine(
    filed: dict[str, Any],
    *,
    filed_on: date | None = None,
    schemes: frozenset[str] = HTTPS,
    scope: Scope | None = None,
) -> Examination:
    """Make every check that needs no register, on the data of `dossier.filed` as it came.

    Args:
        filed: the data.
        filed_on: the day on which it was filed, by which places are named; None: as they are named last.
        schemes: what the address of a document may begin with.
        scope: that of who filed it; None: it is not held against any.
    """
    filed = without_blanks(Dossier, _clipped(filed, _LISTS_DEPTH))
    dossier, broken_contract = None, []
    try:
        dossier = Dossier.model_validate(filed)
    except ValidationError as error:
        broken_contract = contract_faults(error)
    reading = read(filed)
    of_links = link_faults(reading) if reading.links else ()
    broken = [*text_faults(filed), *location_faults(reading.documents or (), schemes), *of_links, *broken_contract]
    of_code, of_papers = requirement_faults(reading)
    of_producer = producer_faults(reading.producer, reading.product_set) if reading.producer else ()
    known = recipient(reading.producer)
    of_place = place_faults(reading.province_code, reading.commune_code, filed_on)
    others = (*of_code, *of_producer, *of_place, *of_papers)
    place = Place(reading.province_code, reading.commune_code)
    outside = out_of_scope(scope, place) if scope else ()
    return Examination(
        dossier=None if broken else dossier,
        faults=listed(first_at_each_place=broken, others=others) if broken or others else (),
        recipient=known,
        product_name=reading.product_name,
        place=place,
        out_of_scope=outside,
    )


@dataclass(frozen=True)
class ExaminedDossier:
    """A dossier that was filed, what was found in it by itself, and what its product is known by.

    `scope` is that of who filed it, and `out_of_scope` names what of the dossier lies outside. `new` is the dossier,
    where it asks for a new product's code and nothing is wrong with it by itself; `identity` is None where it is no
    dossier. `place` has province and commune of the product that it is about, where it says so: events of one place are
    decided in their order. `seal` seals whom the answer is for. `day` is the one on which it counts as filed: that of
    an office's receipt on paper, or else of its message, where its sender's time can be believed. `reference` is what
    its record says of who filed it, as the broker has checked it; `filing` identifies it among all filings, and
    `submitted_id` is the id of the `product.submitted` that it gets where it is accepted.
    """

    event: Event
    seal: Seal
    scope: Scope
    out_of_scope: tuple[Fault, ...]
    examination: Examination
    identity: Identity | None
    new: Dossier | None
    place: str | None
    day: FilingDay
    reference: dict[str, Any]
    filing: str
    submitted_id: str

    @classmethod
    def of(
        cls,
        event: Event,
        numbers: ProducerNumbers,
        seal: Seal,
        *,
        now: datetime,
        filed_on: date | None = None,
        scope: Scope = ANONYMOUS,
        schemes: frozenset[str] = HTTPS,
        practice: Practice | None = None,
        todays_code: str | None = None,
    ) -> Self:
        """Examine the dossier of an event.

        Args:
            event: the event.
            numbers: how the register knows producers.
            seal: seals whom the answer is for.
            now: the time of its handling.
            filed_on: the day of its message, by which places are named; None: as its time says.
            scope: that of who filed it.
            schemes: what the address of a document may begin with.
            practice: how the offices read the decision.
            todays_code: that of the product whose former code the dossier gives.
        """
        # what is brought back was let in before: it gets the answer that it had, whatever the scopes are by now
        held_to = None if event.refiled_as else scope
        examination = examine(
            event.data, filed_on=filed_on or filing_day(event.time, now), schemes=schemes, scope=held_to
        )
        if examination.dossier and todays_code:
            known_as = examination.dossier.model_copy(update={"product_code": todays_code})
            examination = replace(examination, dossier=known_as)
        dossier, outside = examination.dossier, examination.out_of_scope
        practice = practice or Practice()
        at_most = timedelta(hours=practice.limits.filed_at_most_hours_ago)
        day = FilingDay(filing_day(event.time, now, at_most=at_most), practice)
        if dossier and dossier.receipt:
            of_receipt = receipt_faults(dossier, scope, day) if held_to else ()
            examination = replace(examination, faults=(*examination.faults, *of_receipt))
            day = replace(day, on=dossier.receipt.date)
        identity = identify(dossier, numbers) if dossier else None
        asks_for_code = dossier is not None and dossier.registration is RegistrationKind.FIRST
        asks_for_code = asks_for_code and dossier is not None and dossier.product_code is None
        return cls(
            event,
            seal,
            scope,
            outside,
            examination,
            identity,
            new=dossier if asks_for_code and not outside and not examination.faults else None,
            place=identity.place if identity else None,
            day=day,
            reference={**event.reference, "filed_by": event.filed_by, "filed_as": scope.role.value},
            filing=event.identity,
            submitted_id=event.answer_id(PRODUCT_SUBMITTED),
        )


def _clipped(value: Any, depth: int) -> Any:
    match value:
        case list():
            return value[:_LONGEST_LIST_READ]
        case dict() if depth:
            return {name: _clipped(entry, depth - 1) for name, entry in value.items()}
        case _:
            return value
