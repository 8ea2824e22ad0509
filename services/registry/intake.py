"""Decide: whether a dossier is acceptable by itself, whatever the register knows.

All faults are found at once:
those of the contract, and those of the rules on whatever parts of the dossier can be read.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.registry.papers import HTTPS, location_faults, requirement_faults
from services.registry.places import out_of_scope, place_faults
from services.registry.producers import producer_faults, recipient
from services.registry.reading import read
from services.registry.texts import text_faults
from shared.contracts.dossier import Dossier, Recipient
from shared.contracts.text import Fault, without_blanks
from shared.faults.contract_faults import contract_faults
from shared.faults.fault import listed
from shared.scopes import Place, Scope

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
    broken = [*text_faults(filed), *location_faults(reading.documents or (), schemes), *broken_contract]
    of_code, of_papers = requirement_faults(reading)
    of_producer = producer_faults(reading.producer, reading.product_set) if reading.producer else ()
    known = recipient(reading.producer)
    of_place = place_faults(reading.province_code, reading.commune_code, filed_on)
    place = Place(reading.province_code, reading.commune_code)
    outside = out_of_scope(scope, place) if scope else ()
    return Examination(
        dossier=None if broken else dossier,
        faults=listed(first_at_each_place=broken, others=(*of_code, *of_producer, *of_place, *of_papers)),
        recipient=known,
        product_name=reading.product_name,
        place=place,
        out_of_scope=outside,
    )


def _clipped(value: Any, depth: int) -> Any:
    match value:
        case list():
            return value[:_LONGEST_LIST_READ]
        case dict() if depth:
            return {name: _clipped(entry, depth - 1) for name, entry in value.items()}
        case _:
            return value
