"""Files a batch of dossiers, and follows it in the journal, from the moment before the first dossier is published."""

from typing import Any

from ops.broker_access import Access
from ops.dossiers.batch import SOURCE, DossierBatch, Filing
from ops.dossiers.files import UnreadableFileError, read_dossier
from ops.dossiers.outcomes import DossierStatus, Ending, ending_of
from ops.dossiers.precedence import Precedence
from ops.filings.filing import answers, file_each
from ops.language import Message
from ops.report import DossierAnswer
from shared.clock import system_clock
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.contracts.dossier import DossierRejected
from shared.contracts.event import Event
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.messaging.journal import Messages
from shared.messaging.publisher import Publisher

#: The events after which a dossier is answered; its alert may take a day.
_ANSWERS: dict[str, type[DossierAnswer]] = {
    PRODUCT_RATED.type: ProductRated,
    ASSESSMENT_REJECTED.type: AssessmentRejected,
    DOSSIER_REJECTED.type: DossierRejected,
}


async def file_all(
    batch: DossierBatch, publisher: Publisher, access: Access, *, patience_seconds: float | None
) -> None:
    """File every dossier, in order, each read just before. What cannot be read is passed over.

    One that names a product's code waits for the dossiers before it from which that code may come. It is not filed
    where nothing new comes of any dossier for as long as the patience lasts; without any, nobody follows the answers,
    and nothing is waited for.

    Raises:
        AccessError: the broker did not take one; nothing more is sent then.
    """
    await file_each(batch.filings, _Sending(batch, publisher, patience_seconds).file, access)


async def follow(messages: Messages, batch: DossierBatch) -> None:
    """Take in the answers that the journal brings, without an end."""
    async for filing, answer in answers(messages, batch, _ANSWERS):
        batch.note(filing, ending_of(answer))


class _Sending:
    """Files the dossiers of a batch, each when those before it that matter have their answers."""

    def __init__(self, batch: DossierBatch, publisher: Publisher, patience_seconds: float | None) -> None:
        self._batch = batch
        self._publisher = publisher
        self._patience_seconds = patience_seconds
        self._precedence = Precedence[Filing]()

    async def file(self, filing: Filing) -> None:
        """File a dossier, when it is its turn. Raise OutageError."""
        try:
            dossier = read_dossier(filing.file)
            if await self._is_its_turn(filing, dossier):
                await self._publish(filing, dossier)
        except UnreadableFileError as error:
            self._batch.note(filing, Ending(DossierStatus.UNREADABLE, reason=error.reason))

    async def _is_its_turn(self, filing: Filing, dossier: dict[str, Any]) -> bool:
        before = self._precedence.before(filing, dossier)
        if self._patience_seconds is None or await self._batch.until_ended(
            before, patience_seconds=self._patience_seconds
        ):
            return True
        awaited = next(each.file for each in before if not each.has_ended)
        reason = Message("waited for the answer to {file}", file=awaited)
        self._batch.note(filing, Ending(DossierStatus.NOT_FILED, reason=reason))
        return False

    async def _publish(self, filing: Filing, dossier: dict[str, Any]) -> None:
        self._batch.note(filing, Ending(DossierStatus.UNCLEAR))
        await self._publisher.announce(
            Event(id=filing.id, source=SOURCE, type=DOSSIER_FILED.type, data=dossier, time=system_clock())
        )
        self._batch.note(filing, Ending(DossierStatus.FILED))
