"""What every channel promises, shown on the log and on a real SMTP server, and what mail promises besides."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from aiosmtplib.email import flatten_message
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from structlog.testing import capture_logs

from services.notifications.channels import Channel, ChannelCheck, Delivered, DeliveryResult, Refused, Unavailable, mail
from services.notifications.channels.log import write_alert
from services.notifications.channels.mail import MailChannel, attachments, message
from services.notifications.channels.mail_connections import MAX_CONNECTIONS
from services.notifications.channels.mail_server import MailServer
from services.notifications.delivery import Delivery
from services.notifications.plan import Alert
from services.notifications.told import AlertedEvent
from tests.contract.smtp_server import Mailbox, smtp_server
from tests.unit.notifications.examples import (
    ALERT_ID,
    NOON,
    alert_of,
    cooperative,
    every_event,
    rejected_dossier,
    three_stars,
)

PASSWORD = "chè/đinh:2026@#?"
PASSWORD_IN_URL = "ch%C3%A8%2F%C4%91inh%3A2026%40%23%3F"


def mail_channel(url: str, *, timeout_seconds: float = 30) -> MailChannel:
    server = MailServer.from_url(SecretStr(url))
    return MailChannel(server, "Chương trình OCOP <ocop@example.vn>", timeout_seconds=timeout_seconds)


def delivery_of(alert: Alert) -> Delivery:
    """Return the delivery of an alert by mail."""
    return Delivery(alert.id, alert.email or "", (alert,))


SENDER, RECIPIENT = Address("OCOP", "ocop", "example.vn"), Address("", "htx", "example.vn")
SUBJECT_WORDS = ["Cháo", "hạt", "sen", "ăn", "liền:", "Viên", "Sơn", "3", "sao", "★★★,", "82/100", "(tự", "giá)"]


@pytest.fixture
def alert() -> Alert:
    return alert_of(three_stars())


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the client trust the server's certificate, as an operator would: through OpenSSL's own setting."""
    authority.cert_pem.write_to_path(tmp_path / "trusted.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))


@pytest.fixture(params=["email"])
async def channel() -> AsyncIterator[Channel]:
    async with smtp_server(Mailbox()) as address:
        yield mail_channel(f"smtp://{address}")


# Every channel


@pytest.mark.parametrize("event", [*every_event("vi"), *every_event("en")])
async def test_every_alert_is_delivered(channel: Channel, event: AlertedEvent) -> None:
    assert await channel.deliver(delivery_of(alert_of(event))) == Delivered()


async def test_an_alert_can_be_delivered_again(channel: Channel, alert: Alert) -> None:
    assert [await channel.deliver(delivery_of(alert)), await channel.deliver(delivery_of(alert))] == [
        Delivered(),
        Delivered(),
    ]


async def test_many_alerts_are_delivered_at_once(channel: Channel, alert: Alert) -> None:
    assert await asyncio.gather(*(channel.deliver(delivery_of(alert)) for _ in range(20))) == [Delivered()] * 20


async def test_a_channel_says_what_it_is_called_in_the_events(channel: Channel, request: pytest.FixtureRequest) -> None:
    assert channel.name == request.node.callspec.params["channel"]


async def test_a_channel_that_takes_alerts_says_so_and_delivers_nothing(channel: Channel) -> None:
    with capture_logs() as lines:
        check = await channel.check()
    assert (check.channel, check.fault, bool(check.place)) == (channel.name, None, True)
    assert lines == []


# The log


async def test_the_log_holds_nothing_personal(alert: Alert) -> None:
    with capture_logs() as lines:
        write_alert(alert)
    assert lines == [
        {
            "event": "alert-logged",
            "action": "alert",
            "log_level": "info",
            "alert_id": ALERT_ID,
            "about": alert.about,
            "kind": "product.rated",
            "product_code": "19-05500-3-2026",
            "language": "vi",
        }
    ]


# Mail


async def test_a_mail_arrives_as_text_and_html(alert: Alert) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        await mail_channel(f"smtp://{address}").deliver(delivery_of(alert))
    mail = mailbox.mail()
    assert mail.get_content_type() == "multipart/mixed"
    parts = {part.get_content_type(): part for part in mail.walk()}
    pdf = parts.pop("application/pdf")
    assert list(parts) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"]
    assert pdf.get_filename() == "bang-diem-tu-danh-gia-19-05500-3-2026.pdf"
    assert pdf.get_content().startswith(b"%PDF-")
    assert parts["text/plain"].get_content().replace("\r\n", "\n") == alert.text
    assert parts["text/html"].get_content().replace("\r\n", "\n") == alert.html
    assert {parts[kind].get_content_charset() for kind in ("text/plain", "text/html")} == {"utf-8"}


async def test_a_mail_is_the_same_to_the_byte_at_each_attempt(alert: Alert) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        for _ in range(2):
            await mail_channel(f"smtp://{address}").deliver(delivery_of(alert))
    first, second = (envelope.content for envelope in mailbox.envelopes)
    assert first == second


async def test_to_an_office_and_with_a_long_digest_no_files_go(alert: Alert) -> None:
    assert attachments(delivery_of(replace(alert, audience="office"))) == ()
    assert attachments(Delivery("d", "a@example.vn", (alert,) * 6)) == ()


# Mail, over connections that are kept


async def test_mails_one_after_the_other_go_over_one_connection(alert: Alert) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        channel = mail_channel(f"smtp://{address}")
        for _ in range(3):
            assert await channel.deliver(delivery_of(alert)) == Delivered()
        await channel.close()
    assert (len(mailbox.envelopes), len(mailbox.peers)) == (3, 1)


async def test_a_connection_that_the_server_has_closed_meanwhile_is_made_anew(alert: Alert) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        channel = mail_channel(f"smtp://{address}")
        await channel.deliver(delivery_of(alert))
        mailbox.hang_up()
        assert await channel.deliver(delivery_of(alert)) == Delivered()
        await channel.close()
    assert (len(mailbox.envelopes), len(mailbox.peers)) == (2, 2)


async def test_a_mail_has_the_headers_of_an_automatic_message(alert: Alert) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        await mail_channel(f"smtp://{address}").deliver(delivery_of(alert))
    mail = mailbox.mail()
    assert mail["Message-ID"] == f"<{ALERT_ID}@example.vn>"
    assert mail["Date"].datetime == NOON
    assert mail["From"] == "Chương trình OCOP <ocop@example.vn>"
    assert mail["To"] == "lienhe@haodat.example.vn"
    assert mail["Subject"] == "Chè đinh Hảo Đạt: 3 sao ★★★, 82/100 điểm (tự đánh giá)"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mailbox.envelopes[0].mail_from, mailbox.envelopes[0].rcpt_tos) == (
        "ocop@example.vn",
        ["lienhe@haodat.example.vn"],
    )


