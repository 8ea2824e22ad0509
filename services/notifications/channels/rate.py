"""A limit to how many deliveries a channel is given in a time, as providers ask for."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import get_args

from services.notifications.channels import Channel, ChannelCheck, DeliveryResult, Unavailable
from services.notifications.delivery import Delivery
from shared.contracts.alert import ChannelName

#: seconds; a delivery waits here no longer for its turn: its message is the broker's, which waits better
LONGEST_WAIT = 10.0
_RATE = re.compile(r"([1-9]\d{0,5})/(s|min|h)")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_LIMITED = tuple(name for name in get_args(ChannelName) if name != "log")


class RateLimited:
    """A channel that is given deliveries at an even distance, one after the other as they come.

    Args:
        channel: is given them.
        every_seconds: the distance.
        now: seconds of a clock that only goes on; the event loop's where none is given.
        sleep: waits.
    """

    def __init__(
        self,
        channel: Channel,
        every_seconds: float,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._channel = channel
        self._every_seconds = every_seconds
        self._now = now
        self._sleep = sleep
        self._free_at = 0.0

    @property
    def name(self) -> ChannelName:
        """The channel's name."""
        return self._channel.name

    async def check(self) -> ChannelCheck:
        """Return how the channel is."""
        return await self._channel.check()

    async def close(self) -> None:
        """Close the channel's connections."""
        await self._channel.close()

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        """Hand a delivery over in its turn; where that is too far off, it is to come again."""
        now = self._now() if self._now else asyncio.get_running_loop().time()
        turn = max(now, self._free_at)
        if turn - now > LONGEST_WAIT:
            return Unavailable("rate-limit", retry_after=turn - now, asked=False)
        self._free_at = turn + self._every_seconds
        if turn > now:
            await self._sleep(turn - now)
        return await self._channel.deliver(delivery)


def distances(written: str) -> Mapping[ChannelName, float]:
    """Return the seconds between two deliveries by channel, of `email=10/s,sms=60/min`. Raise ValueError."""
    found: dict[ChannelName, float] = {}
    for each in filter(None, map(str.strip, written.split(","))):
        name, _, rate = each.partition("=")
        match = _RATE.fullmatch(rate)
        known = next((channel for channel in _LIMITED if channel == name), None)
        if match is None or known is None or known in found:
            raise ValueError(f"must be as email=10/s,sms=60/min,zalo=6000/h; channels: {', '.join(_LIMITED)}")
        found[known] = _SECONDS[match[2]] / int(match[1])
    return found
