"""A batch: the dossiers that one command files, each under an id of its own, and how far each came."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.dossiers.outcomes import DossierStatus, Ending
from ops.filings.batch import Batch
from shared.contracts.event import derived_id

#: The CloudEvents source of what the command files.
SOURCE = "/ocop/submit"
#: Outcomes after which nothing more is to come.
ENDED = frozenset(
    {DossierStatus.UNREADABLE, DossierStatus.RATED, DossierStatus.DOSSIER_REJECTED, DossierStatus.ASSESSMENT_REJECTED}
)
_NOT_FILED = Ending(DossierStatus.NOT_FILED)


@dataclass(eq=False)
class Filing:
    """One dossier: the file it is in, the id it is filed under, and what is known of it."""

    file: Path
    id: str
    ending: Ending = _NOT_FILED

    @property
    def has_ended(self) -> bool:
        """Return whether its answer is known, or there is none to come."""
        return self.ending.outcome in ENDED


class DossierBatch(Batch[Filing, Ending]):
    """The dossiers of one command. The ids follow from the batch's own and the files' names, so they can be repeated.

    A batch without an id files nothing.
    """

    FILED = DossierStatus.FILED
    UNFILED = (DossierStatus.NOT_FILED, DossierStatus.UNCLEAR)
    ANSWERED = ENDED

    def __init__(self, id: str, files: Iterable[Path]) -> None:
        filings = [Filing(file, derived_id(id, str(file))) for file in files]
        super().__init__(id, filings, filed=filings)

    async def until_ended(self, filings: Sequence[Filing], *, patience_seconds: float) -> bool:
        """Wait until these have their answers. Return False where for so long nothing new comes of any dossier."""
        while not all(filing.has_ended for filing in filings):
            try:
                async with asyncio.timeout(patience_seconds):
                    await self.anything_new()
            except TimeoutError:
                return False
        return True
