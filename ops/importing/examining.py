"""What the registry would find wrong with a row by itself, by its own code, before anything is filed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from ops.importing.columns import Column, column_of, columns
from ops.importing.rows import CellFault, ReadRow, spoken
from services.registry.identity import ProducerNumbers
from services.registry.imports import ExaminedImport
from shared.contracts.catalogue import CERTIFICATE_IMPORTED
from shared.contracts.event import Event
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.scopes import Scope

#: Nothing that is found in this way is kept: any key does.
_NUMBERS = ProducerNumbers(b"")
#: Where a value is read from in a sheet that has no column for it.
_INSTEAD = {"decision_date": "decision", "province": "commune", "commune": "address"}
_AUTHORITY = "/certificate/authority"
#: What stands in for what is missing, to see what is wrong besides.
_SOUND: Mapping[str, Any] = {
    "product_code": "01-269-09574-1-2024",
    "product": {"name": "Bánh tẻ", "product_set": 6, "province_code": "01", "commune_code": "09574"},
    "producer": {"name": "Hợp tác xã Bánh tẻ", "kind": "cooperative", "tax_code": "0109990002"},
    "certificate": {
        "number": "1",
        "stars": 3,
        "authority": "province",
        "decision": {"number": "1/QĐ-UBND", "date": "2024-03-12"},
        "last_day": "2027-03-12",
    },
}


def examined(row: ReadRow, scope: Scope, headers: Mapping[str, str], today: date) -> ReadRow:
    """Return a row with what the registry finds wrong, in columns in which nothing was wrong yet."""
    faults = _found(dict(row.data), scope, today)
    wrong = _answered_for({fault.column for fault in row.faults})
    more = [each for each in (in_cell(fault, row, headers) for fault in faults) if each.column not in wrong]
    return replace(row, faults=(*row.faults, *dict.fromkeys(more)))


def _found(data: dict[str, Any], scope: Scope, today: date) -> tuple[Fault, ...]:
    """Return the faults of the data; where the contract is broken, also those that would show once it is not."""
    found = _examined(data, scope, today)
    if not found.filing.breaks_contract:
        return found.faults
    broken = tuple(each for each in found.faults if each.pointer != _AUTHORITY)  # follows from the stars
    mended = data
    for each in found.faults:
        mended = _mended(mended, _SOUND, each.pointer.split("/")[1:])
    follow = _answered_for({column.name for each in broken if (column := _column_of(each))})
    others = _examined(mended, scope, today).faults
    return (*broken, *(each for each in others if not (column := _column_of(each)) or column.name not in follow))


def _examined(data: dict[str, Any], scope: Scope, today: date) -> ExaminedImport:
    event = Event("", "", CERTIFICATE_IMPORTED.type, data)
    return ExaminedImport.of(event, scope, numbers=_NUMBERS, seal=lambda _recipient: "", today=today)


def _mended(data: Any, sound: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """Return data with what is sound at one place of it; nothing where nothing has to be there."""
    first, *below = path
    within = data if isinstance(data, dict) else {}
    if below and isinstance(sound.get(first), Mapping):
        return within | {first: _mended(within.get(first), sound[first], below)}
    return {name: each for name, each in (within | {first: sound.get(first)}).items() if each is not None}


def _answered_for(wrong: set[str]) -> set[str]:
    """Return the columns whose faults follow from those of these."""
    found = set(wrong)
    if wrong & {"province", "district", "commune", "address"}:
        found |= {"commune", "province"}
    if wrong & {"decision", "decision_date"}:
        found |= {"decision_date", "last_day"}
    return found


def in_cell(fault: Fault, row: ReadRow, headers: Mapping[str, str]) -> CellFault:
    """Return a fault of the data as one of the cell that it comes from."""
    column = _column_of(fault)
    if column is None:
        return CellFault("", "", "", spoken(fault.message))
    name = column.name
    while not row.cells.get(name) and (instead := _INSTEAD.get(name)) in row.cells:
        name = str(instead)
    return CellFault(name, headers.get(name, columns()[name].title), row.cells.get(name, ""), spoken(fault.message))


def _column_of(fault: Fault) -> Column | None:
    """Return the column whose cell a fault is about: for whom nobody may file lies in another province."""
    return columns()["province"] if fault.code == DossierFault.OUT_OF_SCOPE else column_of(fault.pointer)
