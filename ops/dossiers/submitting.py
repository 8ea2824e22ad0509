"""`ocop submit`: files a batch, shows how far it is, and in the end what became of each dossier."""

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from aio_pika.abc import AbstractConnection

from ops.broker_access import Access, connected
from ops.dossiers.batch import ENDED, DossierBatch
from ops.dossiers.filing import file_all, follow
from ops.dossiers.outcomes import DossierStatus
from ops.dossiers.reporting import reported
from ops.dossiers.scoring import checked
from ops.filings.following import beside, until_answered
from ops.filings.waiting import say_why_it_waits
from ops.queues.reading import read_counts
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.messaging.journal import consuming
from shared.messaging.publisher import Publisher
from shared.system import SYSTEM

#: seconds that the broker has to say that it has a dossier
_CONFIRM_SECONDS = 30
_ASKED = (
    SYSTEM["registry"].subscription(DOSSIER_FILED).queue,
    SYSTEM["evaluation"].subscription(PRODUCT_SUBMITTED).queue,
)
#: The queues that a dossier is in until it is answered: those of work, and where it waits to be looked at again.
ON_THE_WAY = (
    *_ASKED,
    *(queue.name for queue in SYSTEM.queues if queue.name.startswith(("registry.retry.", "evaluation.retry."))),
)


async def submit_files(
    access: Access,
    files: Iterable[Path],
    *,
    batch_id: UUID | None,
    wait: bool,
    patience_seconds: float,
    as_json: bool,
) -> int:
    """File dossiers and, if asked to wait, follow them to their answers. Return the exit code.

    Broken off, it still says what was filed and what was not.

    Raises:
        AccessError: the broker is away or refuses.
    """
    batch = DossierBatch(str(batch_id or uuid4()), files)
    ends = ENDED if wait else ENDED | {DossierStatus.FILED}
    with reported(batch, ends=ends, as_json=as_json) as say:
        async with connected(access, name="ocop submit") as connection:
            publisher = Publisher(access.url, service="ocop submit", timeout_seconds=_CONFIRM_SECONDS)
            try:
                if wait:
                    look = partial(read_counts, connection, ON_THE_WAY)
                    async with beside(say_why_it_waits(batch, look, say, patience_seconds=patience_seconds)):
                        await _file_and_follow(batch, publisher, connection, access, patience_seconds)
                else:
                    await file_all(batch, publisher, access, patience_seconds=None)
            finally:
                await publisher.close()
    good = DossierStatus.RATED if wait else DossierStatus.FILED
    return 0 if batch.count(good) == len(batch.filings) else 1


async def check_files(files: Iterable[Path], *, as_json: bool) -> int:
    """Print what would become of dossiers, and file none. Return the exit code: 1 where one would be turned back."""
    batch = DossierBatch("", files)
    with reported(batch, as_json=as_json):
        for filing in batch.filings:
            batch.note(filing, checked(filing.file))
            await asyncio.sleep(0)  # Ctrl-C is heard here
    return 0 if batch.count(DossierStatus.RATED) == len(batch.filings) else 1


async def _file_and_follow(
    batch: DossierBatch, publisher: Publisher, connection: AbstractConnection, access: Access, patience_seconds: float
) -> None:
    async with consuming(connection, "next") as messages, beside(follow(messages, batch)) as following:
        await file_all(batch, publisher, access, patience_seconds=patience_seconds)
        await until_answered(batch, following, patience_seconds=patience_seconds)
