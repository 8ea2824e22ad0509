"""A channel is given no more deliveries in a time than its provider takes."""

import pytest

from services.notifications.channels import Delivered, Unavailable
from services.notifications.channels.rate import RateLimited, distances
from services.notifications.delivery import Delivery
from tests.unit.notifications.alerting import FakeChannel
from tests.unit.notifications.examples import alert_of, three_stars

DELIVERY = Delivery("delivery", "0912345678", (alert_of(three_stars()),))


class Time:
    """Goes on as told, and notes who waits how long."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waited: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


def limited(every_seconds: float) -> tuple[RateLimited, FakeChannel, Time]:
    channel, time = FakeChannel(name="sms"), Time()
    return RateLimited(channel, every_seconds, now=lambda: time.now, sleep=time.sleep), channel, time


async def test_deliveries_go_out_at_an_even_distance() -> None:
    channel, _, time = limited(0.5)

    for _ in range(4):
        assert await channel.deliver(DELIVERY) == Delivered()

    assert time.waited == [0.5, 1.0, 1.5]


async def test_who_comes_late_waits_for_nothing() -> None:
    channel, _, time = limited(0.5)

    await channel.deliver(DELIVERY)
    time.now += 60
    await channel.deliver(DELIVERY)

    assert time.waited == []


async def test_what_would_wait_long_comes_again_later_and_takes_nobodys_turn() -> None:
    channel, provider, time = limited(6)

    outcomes = [await channel.deliver(DELIVERY) for _ in range(4)]
    time.now += 2

    assert outcomes == [
        Delivered(),
        Delivered(),
        Unavailable("rate-limit", 12, asked=False),
        Unavailable("rate-limit", 12, asked=False),
    ]
    assert await channel.deliver(DELIVERY) == Delivered()
    assert len(provider.deliveries) == 3


async def test_a_limited_channel_is_checked_as_itself() -> None:
    channel, provider, _ = limited(6)

    assert (channel.name, await channel.check()) == ("sms", await provider.check())


@pytest.mark.parametrize(
    ("written", "read"),
    [("", {}), ("email=10/s", {"email": 0.1}), (" sms=60/min, zalo=6000/h ", {"sms": 1.0, "zalo": 0.6})],
)
def test_rates_are_read(written: str, read: dict[str, float]) -> None:
    assert distances(written) == read
