"""Where mail goes: the server's URL, and the sender."""

import traceback

import pytest
from pydantic import SecretStr

from services.notifications.channels.mail import MailChannel
from services.notifications.channels.mail_server import Encryption, MailServer

RELAY = MailServer(host="mail.example.vn", port=25, encryption=Encryption.STARTTLS_IF_OFFERED)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.vn", RELAY),
        ("smtp://127.0.0.1:1025", MailServer("127.0.0.1", 1025, Encryption.STARTTLS_IF_OFFERED)),
        ("smtp://[::1]:1025/", MailServer("::1", 1025, Encryption.STARTTLS_IF_OFFERED)),
        ("smtp://mail.example.vn?starttls=never", MailServer("mail.example.vn", 25, Encryption.NONE)),
        (
            "smtp://mail.example.vn:587?starttls=required",
            MailServer("mail.example.vn", 587, Encryption.STARTTLS_REQUIRED),
        ),
        ("smtps://mail.example.vn", MailServer("mail.example.vn", 465, Encryption.TLS)),
        (
            "smtp://ocop%40example.vn:ch%C3%A8%2F1@mail.example.vn:587",
            MailServer("mail.example.vn", 587, Encryption.STARTTLS_REQUIRED, "ocop@example.vn", SecretStr("chè/1")),
        ),
    ],
)
def test_a_url_names_a_mail_server(url: str, server: MailServer) -> None:
    assert MailServer.from_url(SecretStr(url)) == server


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://u:kín@mail.example.vn", "must begin with smtp:// or smtps://"),
        ("mail.example.vn:25", "must begin with smtp:// or smtps://"),
        ("smtp://u:kín@:25", "host is missing"),
        ("smtp://u:kín@mail.example.vn:99999", "host and port cannot be made out"),
        ("smtp://u:kín/b@mail.example.vn", "host and port cannot be made out"),
        ("smtp://u:1/kín@mail.example.vn", "nothing but ?starttls= may follow host and port"),
        ("smtp://u:1#kín@mail.example.vn", "nothing but ?starttls= may follow host and port"),
        ("smtp://:kín@mail.example.vn", "user and password come together"),
        ("smtp://u@mail.example.vn", "user and password come together"),
        ("smtp://u:kín@mail.example.vn?starttls=maybe", "starttls=required or starttls=never"),
        ("smtp://u:kín@mail.example.vn?tls=1", "starttls=required or starttls=never"),
        ("smtps://u:kín@mail.example.vn?starttls=required", "only for smtp://"),
    ],
)
def test_a_faulty_url_is_refused_without_showing_the_password(url: str, message: str) -> None:
    with pytest.raises(ValueError, match="mail server URL") as refusal:
        MailServer.from_url(SecretStr(url))
    assert message in str(refusal.value)
    assert "kín" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert "kín" not in "".join(traceback.format_exception_only(refusal.value))


def test_a_password_is_never_shown() -> None:
    server = MailServer.from_url(SecretStr("smtp://u:k%C3%ADn@mail.example.vn"))
    channel = MailChannel(server, "ocop@example.vn")
    assert "kín" not in f"{server} {server!r} {channel!r} {vars(channel)}"


@pytest.mark.parametrize("sender", ["", "OCOP", "đào@example.vn", "a@example.vn, b@example.vn"])
def test_a_sender_that_not_every_server_takes_is_refused_at_once(sender: str) -> None:
    with pytest.raises(ValueError, match="sender address of mail"):
        MailChannel(RELAY, sender)
