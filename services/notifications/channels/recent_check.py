"""A check that is said again for a moment: whoever asks often makes the server at the other end no work."""

import asyncio
from collections.abc import Awaitable, Callable

from services.notifications.channels import ChannelCheck

#: seconds; how long what a check found is said again
AGAIN_SECONDS = 5.0


class RecentCheck:
    """Checks once, however many ask at the same time, and says what was found for a moment.

    Args:
        check: finds out how the channel is now.
    """

    def __init__(self, check: Callable[[], Awaitable[ChannelCheck]]) -> None:
        self._check = check
        self._checking = asyncio.Lock()
        self._checked: tuple[float, ChannelCheck] | None = None

    async def result(self) -> ChannelCheck:
        """Return how the channel is, as of now or of a moment ago."""
        async with self._checking:
            now = asyncio.get_running_loop().time()
            if self._checked is None or now - self._checked[0] >= AGAIN_SECONDS:
                self._checked = now, await self._check()
            return self._checked[1]
