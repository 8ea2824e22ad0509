"""Webhooks on real HTTPS servers: what a subscription gets, and what comes of servers that misbehave."""

import asyncio
import json
import socket
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError
from structlog.testing import capture_logs

from services.notifications.channels import ChannelCheck, Delivered, DeliveryResult, Refused, Unavailable, outbound
from services.notifications.channels.subscriptions import Subscription
from services.notifications.channels.webhook import WebhookChannel
from services.notifications.delivery import Delivery
from shared.contracts.catalogue import PRODUCT_RATED
from shared.contracts.event import Event
from shared.integrations import Listener
from shared.scopes import EVERYWHERE, Role, Scope
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

HOST = "receiver.example.vn"
OLD, NEW = (f"whsec_{b64encode(bytes([each]) * 32).decode()}" for each in (1, 2))
EVENT = Event(
    id="7a263332-26b3-58b9-a8a0-09772dffe28f",
    source="/services/evaluation",
    type=PRODUCT_RATED.type,
    data=three_stars().model_dump(mode="json"),
    time=NOON,
    subject="19-05500-3-2026",
    place="19-05500",
    sequence=2,
)
ALERT = replace(alert_of(three_stars()), event=EVENT)
DELIVERY = Delivery("b1f6c7e2-delivery", "trade-site", (ALERT,))
OK = says(200)
METADATA = "169.254.169.254"

