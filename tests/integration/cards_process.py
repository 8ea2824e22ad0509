"""The probe with histories as a process of its own, whose clock begins at `OCOP_CARDS_AT`.

It is killed once it has put on record what says `OCOP_CARDS_DIES_ON`: before that is announced, and before the document
of now is written.
"""

import os
import signal
from dataclasses import replace
from datetime import datetime

from shared.clock import Clock, system_clock
from shared.service import Resources, run
from shared.storage import StoredDocument
from tests.integration.probe import CARDS
from tests.unit.shared.cards import Cards


def _clock_from(start: datetime) -> Clock:
    behind = start - system_clock()
    return lambda: system_clock() + behind


async def prepare(resources: Resources) -> Cards:
    """Open the cards, and listen for the end."""

    def listen(record: StoredDocument) -> None:
        if record["announced"][0]["data"]["said"] == os.environ.get("OCOP_CARDS_DIES_ON"):
            os.kill(os.getpid(), signal.SIGKILL)
        resources.on_record(record)

    return await CARDS.prepare(replace(resources, on_record=listen))


if __name__ == "__main__":
    start = datetime.fromisoformat(os.environ["OCOP_CARDS_AT"])
    run(replace(CARDS, prepare=prepare), clock=_clock_from(start))
