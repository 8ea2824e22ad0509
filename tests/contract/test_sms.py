"""Text messages by a real HTTPS server in the place of a gateway: what is sent, and what comes of its answers."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import trustme
from prometheus_client import REGISTRY
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.notifications.channels import ChannelCheck, Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.sms import SmsChannel
from services.notifications.channels.sms_gateway import Gateway
from services.notifications.delivery import Delivery
from tests.contract.https_server import (
    Answering,
    Site,
    hangs_up,
    https_server,
    says,
    says_nothing,
    server_tls,
    streams,
)
from tests.unit.notifications.examples import NOON, alert_of, three_stars

TO = "0912 345 678"


def saying(short: str) -> Delivery:
    """Return a delivery whose short form is this."""
    alert = alert_of(three_stars())
    vars(alert)["short"] = short  # as if it had been rendered so
    return Delivery("b1f6c7e2-delivery", TO, (alert,))


DELIVERY = saying("Chè đinh Hảo Đạt: 3 sao ★★★, 82/100 điểm (tự đánh giá)")
FIELDS = {"to": "{to}", "text": "{text}", "from": "{from}", "id": "{id}"}
ACCEPTED = says(200, b'{"code": "100"}')
RULES = (
    {"means": "accepted", "field": "code", "values": ("100",)},
    {"means": "refused", "field": "code", "values": ("105",)},
)

Opened = Callable[..., AbstractAsyncContextManager[SmsChannel]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def opened(authority: trustme.CA, tmp_path: Path) -> Opened:
    """Give a channel to a site in the place of a gateway, which is described by what is given."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))

    @asynccontextmanager
    async def open_(site: Site, *, answer_seconds: float = 15, **described: object) -> AsyncIterator[SmsChannel]:
        async with https_server(site, server_tls(authority, "localhost")) as port:
            usual = {"url": f"https://localhost:{port}/send", "fields": FIELDS, "sender": "OCOP", "allow_private": True}
            channel = SmsChannel(
                Gateway.model_validate({**usual, "answers": RULES, **described}),
                {"token": SecretStr("geheim")},
                ca_file=tmp_path / "ca.pem",
                answer_seconds=answer_seconds,
                clock=lambda: NOON,
            )
            try:
                yield channel
            finally:
                await channel.close()

    return open_


def to(number: str) -> Delivery:
    return replace(DELIVERY, to=number)


def billed(encoding: str) -> float:
    return REGISTRY.get_sample_value("ocop_sms_segments_total", {"encoding": encoding}) or 0


# What is sent


async def test_the_short_form_is_sent_without_its_marks(opened: Opened) -> None:
    site = Site(ACCEPTED)
    async with opened(site) as channel:
        assert await channel.deliver(DELIVERY) == Delivered()
    (asked,) = site.asked
    assert asked.line == "POST /send HTTP/1.1"
    assert json.loads(asked.body) == {
        "to": "+84912345678",
        "text": "Che dinh Hao Dat: 3 sao ***, 82/100 diem (tu danh gia)",
        "from": "OCOP",
        "id": "b1f6c7e2-delivery",
    }


async def test_the_short_form_is_sent_as_it_is_where_that_is_set(opened: Opened) -> None:
    site = Site(ACCEPTED)
    async with opened(site, alphabet="unicode", format="form") as channel:
        assert await channel.deliver(DELIVERY) == Delivered()
    fields = parse_qs(site.asked[0].body.decode())
    assert fields["text"] == ["Chè đinh Hảo Đạt: 3 sao ★★★, 82/100 điểm (tự đánh giá)"]


async def test_a_text_has_no_more_segments_than_the_limit(opened: Opened) -> None:
    site = Site(ACCEPTED)
    long = saying("Chè đinh Hảo Đạt " * 8)
    async with opened(site, alphabet="unicode", max_segments=1) as channel:
        assert await channel.deliver(long) == Delivered()
    text = json.loads(site.asked[0].body)["text"]
    assert len(text) <= 70
    assert text.startswith("Chè đinh Hảo Đạt Chè đinh Hảo Đạt")
    assert text.endswith("...")


@pytest.mark.parametrize(("alphabet", "encoding"), [("ascii", "gsm-7"), ("unicode", "ucs-2")])
async def test_segments_are_counted_as_they_are_billed(opened: Opened, alphabet: str, encoding: str) -> None:
    before = billed(encoding)
    async with opened(Site(ACCEPTED, first=[says(503)]), alphabet=alphabet) as channel:
        for _ in range(2):
            await channel.deliver(DELIVERY)
    assert billed(encoding) - before == 1


