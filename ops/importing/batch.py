"""A batch of rows: what is filed of each, under an id of its own, and how far each came."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ops.filings.batch import Batch
from ops.importing.outcomes import ENDED, RowStatus
from ops.importing.rows import CellFault, ReadRow
from services.registry.identity import is_former
from shared.contracts.catalogue import CERTIFICATE_IMPORTED
from shared.contracts.event import Event, derived_id

#: The CloudEvents source of what the command files.
SOURCE = "/ocop/import"


@dataclass(frozen=True)
class RowEnding:
    """What is known of a row: the product's code where the register said it, and all that is wrong."""

    outcome: RowStatus
    product_code: str = ""
    faults: tuple[CellFault, ...] = ()
    same_as: int | None = None


@dataclass(eq=False)
class RowFiling:
    """One row: what it says, the id it is filed under, and what is known of it."""

    row: ReadRow
    id: str
    ending: RowEnding

    @property
    def has_ended(self) -> bool:
        """Return whether its answer is known, or there is none to come."""
        return self.ending.outcome in ENDED


class ImportBatch(Batch[RowFiling, RowEnding]):
    """The rows of a file. Their ids follow from the batch's and what they say, so they can be repeated.

    A row keeps its id where others are inserted above it; one that is put right is another. `known` is how rows ended
    that an earlier run of the same batch has filed.
    """

    FILED = RowStatus.FILED
    UNFILED = (RowStatus.NOT_FILED, RowStatus.UNCLEAR)
    ANSWERED = (RowStatus.IMPORTED, RowStatus.IN_REGISTER, RowStatus.REJECTED)

    def __init__(self, id: str, rows: Iterable[ReadRow], known: Mapping[str, RowEnding] | None = None) -> None:
        first: dict[str, RowFiling] = {}
        super().__init__(id, [_filing(id, row, first, known or {}) for row in rows], filed=first.values())

    @property
    def to_file(self) -> list[RowFiling]:
        """What is to be filed, in the order in which the register has to see it.

        Of a product the older certificate first; of a year codes of today's form before those that get a number then.
        """
        return sorted((each for each in self._by_id.values() if not each.has_ended), key=_order)

    def take_for_sound(self) -> None:
        """Note of each row that would be filed that nothing is wrong with it: the register is not asked."""
        for filing in self.to_file:
            self.note(filing, RowEnding(RowStatus.SOUND))


def _filing(batch: str, row: ReadRow, first: dict[str, RowFiling], known: Mapping[str, RowEnding]) -> RowFiling:
    """Return what is filed of a row; `first` are those before it by their ids, to which it is added."""
    event = Event("", SOURCE, CERTIFICATE_IMPORTED.type, dict(row.data))
    filing = RowFiling(row, derived_id(batch, event.digest), RowEnding(RowStatus.NOT_FILED))
    if row.faults:
        filing.ending = RowEnding(RowStatus.FAULTY, faults=row.faults)
    elif same := first.get(filing.id):
        filing.ending = RowEnding(RowStatus.REPEATED, same_as=same.row.number)
    else:
        first[filing.id] = filing
        filing.ending = known.get(filing.id, filing.ending)
    return filing


def _order(filing: RowFiling) -> tuple[str, bool, str, int]:
    decided = filing.row.data["certificate"]["decision"]["date"]
    return decided[:4], is_former(filing.row.data["product_code"]), decided, filing.row.number
