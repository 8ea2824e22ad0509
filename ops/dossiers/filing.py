"""Files a batch, many dossiers in flight at a time, and follows it in the journal.

The outcome comes from the journal, the stream of all events, which is read from the moment before the first dossier is
published and takes nothing away from anybody. An integration's own queue would bring the same events, and each event
only once: what `ocop` took, the integration's program would wait for in vain (docs/decisions/0011).
"""

import asyncio
from contextlib import suppress

from aiormq.exceptions import ChannelAccessRefused

from ops.broker_access import Access, AccessError
from ops.dossiers.batch import SOURCE, Batch, Filing
from ops.dossiers.files import UnreadableFileError, read_dossier
from ops.dossiers.outcomes import Ending, Outcome, ending_of
from ops.history.stream import Messages
from ops.report import Answer
from shared.clock import system_clock
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, DOSSIER_REJECTED, EVENTS, PRODUCT_RATED
from shared.contracts.dossier import DossierRejected
from shared.contracts.envelope import Event, UnreadableError, contents, read
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.errors import OutageError
from shared.messaging.publisher import MAX_IN_FLIGHT, Publisher

#: The events that end a dossier's story here; its alert may take a day.
_ANSWERS: dict[str, type[Answer]] = {
    PRODUCT_RATED.type: ProductRated,
    ASSESSMENT_REJECTED.type: AssessmentRejected,
    DOSSIER_REJECTED.type: DossierRejected,
}


async def file_all(batch: Batch, publisher: Publisher, access: Access) -> None:
    """File every dossier, in order, each read just before. What cannot be read is passed over.

    Raises:
        AccessError: the broker did not take one; nothing more is sent then.
    """
    in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
    reason: OutageError | None = None
    try:
        async with asyncio.TaskGroup() as sending:
            for filing in batch.filings:
                await in_flight.acquire()
                sending.create_task(_file(filing, batch, publisher, in_flight))
    except* OutageError as failed:
        reason = next(error for error in failed.exceptions if isinstance(error, OutageError))
    if reason:
        raise AccessError(_in_words(reason, access)) from reason


async def follow(messages: Messages, batch: Batch) -> None:
    """Take in the answers that the journal brings, without an end."""
    async for message in messages:
        model = _ANSWERS.get(message.type or "")
        filing = batch.of_id(message.correlation_id)
        if filing and model and message.exchange == EVENTS:
            with suppress(UnreadableError):  # of a later version of the services: then it counts as not answered
                event = read(message.headers, message.content_type, message.body)
                batch.note(filing, ending_of(contents(event, model)))


async def until_answered(batch: Batch, following: asyncio.Task[None], *, patience_seconds: float) -> None:
    """Wait until each dossier that was filed has its answer, or none has come for so long.

    Raises:
        Exception: whatever ended the following.
    """
    while batch.waits:
        batch.news.clear()
        news = asyncio.ensure_future(batch.news.wait())
        try:
            done, _ = await asyncio.wait(
                {news, following}, timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            news.cancel()
        if following in done:
            following.result()
        if not done:
            return


async def _file(filing: Filing, batch: Batch, publisher: Publisher, in_flight: asyncio.Semaphore) -> None:
    try:
        dossier = read_dossier(filing.file)
        batch.note(filing, Ending(Outcome.UNCLEAR))
        await publisher.announce(
            Event(id=filing.id, source=SOURCE, type=DOSSIER_FILED.type, data=dossier, time=system_clock())
        )
        batch.note(filing, Ending(Outcome.FILED))
    except UnreadableFileError as error:
        batch.note(filing, Ending(Outcome.UNREADABLE, reason=str(error)))
    finally:
        in_flight.release()


def _in_words(error: OutageError, access: Access) -> str:
    if isinstance(error.__cause__, ChannelAccessRefused):
        return f"the user {access.user} may not file: is the broker up to date? ocop access apply brings the rights"
    return f"the broker {access.place} has not taken all of it: {error}"