async def test_a_mail_sent_again_is_the_same_mail_to_its_receiver(alert: Alert) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        for _ in range(2):
            await mail_channel(f"smtp://{address}").deliver(delivery_of(alert))
    first, second = mailbox.mails()
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]


@pytest.mark.parametrize(
    ("stage", "answer", "outcome"),
    [
        ("to_recipient", "451 4.7.1 lienhe@haodat.example.vn: come again later", Unavailable("451 4.7.1")),
        ("to_recipient", "450 greylisted", Unavailable("450")),
        ("to_recipient", "550 5.1.1 <lienhe@haodat.example.vn>: user unknown", Refused("550 5.1.1")),
        ("to_recipient", "554 no", Refused("554")),
        ("to_recipient", "530 who are you?", Unavailable("530")),
        ("to_content", "452 4.3.1 disk full", Unavailable("452 4.3.1")),
        ("to_recipient", "554 5.7.1 relay access denied", Refused("554 5.7.1")),
        ("to_recipient", "550 5.1.7 not a code about us", Refused("550 5.1.7")),
        ("to_recipient", "550 5.70.1 nor this", Refused("550 5.70.1")),
        ("to_content", "550 5.6.0 cannot be read", Refused("550 5.6.0")),
        ("to_content", "550 5.7.28 too many mails from you", Refused("550 5.7.28")),
        ("to_sender", "421 4.3.2 closing down", Unavailable("421 4.3.2")),
        ("to_sender", "530 5.7.0 who are you?", Unavailable("530 5.7.0")),
        ("to_sender", "553 5.1.8 no such sender", Refused("553 5.1.8")),
        ("to_sender", "553 5.7.1 sender not owned by you", Refused("553 5.7.1")),
        ("to_sender", "550 no", Refused("550")),
        ("to_sender", "552 5.3.4 too big", Refused("552 5.3.4")),
    ],
)
async def test_refusals_for_good_and_for_now_are_told_apart(
    alert: Alert, stage: str, answer: str, outcome: DeliveryResult
) -> None:
    async with smtp_server(Mailbox(**{stage: answer})) as address:
        assert await mail_channel(f"smtp://{address}").deliver(delivery_of(alert)) == outcome


