"""A batch: the dossiers that one command files, each under an id of its own, and how far each came."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.dossiers.outcomes import DossierStatus, Ending
from ops.language import gettext as _
from shared.contracts.event import derived_id

#: The CloudEvents source of what the command files.
SOURCE = "/ocop/submit"
#: Outcomes after which nothing more is to come.
ENDED = frozenset(
    {DossierStatus.UNREADABLE, DossierStatus.RATED, DossierStatus.DOSSIER_REJECTED, DossierStatus.ASSESSMENT_REJECTED}
)
_NOT_FILED = Ending(DossierStatus.NOT_FILED)


@dataclass
class Filing:
    """One dossier: the file it is in, the id it is filed under, and what is known of it."""

    file: Path
    id: str
    ending: Ending = _NOT_FILED

    @property
    def has_ended(self) -> bool:
        """Return whether its answer is known, or there is none to come."""
        return self.ending.outcome in ENDED


class Batch:
    """The dossiers of one command. The ids follow from the batch's own and the files' names, so they can be repeated.

    `on_news` is called with each dossier of which something new is known. A batch without an id files nothing.
    """

    def __init__(self, id: str, files: Iterable[Path]) -> None:
        self.id = id
        self.filings = [Filing(file, derived_id(id, str(file))) for file in files]
        self._news = asyncio.Event()
        self.on_news: Callable[[Filing], None] = lambda _filing: None
        self._by_id = {filing.id: filing for filing in self.filings}
        self._counts = Counter(filing.ending.outcome for filing in self.filings)

    def of_id(self, id: str | None) -> Filing | None:
        """Return the dossier that is filed under an id, None where it is not of this batch."""
        return self._by_id.get(id or "")

    def note(self, filing: Filing, ending: Ending) -> None:
        """Take in what is now known of a dossier. An answer stands, whatever comes after it."""
        if filing.has_ended:
            return
        self._counts[filing.ending.outcome] -= 1
        self._counts[ending.outcome] += 1
        filing.ending = ending
        self.on_news(filing)
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def anything_new(self) -> None:
        """Wait until something new is known of a dossier."""
        await self._news.wait()

    async def until_ended(self, filings: Sequence[Filing], *, patience_seconds: float) -> bool:
        """Wait until these have their answers. Return False where for so long nothing new comes of any dossier."""
        while not all(filing.has_ended for filing in filings):
            try:
                async with asyncio.timeout(patience_seconds):
                    await self.anything_new()
            except TimeoutError:
                return False
        return True

    @property
    def waits(self) -> bool:
        """Return whether an answer is still to come."""
        return self.count(DossierStatus.FILED) > 0

    @property
    def how_far(self) -> str:
        """How many were filed, and answered, in words."""
        all_, not_filed = len(self.filings), self.count(DossierStatus.NOT_FILED, DossierStatus.UNCLEAR)
        said = _("{filed} of {all} filed, {answered} answered")
        return said.format(filed=all_ - not_filed, all=all_, answered=self.count(*ENDED))

    def count(self, *outcomes: DossierStatus) -> int:
        """Count the dossiers that came so far."""
        return sum(self._counts[outcome] for outcome in outcomes)
