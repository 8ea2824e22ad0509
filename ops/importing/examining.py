"""What the registry would find wrong with a row by itself, by its own code, before anything is filed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ops.importing.columns import column_of, columns
from ops.importing.rows import CellFault, ReadRow, spoken
from services.registry.identity import ProducerNumbers
from services.registry.imports import ExaminedImport
from services.registry.producers import producer_faults
from services.registry.reading import read
from services.registry.texts import text_faults
from shared.contracts.catalogue import CERTIFICATE_IMPORTED
from shared.contracts.certificates import CertificateImported
from shared.contracts.event import Event
from shared.contracts.text import Fault, without_blanks
from shared.scopes import Scope

#: Nothing that is found in this way is kept: any key does.
_NUMBERS = ProducerNumbers(b"")
#: Where a value is read from in a sheet that has no column for it.
_INSTEAD = {"decision_date": "decision", "commune": "address"}


def examined(row: ReadRow, scope: Scope, headers: Mapping[str, str], today: date) -> ReadRow:
    """Return a row with what the registry finds wrong, in columns in which nothing was wrong yet."""
    event = Event("", "", CERTIFICATE_IMPORTED.type, dict(row.data))
    found = ExaminedImport.of(event, scope, numbers=_NUMBERS, seal=lambda _recipient: "", today=today)
    faults = found.faults if found.content or not found.filing.breaks_contract else _more(found.faults, event.data)
    wrong = _answered_for({fault.column for fault in row.faults})
    more = [each for each in (in_cell(fault, row, headers) for fault in faults) if each.column not in wrong]
    return replace(row, faults=(*row.faults, *dict.fromkeys(more)))


def _answered_for(wrong: set[str]) -> set[str]:
    """Return the columns whose faults follow from those of these."""
    found = set(wrong)
    if wrong & {"commune", "address"}:
        found |= {"commune", "province"}
    if wrong & {"decision", "decision_date"}:
        found |= {"decision_date", "last_day"}
    return found


def in_cell(fault: Fault, row: ReadRow, headers: Mapping[str, str]) -> CellFault:
    """Return a fault of the data as one of the cell that it comes from."""
    column = column_of(fault.pointer)
    if column and column.name not in row.cells and _INSTEAD.get(column.name, "") in row.cells:
        column = columns()[_INSTEAD[column.name]]
    if column is None:
        return CellFault("", "", "", spoken(fault.message))
    header = headers.get(column.name, column.title)
    return CellFault(column.name, header, row.cells.get(column.name, ""), spoken(fault.message))


def _more(faults: tuple[Fault, ...], data: dict[str, Any]) -> tuple[Fault, ...]:
    """Return the faults of the contract, and what is wrong besides with what can be read."""
    filed = without_blanks(CertificateImported, data)
    reading, there = read(filed), {each.pointer for each in faults}
    others = text_faults(filed)
    if reading.producer:
        others += producer_faults(reading.producer, reading.product_set)
    return (*faults, *(each for each in others if each.pointer not in there))
