"""A batch of rows: what is filed of each, under an id of its own, and how far each came."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ops.importing.outcomes import ENDED, RowStatus
from ops.importing.rows import CellFault, ReadRow
from ops.language import gettext as _
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


@dataclass
class RowFiling:
    """One row: what it says, the id it is filed under, and what is known of it."""

    row: ReadRow
    id: str
    ending: RowEnding

    @property
    def has_ended(self) -> bool:
        """Return whether its answer is known, or there is none to come."""
        return self.ending.outcome in ENDED


class ImportBatch:
    """The rows of a file. Their ids follow from the batch's and what they say, so they can be repeated.

    A row keeps its id where others are inserted above it; one that is put right is another. `known` is how rows ended
    that an earlier run of the same batch has filed.
    """

    def __init__(self, id: str, rows: Iterable[ReadRow], known: Mapping[str, RowEnding] | None = None) -> None:
        self.id = id
        self.filings: list[RowFiling] = []
        self.on_news: Callable[[RowFiling], None] = lambda _filing: None
        self._by_id: dict[str, RowFiling] = {}
        self._news = asyncio.Event()
        for row in rows:
            self._add(row, known or {})
        self._counts = Counter(filing.ending.outcome for filing in self.filings)

    def _add(self, row: ReadRow, known: Mapping[str, RowEnding]) -> None:
        event = Event("", SOURCE, CERTIFICATE_IMPORTED.type, dict(row.data))
        filing = RowFiling(row, derived_id(self.id, event.digest), RowEnding(RowStatus.NOT_FILED))
        if row.faults:
            filing.ending = RowEnding(RowStatus.FAULTY, faults=row.faults)
        elif same := self._by_id.get(filing.id):
            filing.ending = RowEnding(RowStatus.REPEATED, same_as=same.row.number)
        else:
            self._by_id[filing.id] = filing
            filing.ending = known.get(filing.id, filing.ending)
        self.filings.append(filing)

    @property
    def to_file(self) -> list[RowFiling]:
        """What is to be filed, in the order in which the register has to see it.

        Of a product the older certificate first; of a year codes of today's form before those that get a number then.
        """
        return sorted((each for each in self._by_id.values() if not each.has_ended), key=_order)

    def of_id(self, id: str | None) -> RowFiling | None:
        """Return the row that is filed under an id, None where it is not of this batch."""
        return self._by_id.get(id or "")

    def note(self, filing: RowFiling, ending: RowEnding) -> None:
        """Take in what is now known of a row. An answer stands, whatever comes after it."""
        if filing.has_ended:
            return
        self._counts[filing.ending.outcome] -= 1
        self._counts[ending.outcome] += 1
        filing.ending = ending
        self.on_news(filing)
        news, self._news = self._news, asyncio.Event()
        news.set()

    def take_for_sound(self) -> None:
        """Note of each row that would be filed that nothing is wrong with it: the register is not asked."""
        for filing in self.to_file:
            self.note(filing, RowEnding(RowStatus.SOUND))

    async def anything_new(self) -> None:
        """Wait until something new is known of a row."""
        await self._news.wait()

    @property
    def waits(self) -> bool:
        """Return whether an answer is still to come."""
        return self.count(RowStatus.FILED) > 0

    @property
    def how_far(self) -> str:
        """How many were filed, and answered, in words."""
        all_, not_filed = len(self._by_id), self.count(RowStatus.NOT_FILED, RowStatus.UNCLEAR)
        answered = self.count(RowStatus.IMPORTED, RowStatus.IN_REGISTER, RowStatus.REJECTED)
        said = _("{filed} of {all} filed, {answered} answered")
        return said.format(filed=all_ - not_filed, all=all_, answered=answered)

    def count(self, *outcomes: RowStatus) -> int:
        """Count the rows that came so far."""
        return sum(self._counts[outcome] for outcome in outcomes)


def _order(filing: RowFiling) -> tuple[str, bool, str, int]:
    decided = filing.row.data["certificate"]["decision"]["date"]
    return decided[:4], is_former(filing.row.data["product_code"]), decided, filing.row.number