Opened = Callable[..., AbstractAsyncContextManager[WebhookChannel]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for: one address after the other, the last for good."""
    known = {HOST: ["127.0.0.1"]}
    system = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> Any:
        addresses = known.get(host)
        if addresses is None:
            return system(host, port, *rest, **more)
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return system(address, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


def subscription(url: str, *secrets: str, allow_private: bool = True) -> Subscription:
    listener = Listener(scope=Scope(Role.PORTAL, frozenset({EVERYWHERE})))
    return Subscription("trade-site", url, tuple(map(SecretStr, secrets or (OLD,))), listener, allow_private)


@asynccontextmanager
async def channel_to(*subscriptions: Subscription, **options: Any) -> AsyncIterator[WebhookChannel]:
    channel = WebhookChannel(subscriptions, **options)
    try:
        yield channel
    finally:
        await channel.close()


@pytest.fixture
def opened(authority: trustme.CA, ca_file: Path) -> Opened:
    """Give a channel to a site, whose certificate is for the name by which it is called."""

    @asynccontextmanager
    async def open_(
        site: Site,
        *secrets: str,
        host: str = HOST,
        certified: str | None = HOST,
        allow_private: bool = True,
        **options: Any,
    ) -> AsyncIterator[WebhookChannel]:
        async with https_server(site, server_tls(authority, certified) if certified else None) as port:
            to = subscription(f"https://{host}:{port}/ocop?token=geheim", *secrets, allow_private=allow_private)
            async with channel_to(to, **{"ca_file": ca_file, **options}) as channel:
                yield channel

    return open_


# What a subscription gets


async def test_the_event_arrives_as_it_was_announced(opened: Opened) -> None:
    site = Site(OK)
    async with opened(site) as channel:
        assert await channel.deliver(DELIVERY) == Delivered()
    (asked,) = site.asked
    assert asked.line == "POST /ocop?token=geheim HTTP/1.1"
    assert asked.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8"
    assert json.loads(asked.body) == {
        "specversion": "1.0",
        "id": "7a263332-26b3-58b9-a8a0-09772dffe28f",
        "source": "/services/evaluation",
        "type": "vn.ocop.product.rated.v1",
        "time": "2026-11-23T05:00:00Z",
        "subject": "19-05500-3-2026",
        "datacontenttype": "application/json",
        "place": "19-05500",
        "sequence": "0000000002",
        "data": EVENT.data,
    }
    assert "Chè đinh Hảo Đạt".encode() in asked.body


@pytest.mark.parametrize("secret", [OLD, NEW])
async def test_each_of_two_secrets_proves_who_sent_it(opened: Opened, secret: str) -> None:
    site = Site(OK)
    async with opened(site, OLD, NEW) as channel:
        await channel.deliver(DELIVERY)
    (asked,) = site.asked
    assert Webhook(secret).verify(asked.body, dict(asked.headers))["id"] == EVENT.id
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(asked.body + b" ", dict(asked.headers))


async def test_a_repeat_has_the_same_id_and_bytes_and_a_time_of_its_own(opened: Opened) -> None:
    site, times = Site(OK), iter((datetime(2026, 11, 29, 7, tzinfo=UTC), datetime(2026, 11, 29, 8, tzinfo=UTC)))
    async with opened(site, clock=lambda: next(times)) as channel:
        for _ in range(2):
            await channel.deliver(DELIVERY)
    first, second = site.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == ALERT.id
    assert first.body == second.body
    assert [each.headers["webhook-timestamp"] for each in site.asked] == ["1795935600", "1795939200"]


async def test_one_connection_serves_many_deliveries(opened: Opened) -> None:
    site = Site(OK)
    async with opened(site) as channel:
        outcomes = [await channel.deliver(DELIVERY) for _ in range(5)]
    assert (outcomes, site.connections) == ([Delivered()] * 5, 1)


async def test_many_deliveries_go_at_once(opened: Opened) -> None:
    together = asyncio.Barrier(20)

    async def answer(writer: asyncio.StreamWriter) -> None:
        await together.wait()
        await OK(writer)

    async with opened(Site(answer)) as channel:
        outcomes = await asyncio.gather(*(channel.deliver(DELIVERY) for _ in range(20)))
    assert outcomes == [Delivered()] * 20


@pytest.mark.parametrize(
    ("first", "outcome", "asked"),
    [
        (OK, Delivered(), ["one", "two"]),
        (says(404), Refused("404"), ["one", "two"]),
        (says(503), Unavailable("503"), ["one"]),
    ],
)
async def test_alerts_that_come_together_are_events_by_themselves(
    opened: Opened, first: Answering, outcome: DeliveryResult, asked: list[str]
) -> None:
    site = Site(OK, first=[first])
    async with opened(site) as channel:
        together = replace(DELIVERY, alerts=(replace(ALERT, id="one"), replace(ALERT, id="two")))
        assert await channel.deliver(together) == outcome
    assert [each.headers["webhook-id"] for each in site.asked] == asked


async def test_a_subscription_that_is_no_more_gets_nothing() -> None:
    assert await WebhookChannel([]).deliver(DELIVERY) == Refused("subscription-unknown")


# What a server answers


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (says(201), Delivered()),
        (says(204), Delivered()),
        (says(400, b"lienhe@haodat.example.vn"), Refused("400")),
        (says(401), Refused("401")),
        (says(404), Refused("404")),
        (says(410), Refused("410 gone")),
        (says(408), Unavailable("408")),
        (says(425), Unavailable("425")),
        (says(429), Unavailable("429")),
        (says(429, b"", "Retry-After: 120"), Unavailable("429", 120)),
        (says(503, b"", "Retry-After: Mon, 23 Nov 2026 05:02:00 GMT"), Unavailable("503", 120)),
        (says(503, b"", "Retry-After: soon"), Unavailable("503")),
        (says(500, b"Traceback"), Unavailable("500")),
        (says(301, b"", f"Location: http://{METADATA}/latest/meta-data"), Refused("301 redirect")),
        (says(307, b"", f"Location: https://{HOST}/elsewhere"), Refused("307 redirect")),
    ],
)
async def test_what_is_taken_now_later_and_never_is_told_apart(
    opened: Opened, answer: Answering, outcome: DeliveryResult
) -> None:
    site = Site(answer)
    async with opened(site, clock=lambda: NOON) as channel:
        assert await channel.deliver(DELIVERY) == outcome
    assert len(site.asked) == 1


# Servers that misbehave

ENDLESS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"


@pytest.mark.parametrize(
    ("answering", "outcome"),
    [
        pytest.param(says_nothing, Unavailable("timed-out"), id="nothing"),
        pytest.param(
            streams(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", every_seconds=0.01), Unavailable("timed-out"), id="headers"
        ),
        pytest.param(
            streams(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", every_seconds=0.01), Unavailable("timed-out"), id="hints"
        ),
    ],
)
async def test_a_server_without_an_end_is_given_up(
    opened: Opened, answering: Answering, outcome: DeliveryResult
) -> None:
    async with opened(Site(answering), answer_seconds=0.3) as channel:
        assert await channel.deliver(DELIVERY) == outcome


async def test_a_receiver_that_hangs_is_spared_and_the_others_are_not(authority: trustme.CA, ca_file: Path) -> None:
    silent, well = Site(says_nothing), Site(OK)
    async with (
        https_server(silent, server_tls(authority, HOST)) as silent_port,
        https_server(well, server_tls(authority, HOST)) as port,
        channel_to(
            replace(subscription(f"https://{HOST}:{silent_port}/"), name="silent"),
            subscription(f"https://{HOST}:{port}/"),
            ca_file=ca_file,
            answer_seconds=0.2,
            spared_seconds=0.01,
        ) as channel,
    ):
        outcomes = [await channel.deliver(replace(DELIVERY, to="silent")) for _ in range(5)]
        assert await channel.deliver(DELIVERY) == Delivered()
    spared = Unavailable("not-asked, timed-out before")
    assert outcomes == [*[Unavailable("timed-out")] * 3, spared, spared]
    assert len(silent.asked) == 3


async def test_an_endless_body_is_cut_and_its_connection_closed(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "BODY_SECONDS", 100)
    site = Site(OK, first=[streams(ENDLESS, CHUNK)])
    async with opened(site) as channel, asyncio.timeout(10):
        assert await channel.deliver(DELIVERY) == Delivered()
        assert await channel.deliver(DELIVERY) == Delivered()
    assert site.connections == 2


async def test_a_body_that_trickles_is_not_waited_for(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "BODY_SECONDS", 0.4)
    async with opened(Site(streams(ENDLESS, b"1\r\nx\r\n", every_seconds=0.02)), answer_seconds=0.3) as channel:
        assert await channel.deliver(DELIVERY) == Delivered()


async def test_endless_headers_are_not_kept(opened: Opened) -> None:
    async with opened(Site(streams(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 8000 + b"\r\n"))) as channel:
        outcome = await channel.deliver(DELIVERY)
    assert isinstance(outcome, Unavailable)
    assert outcome.detail.startswith("no-answer ")


@pytest.mark.parametrize("answering", [hangs_up, streams(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"", every_seconds=1)])
async def test_what_is_no_answer_is_unavailable(opened: Opened, answering: Answering) -> None:
    async with opened(Site(answering)) as channel:
        outcome = await channel.deliver(DELIVERY)
    assert isinstance(outcome, Unavailable)
    assert outcome.detail.startswith(("no-answer ", "not-connected "))


async def test_a_connection_that_the_server_closed_meanwhile_costs_no_attempt(opened: Opened) -> None:
    async def once(writer: asyncio.StreamWriter) -> None:
        await OK(writer)
        writer.close()

    site = Site(OK, first=[once])
    async with opened(site) as channel:
        outcomes = []
        for _ in range(2):
            outcomes.append(await channel.deliver(DELIVERY))
            await asyncio.sleep(0.05)  # that it was closed has to arrive
    assert outcomes == [Delivered(), Delivered()]


async def test_a_server_that_is_not_there_is_unavailable(ca_file: Path) -> None:
    async with https_server(Site(OK), None) as port:
        pass
    async with channel_to(subscription(f"https://{HOST}:{port}/"), ca_file=ca_file) as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("not-connected ConnectionRefusedError")


# Certificates


async def test_a_certificate_is_held_to_the_name(opened: Opened) -> None:
    site = Site(OK)
    async with opened(site, certified="other.example.vn") as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("certificate-not-trusted")
    assert site.asked == []
    assert site.names == [HOST]


async def test_a_certificate_by_an_unknown_authority_is_not_trusted(opened: Opened) -> None:
    async with opened(Site(OK), ca_file=None) as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("certificate-not-trusted")


async def test_a_server_that_does_not_encrypt_gets_nothing(opened: Opened) -> None:
    site = Site(OK)
    async with opened(site, certified=None, answer_seconds=0.2) as channel:
        outcome = await channel.deliver(DELIVERY)
    assert isinstance(outcome, Unavailable)
    assert site.asked == []


# Addresses


async def test_an_own_network_is_reached_only_where_that_is_allowed(opened: Opened) -> None:
    site = Site(OK)
    async with opened(site, allow_private=False) as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("address-not-allowed")
        assert (await channel.check()).fault == "trade-site: address-not-allowed"
    assert site.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", METADATA])
async def test_an_address_in_place_of_a_name_is_checked_too(opened: Opened, address: str) -> None:
    site = Site(OK)
    async with opened(site, host=address, certified=None, allow_private=False) as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("address-not-allowed")
    assert site.connections == 0


async def test_a_name_that_stands_for_another_address_at_the_next_connection_is_checked_again(
    opened: Opened, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "LOOK_UP_SECONDS", 0)
    names[HOST] = ["127.0.0.1", "127.0.0.1", METADATA]
    site = Site(says(200, b"", "Connection: close"))
    async with opened(site) as channel:
        checked = await channel.check()
        first, second = [await channel.deliver(DELIVERY) for _ in range(2)]
    assert (checked.fault, first, second) == (None, Delivered(), Unavailable("address-not-allowed"))
    assert len(site.asked) == 1


async def test_a_name_that_nobody_knows_is_unavailable(ca_file: Path) -> None:
    async with channel_to(subscription("https://receiver.invalid/"), ca_file=ca_file) as channel:
        assert await channel.deliver(DELIVERY) == Unavailable("name-unknown")


async def test_names_that_are_looked_up_without_end_keep_nobody_else_waiting(
    ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = threading.Event()

    def hang(*_: object) -> Any:
        given_up.wait(10)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    many = [replace(subscription(f"https://{number}.invalid/"), name=f"{number}") for number in range(40)]
    async with channel_to(*many, ca_file=ca_file, answer_seconds=0.2) as channel:
        outcomes = await asyncio.gather(*(channel.deliver(replace(DELIVERY, to=each.name)) for each in many))
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "the event loop's own threads are free"), 1)
        given_up.set()
    assert set(outcomes) == {Unavailable("timed-out")}


# What is shown


async def test_a_check_connects_and_sends_nothing(opened: Opened) -> None:
    site = Site(OK)
    async with opened(site) as channel:
        check = await channel.check()
    assert check == ChannelCheck("webhook", "1 subscription", "answering, encrypted")
    assert (site.asked, site.names) == ([], [HOST])


async def test_a_check_names_the_subscriptions_that_cannot_be_reached(authority: trustme.CA, ca_file: Path) -> None:
    async with https_server(Site(OK), server_tls(authority, HOST)) as port:
        well = subscription(f"https://{HOST}:{port}/")
        ill = [replace(well, name=f"shop-{number}", allow_private=False) for number in range(12)]
        async with channel_to(well, *ill, ca_file=ca_file) as channel:
            check = await channel.check()
    said = [f"shop-{number}: address-not-allowed" for number in range(10)]
    assert check == ChannelCheck("webhook", "12 of 13 subscriptions", fault="; ".join([*said, "and 2 more"]))


async def test_no_secret_and_nothing_personal_is_shown(opened: Opened) -> None:
    async with opened(Site(says(400, b"geheim"))) as channel:
        with capture_logs() as lines:
            outcome = await channel.deliver(DELIVERY)
        shown = f"{outcome}{lines}{DELIVERY}{channel!r}{list(channel._subscriptions.values())}"
    assert "geheim" not in shown
    assert "whsec_" not in shown
    assert "Hảo Đạt" not in shown
