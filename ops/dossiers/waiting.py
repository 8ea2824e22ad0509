"""Why a batch waits: said to people where no answer comes for a while, and again where the reason is another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ops.dossiers.batch import ENDED, Batch
from ops.dossiers.outcomes import DossierStatus
from ops.language import gettext as _
from ops.queues.state import QueueState
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.system import SYSTEM

#: seconds without news of any dossier after which it is looked why, and between two looks
LOOK_AFTER_SECONDS = 5.0
#: The queues that a dossier is in until it is answered.
ON_THE_WAY = (
    SYSTEM["registry"].subscription(DOSSIER_FILED).queue,
    SYSTEM["evaluation"].subscription(PRODUCT_SUBMITTED).queue,
)


async def say_why_it_waits(
    batch: Batch,
    look: Callable[[], Awaitable[Sequence[QueueState]]],
    say: Callable[[str], None],
    *,
    patience_seconds: float,
    look_after_seconds: float = LOOK_AFTER_SECONDS,
) -> None:
    """Say how far a batch is and why it waits, without an end. `look` gives the state of the queues on the way."""
    said = ""
    while True:
        try:
            async with asyncio.timeout(look_after_seconds):
                await batch.anything_new()
            said = ""
        except TimeoutError:
            reason = reason_of(await look()) if batch.waits else ""
            if reason and reason != said:
                said = _("{how_far}; it waits {seconds:g} s for the next answer. {reason}")
                say(said.format(how_far=_how_far(batch), seconds=patience_seconds, reason=reason))
            said = reason


def reason_of(states: Sequence[QueueState]) -> str:
    """Return why no answer comes, by the queues: what is unusual of them, or else what they hold."""
    unusual = [f"{state.queue}: {state.unusual_spoken}" for state in states if state.unusual]
    there = _("{number} in {queue}")
    waiting = ", ".join(there.format(number=state.waiting, queue=state.queue) for state in states)
    return "; ".join(unusual) or _("Waiting: {waiting}; ocop queues shows more").format(waiting=waiting)


def _how_far(batch: Batch) -> str:
    """Return how many of a batch were filed, and answered."""
    all_, not_filed = len(batch.filings), batch.count(DossierStatus.NOT_FILED, DossierStatus.UNCLEAR)
    said = _("{filed} of {all} filed, {answered} answered")
    return said.format(filed=all_ - not_filed, all=all_, answered=batch.count(*ENDED))