class Crowd(Mailbox):
    """Takes mails only in groups of as many as a channel may send at once, and counts the mails in flight."""

    def __init__(self) -> None:
        super().__init__()
        self.most_at_once = 0
        self._at_once = 0
        self._group = asyncio.Barrier(MAX_CONNECTIONS)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self._group.wait()
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self._at_once -= 1
        return await super().handle_DATA(server, session, envelope)


async def test_a_server_never_has_more_connections_of_a_channel_than_the_limit(alert: Alert) -> None:
    crowd = Crowd()
    async with smtp_server(crowd) as address:
        channel = mail_channel(f"smtp://{address}")
        outcomes = await asyncio.gather(*(channel.deliver(delivery_of(alert)) for _ in range(3 * MAX_CONNECTIONS)))
    assert outcomes == [Delivered()] * 3 * MAX_CONNECTIONS
    assert crowd.most_at_once == MAX_CONNECTIONS


async def test_a_server_that_is_not_there_is_unavailable(alert: Alert) -> None:
    async with smtp_server(Mailbox()) as address:
        channel = mail_channel(f"smtp://{address}")
    assert await channel.deliver(delivery_of(alert)) == Unavailable("not-connected ConnectionRefusedError")


async def test_a_server_that_hangs_up_is_unavailable(alert: Alert) -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        outcome = await mail_channel(f"smtp://127.0.0.1:{port}").deliver(delivery_of(alert))
    assert isinstance(outcome, Unavailable)
    assert outcome.detail.startswith("not-connected ")


async def test_a_server_that_says_nothing_is_unavailable(alert: Alert) -> None:
    silent = asyncio.Event()

    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        outcome = await mail_channel(f"smtp://127.0.0.1:{port}", timeout_seconds=0.05).deliver(delivery_of(alert))
        silent.set()
    assert outcome == Unavailable("timed-out")


@pytest.mark.parametrize("email", ["not an address", "a@b.example.vn>\r\nRCPT TO:<c@example.vn", "@example.vn"])
async def test_an_address_that_is_none_is_refused(email: str) -> None:
    async with smtp_server(Mailbox()) as address:
        outcome = await mail_channel(f"smtp://{address}").deliver(
            delivery_of(replace(alert_of(three_stars()), email=email))
        )
    assert outcome == Refused("address-unusable")


# Mail, with addresses in Vietnamese


async def test_a_vietnamese_domain_needs_nothing_special_of_the_server() -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, enable_SMTPUTF8=False) as address:
        outcome = await mail_channel(f"smtp://{address}").deliver(
            delivery_of(alert_of(three_stars(cooperative(email="lienhe@chèthái.example.vn"))))
        )
    assert outcome == Delivered()
    assert mailbox.envelopes[0].rcpt_tos == ["lienhe@xn--chthi-0qa0c.example.vn"]


async def test_a_vietnamese_mailbox_is_reached_where_the_server_can() -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as address:
        outcome = await mail_channel(f"smtp://{address}").deliver(
            delivery_of(alert_of(three_stars(cooperative(email="hảođạt@example.vn"))))
        )
    assert outcome == Delivered()
    assert mailbox.envelopes[0].rcpt_tos == ["hảođạt@example.vn"]
    assert mailbox.mail()["To"] == "hảođạt@example.vn"


