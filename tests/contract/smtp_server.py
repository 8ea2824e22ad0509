"""A real SMTP server on this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """The handler of a real SMTP server: keeps what arrives and answers as told."""

    def __init__(self, *, to_sender: str = "250 OK", to_recipient: str = "250 OK", to_content: str = "250 OK") -> None:
        self.envelopes: list[Envelope] = []
        #: the connections over which mail came
        self.peers: dict[object, SMTP] = {}
        #: recipient → what she is answered first, in this order
        self.first_answers: dict[str, list[str]] = {}
        self._answers = to_sender, to_recipient, to_content

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.peers[session.peer] = server
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self._answers[0]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if waiting := self.first_answers.get(address):
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return self._answers[1]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.envelopes.append(envelope)
        return self._answers[2]

    def hang_up(self) -> None:
        """Close the connections over which mail came, without a word."""
        for server in self.peers.values():
            if server.transport:
                server.transport.close()

    def mails(self) -> list[EmailMessage]:
        contents = [envelope.original_content or b"" for envelope in self.envelopes]
        return [message_from_bytes(content, policy=policy.default) for content in contents]

    def mail(self) -> EmailMessage:
        (mail,) = self.mails()
        return mail


@asynccontextmanager
async def smtp_server(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[str]:
    """Run a server on a free port of 127.0.0.1 and return its `host:port`."""
    loop = asyncio.get_running_loop()
    options = {"hostname": "mail.example.vn", "enable_SMTPUTF8": True, **options}
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop, **options), "127.0.0.1", 0, ssl=tls)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
