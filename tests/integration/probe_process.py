"""The probe as a process of its own: `OCOP_PROBE_SECONDS` is how long each event takes, after a word from the database.

The event with the id `OCOP_PROBE_DIES_ON` ends the process at once, as a crash would; after `OCOP_PROBE_SUSPECTS_AFTER`
such ends it is cautious.
"""

import asyncio
import os

from shared.contracts.event import Event
from shared.handling import poison_messages
from shared.handling.outcome import Answered, Outcome
from shared.service import Resources, run
from tests.integration.probe import probe_app


async def handle(resources: Resources, event: Event) -> Outcome:
    if event.id == os.environ.get("OCOP_PROBE_DIES_ON"):
        os._exit(1)
    await resources.database.ping()
    await asyncio.sleep(float(os.environ.get("OCOP_PROBE_SECONDS", "0")))
    return Answered()


if __name__ == "__main__":
    poison_messages.SUSPECT_AFTER = int(os.environ.get("OCOP_PROBE_SUSPECTS_AFTER", poison_messages.SUSPECT_AFTER))
    run(probe_app(handle))