async def test_a_vietnamese_mailbox_is_refused_where_the_server_cannot() -> None:
    async with smtp_server(Mailbox(), enable_SMTPUTF8=False) as address:
        outcome = await mail_channel(f"smtp://{address}").deliver(
            delivery_of(alert_of(three_stars(cooperative(email="hảođạt@example.vn"))))
        )
    assert outcome == Refused("server-without-smtputf8")


async def test_a_check_sends_no_mail_and_is_not_repeated_at_once() -> None:
    mailbox, connected = Mailbox(), 0

    class Counting(SMTP):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            nonlocal connected
            connected += 1
            super().connection_made(transport)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Counting(mailbox, loop=loop), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        channel = mail_channel(f"smtp://{host}:{port}")
        checks = await asyncio.gather(*(channel.check() for _ in range(5)))
    assert set(checks) == {ChannelCheck("email", f"{host}:{port}", "answers, not encrypted")}
    assert (mailbox.envelopes, connected) == ([], 1)


async def test_a_check_says_that_nobody_is_there() -> None:
    async with smtp_server(Mailbox()) as address:
        pass
    check = await mail_channel(f"smtp://{address}").check()
    assert check == ChannelCheck("email", address, fault="not-connected ConnectionRefusedError")


async def test_a_check_does_not_wait_for_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async def silence(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stop.wait()
        writer.close()

    monkeypatch.setattr(mail, "CHECK_SECONDS", 0.2)
    stop = asyncio.Event()
    async with await asyncio.start_server(silence, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        check = await mail_channel(f"smtp://{host}:{port}").check()
        stop.set()
    assert check.fault == "timed-out"


@pytest.mark.parametrize(
    ("mailbox", "options", "fault"),
    [
        pytest.param(Mailbox(to_sender="550 5.7.1 not you"), {}, "550 5.7.1", id="our sender"),
        pytest.param(Mailbox(to_sender="451 4.3.2 later"), {}, "451 4.3.2", id="for now"),
        pytest.param(Mailbox(), {"auth_required": True}, "530 5.7.0", id="without a log-in"),
    ],
)
async def test_a_check_says_what_the_server_refuses(mailbox: Mailbox, options: dict[str, Any], fault: str) -> None:
    async with smtp_server(mailbox, **options) as address:
        assert (await mail_channel(f"smtp://{address}").check()).fault == fault


# Mail, encrypted and authenticated


def knows_the_password(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
) -> AuthResult:
    return AuthResult(success=(login.login, login.password) == (b"ocop@example.vn", PASSWORD.encode()), handled=False)


@pytest.mark.usefixtures("trusted")
async def test_a_password_is_given_over_starttls(alert: Alert, server_tls: ssl.SSLContext) -> None:
    options: dict[str, Any] = {"tls_context": server_tls, "auth_required": True, "authenticator": knows_the_password}
    mailbox = Mailbox()
    async with smtp_server(mailbox, **options) as address:
        outcome = await mail_channel(f"smtp://ocop%40example.vn:{PASSWORD_IN_URL}@{address}").deliver(
            delivery_of(alert)
        )
    assert outcome == Delivered()
    assert mailbox.mail()["Message-ID"] == f"<{ALERT_ID}@example.vn>"


@pytest.mark.usefixtures("trusted")
async def test_a_wrong_password_loses_no_alert(alert: Alert, server_tls: ssl.SSLContext) -> None:
    options: dict[str, Any] = {"tls_context": server_tls, "auth_required": True, "authenticator": knows_the_password}
    async with smtp_server(Mailbox(), **options) as address:
        outcome = await mail_channel(f"smtp://ocop%40example.vn:wrong@{address}").deliver(delivery_of(alert))
    assert outcome == Unavailable("535 5.7.8")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("password", "found", "fault"),
    [
        pytest.param(PASSWORD_IN_URL, "answers, encrypted, logged in", None, id="right"),
        pytest.param("wrong", "", "535 5.7.8", id="wrong"),
    ],
)
async def test_a_check_logs_in(password: str, found: str, fault: str | None, server_tls: ssl.SSLContext) -> None:
    options: dict[str, Any] = {"tls_context": server_tls, "auth_required": True, "authenticator": knows_the_password}
    async with smtp_server(Mailbox(), **options) as address:
        check = await mail_channel(f"smtp://ocop%40example.vn:{password}@{address}").check()
    assert check == ChannelCheck("email", address, found, fault)


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_check_says_that_a_certificate_is_not_trusted(server_tls: ssl.SSLContext, scheme: str) -> None:
    options: dict[str, Any] = {"tls": server_tls} if scheme == "smtps" else {"tls_context": server_tls}
    async with smtp_server(Mailbox(), **options) as address:
        check = await mail_channel(f"{scheme}://{address}").check()
    assert check.fault
    assert "SSLCertVerificationError" in check.fault


async def test_a_missing_password_loses_no_alert(alert: Alert) -> None:
    async with smtp_server(Mailbox(), auth_required=True) as address:
        outcome = await mail_channel(f"smtp://{address}").deliver(delivery_of(alert))
    assert outcome == Unavailable("530 5.7.0")


async def test_a_password_is_not_given_where_anyone_could_read_it(alert: Alert) -> None:
    async with smtp_server(Mailbox(), auth_require_tls=False, authenticator=knows_the_password) as address:
        outcome = await mail_channel(f"smtp://ocop%40example.vn:{PASSWORD_IN_URL}@{address}").deliver(
            delivery_of(alert)
        )
    assert outcome == Unavailable("SMTP STARTTLS extension not supported by server.")


async def test_a_password_is_given_unencrypted_where_the_operator_says_so(alert: Alert) -> None:
    async with smtp_server(Mailbox(), auth_require_tls=False, authenticator=knows_the_password) as address:
        url = f"smtp://ocop%40example.vn:{PASSWORD_IN_URL}@{address}?starttls=never"
        assert await mail_channel(url).deliver(delivery_of(alert)) == Delivered()


@pytest.mark.usefixtures("trusted")
async def test_starttls_is_used_where_it_is_offered(alert: Alert, server_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), tls_context=server_tls, require_starttls=True) as address:
        assert await mail_channel(f"smtp://{address}").deliver(delivery_of(alert)) == Delivered()


