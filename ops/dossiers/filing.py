"""Files a batch, many dossiers in flight at a time, and follows it in the journal.

The outcome comes from the journal, the stream of all events, which is read from the moment before the first dossier is
published and takes nothing away from anybody. An integration's own queue would bring the same events, and each event
only once: what `ocop` took, the integration's program would wait for in vain (docs/decisions/0011).
"""

import asyncio
from contextlib import suppress
from typing import Any

from ops.broker_access import Access, AccessError
from ops.dossiers.batch import SOURCE, Batch, Filing
from ops.dossiers.files import UnreadableFileError, read_dossier
from ops.dossiers.following import not_taken
from ops.dossiers.outcomes import DossierStatus, Ending, ending_of
from ops.dossiers.precedence import Precedence
from ops.language import Message
from ops.report import DossierAnswer
from shared.clock import system_clock
from shared.contracts.catalogue import ASSESSMENT_REJECTED, BY_TYPE, DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.contracts.dossier import DossierRejected
from shared.contracts.envelope import read
from shared.contracts.event import Event, UnreadableError, contents
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.errors import OutageError
from shared.messaging.connection import MAX_IN_FLIGHT
from shared.messaging.journal import Messages
from shared.messaging.publisher import Publisher
from shared.system import SYSTEM

#: The events after which a dossier is answered; its alert may take a day.
_ANSWERS: dict[str, type[DossierAnswer]] = {
    PRODUCT_RATED.type: ProductRated,
    ASSESSMENT_REJECTED.type: AssessmentRejected,
    DOSSIER_REJECTED.type: DossierRejected,
}


async def file_all(batch: Batch, publisher: Publisher, access: Access, *, patience_seconds: float | None) -> None:
    """File every dossier, in order, each read just before. What cannot be read is passed over.

    One that names a product's code waits for the dossiers before it from which that code may come. It is not filed
    where nothing new comes of any dossier for as long as the patience lasts; without any, nobody follows the answers,
    and nothing is waited for.

    Raises:
        AccessError: the broker did not take one; nothing more is sent then.
    """
    sending = _Sending(batch, publisher, patience_seconds)
    reason: OutageError | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            for filing in batch.filings:
                await sending.in_flight.acquire()
                tasks.create_task(sending.file(filing))  # each begins after the one before it
    except* OutageError as failed:
        reason = next(error for error in failed.exceptions if isinstance(error, OutageError))
    if reason:
        raise AccessError(not_taken(reason, access)) from reason


async def follow(messages: Messages, batch: Batch) -> None:
    """Take in the answers that the journal brings, without an end."""
    async for message in messages:
        model = _ANSWERS.get(message.type or "")
        filing = batch.of_id(message.correlation_id)
        if filing and model and message.user_id in SYSTEM.announcers(BY_TYPE[message.type or ""]):
            with suppress(UnreadableError):  # of a later version of the services: then it counts as not answered
                event = read(message.headers, message.content_type, message.body)
                batch.note(filing, ending_of(contents(event, model)))


class _Sending:
    """Files the dossiers of a batch, so many at a time, each when those before it that matter have their answers."""

    def __init__(self, batch: Batch, publisher: Publisher, patience_seconds: float | None) -> None:
        self.in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._batch = batch
        self._publisher = publisher
        self._patience_seconds = patience_seconds
        self._precedence = Precedence[Filing]()

    async def file(self, filing: Filing) -> None:
        """File a dossier, and leave its place among those in flight. Raise OutageError."""
        try:
            dossier = read_dossier(filing.file)
            if await self._is_its_turn(filing, dossier):
                await self._publish(filing, dossier)
        except UnreadableFileError as error:
            self._batch.note(filing, Ending(DossierStatus.UNREADABLE, reason=error.reason))
        finally:
            self.in_flight.release()

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
