"""What came before something that its answer depends on: it comes again a little later, and at last is answered."""

from collections.abc import Awaitable, Callable

from shared.handling.outcome import Decision, Outcome, Provisional, Retry
from shared.handling.steps import Decide


class TooEarlyError(Exception):
    """What an answer depends on may still be on its way: `provisional` says what."""

    def __init__(self, provisional: Provisional) -> None:
        super().__init__(provisional.reason)
        self.provisional = provisional


async def unless_early(take: Callable[[Decide], Awaitable[Outcome]], decide: Decide) -> Outcome:
    """Take the steps, but for an answer that something on its way may change: that is given at the last attempt."""

    async def decided_for_good(conflicts: int) -> Decision:
        decision = await decide(conflicts)
        if decision.provisional:
            raise TooEarlyError(decision.provisional)
        return decision

    async def at_last() -> Outcome:
        return await take(decide)

    try:
        return await take(decided_for_good)
    except TooEarlyError as error:
        return Retry("too-early", str(error), last_resort=at_last, early=True, delays=error.provisional.delays)