@pytest.mark.usefixtures("trusted")
async def test_smtps_is_encrypted_from_the_start(alert: Alert, server_tls: ssl.SSLContext) -> None:
    async with smtp_server(Mailbox(), tls=server_tls) as address:
        assert await mail_channel(f"smtps://{address}").deliver(delivery_of(alert)) == Delivered()


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_with_an_untrusted_certificate_gets_no_mail(
    alert: Alert, server_tls: ssl.SSLContext, scheme: str
) -> None:
    mailbox = Mailbox()
    options: dict[str, Any] = {"tls": server_tls} if scheme == "smtps" else {"tls_context": server_tls}
    async with smtp_server(mailbox, **options) as address:
        outcome = await mail_channel(f"{scheme}://{address}").deliver(delivery_of(alert))
    assert outcome == Unavailable("not-connected SSLCertVerificationError")
    assert mailbox.envelopes == []


@given(st.lists(st.sampled_from(SUBJECT_WORDS), min_size=1, max_size=30).map(" ".join))
def test_a_subject_arrives_as_it_was_written(subject: str) -> None:
    alert = alert_of(three_stars())
    vars(alert)["subject"] = subject  # as if it had been rendered so
    sent = message(delivery_of(alert), SENDER, RECIPIENT)

    flattened = flatten_message(sent)

    assert message_from_bytes(flattened, policy=policy.default)["Subject"] == subject
    head = flattened.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78  # RFC 5322, section 2.1.1


async def test_a_subject_keeps_its_spaces_through_a_mail_server() -> None:
    mailbox = Mailbox()
    alert = alert_of(rejected_dossier(cooperative(), "Cháo hạt sen ăn liền"))
    async with smtp_server(mailbox) as address:
        await mail_channel(f"smtp://{address}").deliver(delivery_of(alert))
    assert mailbox.mail()["Subject"] == "Hồ sơ OCOP cần sửa: Cháo hạt sen ăn liền"