@pytest.mark.parametrize(
    ("number", "format", "written"),
    [
        ("+84912345678", "e164", "+84912345678"),
        ("0912.345.678", "digits", "84912345678"),
        ("+84 91 234 56 78", "national", "0912345678"),
    ],
)
async def test_a_number_is_written_as_the_gateway_wants_it(
    opened: Opened, number: str, format: str, written: str
) -> None:
    site = Site(ACCEPTED)
    async with opened(site, number=format) as channel:
        await channel.deliver(to(number))
    assert json.loads(site.asked[0].body)["to"] == written


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        ("+84 208 3123 456", Refused("number-not-mobile")),
        ("1900 1234", Refused("number-not-mobile")),
        ("+49 1512 3456789", Refused("number-abroad")),
        ("+882 13300655", Refused("number-abroad")),
        ("0912", Refused("number-unusable")),
        ("số máy bàn", Refused("number-unusable")),
        ("", Refused("number-unusable")),
    ],
)
async def test_a_number_that_gets_no_text_messages_costs_none(
    opened: Opened, number: str, outcome: DeliveryResult
) -> None:
    site = Site(ACCEPTED)
    async with opened(site) as channel:
        assert await channel.deliver(to(number)) == outcome
    assert site.asked == []


async def test_a_number_abroad_gets_text_messages_where_that_is_set(opened: Opened) -> None:
    async with opened(Site(ACCEPTED), regions=("VN", "DE")) as channel:
        assert await channel.deliver(to("+49 1512 3456789")) == Delivered()


# What comes of answers


@pytest.mark.parametrize(
    ("answering", "outcome"),
    [
        (ACCEPTED, Delivered()),
        (says(200, b'{"code": "105"}'), Refused("200 code=105")),
        (says(200, b'{"code": "0912345678"}'), Unavailable("200 unknown-answer")),
        (says(200, b""), Unavailable("200 unknown-answer")),
        (says(429, b"", "Retry-After: 60"), Unavailable("429", 60)),
        (says(401), Unavailable("401")),
        (says(422, b"0912345678"), Refused("422")),
        (says(302, b"", "Location: http://169.254.169.254/"), Unavailable("302")),
        (
            streams(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"1" * 0x10000 + b"\r\n"),
            Unavailable("200 unknown-answer"),
        ),
        (says_nothing, Unavailable("timed-out")),
    ],
)
async def test_what_is_taken_now_later_and_never_is_told_apart(
    opened: Opened, answering: Answering, outcome: DeliveryResult
) -> None:
    async with opened(Site(answering), answer_seconds=0.5) as channel:
        assert await channel.deliver(DELIVERY) == outcome


async def test_a_gateway_that_hangs_up_is_unavailable(opened: Opened) -> None:
    async with opened(Site(hangs_up)) as channel:
        outcome = await channel.deliver(DELIVERY)
    assert isinstance(outcome, Unavailable)


async def test_an_own_network_is_reached_only_where_that_is_allowed(opened: Opened) -> None:
    site = Site(ACCEPTED)
    async with opened(site, allow_private=False) as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("address-not-allowed")
    assert site.connections == 0


# What is shown


async def test_a_check_connects_once_for_all_who_ask_and_sends_nothing(opened: Opened) -> None:
    site = Site(ACCEPTED)
    async with opened(site) as channel:
        first, second = await channel.check(), await channel.check()
    host = first.place
    assert first == second == ChannelCheck("sms", host, "answers, encrypted")
    assert host.startswith("localhost:")
    assert (site.asked, site.names) == ([], ["localhost"])


async def test_a_check_says_why_a_gateway_cannot_be_asked(opened: Opened) -> None:
    async with opened(Site(ACCEPTED), allow_private=False) as channel:
        assert (await channel.check()).fault == "address-not-allowed"


async def test_no_number_no_text_and_no_secret_is_shown(opened: Opened) -> None:
    site = Site(says(400, b"0912345678"))
    headers = {"Authorization": "Bearer {secret:token}"}
    async with opened(site, headers=headers, secrets={"token": Path("token")}) as channel:
        with capture_logs() as lines:
            outcome = await channel.deliver(DELIVERY)
        shown = f"{outcome}{lines}{DELIVERY}{channel!r}{channel._gateway!r}"
    assert site.asked[0].headers["Authorization"] == "Bearer geheim"
    assert [each for each in ("912", "geheim", "Hao Dat") if each in shown] == []
