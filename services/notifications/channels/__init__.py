"""How an alert reaches the producer: one file a channel, and what every channel promises."""

from dataclasses import dataclass
from typing import Protocol

from services.notifications.delivery import Delivery
from shared.contracts.alert import ChannelName


@dataclass(frozen=True)
class Delivered:
    """The channel has taken the alert over."""


@dataclass(frozen=True)
class Refused:
    """The alert will never be taken over. `detail` holds no personal data: codes, no address, no server's text."""

    detail: str


@dataclass(frozen=True)
class Unavailable:
    """The alert was not taken over this time; a later attempt may succeed. `detail` as in `Refused`.

    `retry_after` is how many seconds the other side asked us to wait, None where it did not say. `asked` says whether
    it was asked at all: what waits for our own limits is not given up.
    """

    detail: str
    retry_after: float | None = None
    asked: bool = True


@dataclass(frozen=True)
class ChannelCheck:
    """How a channel is now: `place` is where it hands alerts over, `found` what answered there.

    `fault` says why it takes none over, None where it would; both hold no personal data and no server's text.
    """

    channel: ChannelName
    place: str
    found: str = ""
    fault: str | None = None


DeliveryResult = Delivered | Refused | Unavailable


class Channel(Protocol):
    """A way to reach a recipient. Its deliveries come by a queue of its own, so that it may be slow.

    What is handed over a second time has the same id, by which whoever receives it can recognise a repeat.
    """

    @property
    def name(self) -> ChannelName:
        """The name that `alert.delivered` and `alert.failed` carry."""

    async def check(self) -> ChannelCheck:
        """Return whether the channel would take alerts over now. Nothing is delivered."""

    async def close(self) -> None:
        """Close the connections that are kept for the next delivery."""

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        """Hand a delivery over. What can be expected to fail is an outcome, not an exception."""
