"""`ocop import`: files the rows of a sheet, shows how far it is, and in the end what became of each."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ops.broker_access import Access, connected
from ops.filings.following import beside, until_answered
from ops.filings.waiting import say_why_it_waits
from ops.importing.batch import ImportBatch
from ops.importing.filing import file_all, follow
from ops.importing.outcomes import GOOD
from ops.importing.reporting import print_batch, reported
from ops.importing.results import Result
from ops.queues.reading import read_counts
from shared.contracts.catalogue import CERTIFICATE_IMPORTED
from shared.messaging.journal import consuming
from shared.messaging.publisher import Publisher
from shared.system import SYSTEM

#: seconds that the broker has to say that it has a certificate
_CONFIRM_SECONDS = 30
#: The queue that a certificate is in until it is answered.
ON_THE_WAY = (SYSTEM["registry"].subscription(CERTIFICATE_IMPORTED).queue,)


async def import_rows(
    batch: ImportBatch,
    path: Path,
    headers: Mapping[str, str],
    *,
    integration: Access,
    operator: Access,
    patience_seconds: float,
    as_json: bool,
) -> int:
    """File rows as an integration, and follow them to their answers. Return the exit code.

    Broken off, it still says what was filed and what was not, and the result has what was answered.

    Raises:
        AccessError: the broker is away or refuses.
        OSError: the result cannot be written.
    """
    try:
        with Result(path, batch) as result, reported(batch, result, as_json=as_json) as say:
            async with connected(operator, name="ocop import") as connection:
                publisher = Publisher(integration.url, service="ocop import", timeout_seconds=_CONFIRM_SECONDS)
                look = partial(read_counts, connection, ON_THE_WAY)
                try:
                    async with (
                        beside(say_why_it_waits(batch, look, say, patience_seconds=patience_seconds)),
                        consuming(connection, "next") as messages,
                        beside(follow(messages, batch, headers)) as following,
                    ):
                        await file_all(batch, publisher, integration)
                        await until_answered(batch, following, patience_seconds=patience_seconds)
                finally:
                    await publisher.close()
    finally:
        print_batch(batch, path, as_json=as_json)
    return 0 if batch.count(*GOOD) == len(batch.filings) else 1


def check_rows(batch: ImportBatch, path: Path, *, as_json: bool) -> int:
    """Write and print what would become of rows, and file none. Return the exit code. Raise OSError."""
    with Result(path, batch):
        batch.take_for_sound()
    print_batch(batch, path, as_json=as_json)
    return 0 if batch.count(*GOOD) == len(batch.filings) else 1
