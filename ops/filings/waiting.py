"""Why a batch waits: said to people where no answer comes for a while, and again where the reason is another."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ops.filings.following import Followed
from ops.language import gettext as _
from ops.queues.state import QueueKind, QueueState

#: seconds without news of any dossier after which it is looked why, and between two looks
LOOK_AFTER_SECONDS = 5.0


async def say_why_it_waits(
    batch: Followed,
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
                say(said.format(how_far=batch.how_far, seconds=patience_seconds, reason=reason))
            said = reason


def reason_of(states: Sequence[QueueState]) -> str:
    """Return why no answer comes, by the queues: what is unusual of them, or else what they hold."""
    of_work = [state for state in states if state.kind is QueueKind.WORK]
    unusual = [f"{state.queue}: {state.unusual_spoken}" for state in of_work if state.unusual]
    if unusual:
        return "; ".join(unusual)
    if again := sum(state.waiting or 0 for state in states if state.kind is QueueKind.RETRY):
        return _("Looked at again in a moment, since what they name may be on its way: {number}").format(number=again)
    there = _("{number} in {queue}")
    waiting = ", ".join(there.format(number=state.waiting, queue=state.queue) for state in of_work)
    return _("Waiting: {waiting}; ocop queues shows more").format(waiting=waiting)
