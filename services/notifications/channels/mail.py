"""Mail as a channel: any SMTP server."""

import asyncio
import re
from collections.abc import Iterable
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import getaddresses, parseaddr
from typing import Literal

import aiosmtplib
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from services.notifications.channels import ChannelCheck, Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.mail_connections import MailConnections
from services.notifications.channels.mail_server import Encryption, MailServer
from services.notifications.channels.recent_check import RecentCheck
from services.notifications.delivery import Delivery
from services.notifications.documents import Attachment, attachments_of

#: The server wants us to say who we are, or does not believe us (RFC 4954, section 6): the operator's to mend.
_ABOUT_US = frozenset({530, 534, 535, 538})
#: An enhanced status code (RFC 3463) at the start of a reply.
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
#: alerts; of longer digests, no files are attached
MOST_WITH_FILES = 5
#: seconds; how long a mail server may take to answer a check, less than whoever asks waits for it
CHECK_SECONDS = 4.0
#: In aiosmtplib's words: true insists, none takes it where it is offered.
_START_TLS = {
    Encryption.TLS: False,
    Encryption.STARTTLS_REQUIRED: True,
    Encryption.STARTTLS_IF_OFFERED: None,
    Encryption.NONE: False,
}


class _Subject(UnstructuredHeader, BaseHeader):
    """A subject that keeps its spaces: up to Python 3.12, the policies drop some where they fold encoded words."""

    def fold(self, *, policy: Policy) -> str:
        encoded = Header(str(self), "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {encoded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_POLICY = SMTP.clone(header_factory=_HEADERS)


class MailChannel:
    """Hands alerts to a mail server.

    Args:
        server: the mail server.
        sender: the address that alerts come from, with or without a name: `OCOP <ocop@example.vn>`.
        timeout_seconds: how long to wait for each answer of the server; an alert takes twice as long at most, with the
            wait for a connection, so that it is not in flight for as long as the broker's own patience lasts.

    Raises:
        ValueError: the sender is no address, or one that not every server can take.
    """

    name: Literal["email"] = "email"

    def __init__(self, server: MailServer, sender: str, *, timeout_seconds: float = 30) -> None:
        self._server = server
        self._sender = _sender(sender)
        self._timeout_seconds = timeout_seconds
        self._connections = MailConnections(self._connection)
        self._recent_check = RecentCheck(self._check)

    async def check(self) -> ChannelCheck:
        """Return whether the mail server greets us, encrypts where it has to, and takes our log-in and our sender.

        No mail is sent.
        """
        return await self._recent_check.result()

    async def close(self) -> None:
        """Close the connections to the mail server."""
        await self._connections.close()

    async def _check(self) -> ChannelCheck:
        place = f"{self._server.host}:{self._server.port}"
        try:
            async with asyncio.timeout(CHECK_SECONDS), self._connection() as connection:
                encrypted = connection.get_transport_info("cipher") is not None
                await connection.mail(self._sender.addr_spec)
                await connection.rset()
        except (aiosmtplib.SMTPException, OSError) as error:
            return ChannelCheck(self.name, place, fault=_trouble(error))
        logged_in = ", logged in" if self._server.username else ""
        return ChannelCheck(self.name, place, f"answers, {'' if encrypted else 'not '}encrypted{logged_in}")

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        """Send a mail to the recipient's address."""
        recipient = _recipient(delivery.to)
        if recipient is None:
            return Refused("address-unusable")
        files = await asyncio.to_thread(attachments, delivery)  # some take some milliseconds to be set
        mail = message(delivery, self._sender, recipient, files)
        try:
            async with asyncio.timeout(2 * self._timeout_seconds):
                await self._send(mail)
        except (aiosmtplib.SMTPException, OSError) as error:
            return _outcome(error)
        return Delivered()

    async def _send(self, mail: EmailMessage) -> None:
        """Send a mail over an open connection, over a new one where the server has closed that meanwhile."""
        served = False
        try:
            async with self._connections.open() as (connection, served):
                await connection.send_message(mail)
                return
        except (aiosmtplib.SMTPServerDisconnected, ConnectionError):
            if not served:
                raise
        async with self._connections.open(new=True) as (connection, _):
            await connection.send_message(mail)

    def _connection(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password.get_secret_value() if server.password else None,
            use_tls=server.encryption is Encryption.TLS,
            start_tls=_START_TLS[server.encryption],
            timeout=self._timeout_seconds,
        )


def attachments(delivery: Delivery) -> tuple[Attachment, ...]:
    """Return the files that go with a delivery to a producer: of a long digest none, since nobody opens them all."""
    if len(delivery.alerts) > MOST_WITH_FILES:
        return ()
    producers = (alert for alert in delivery.alerts if alert.audience == "producer")
    return tuple(file for alert in producers for file in attachments_of(alert.event_data, alert.language))


def message(delivery: Delivery, sender: Address, recipient: Address, files: Iterable[Attachment] = ()) -> EmailMessage:
    """Return the mail: always the same for the same delivery, so that a repeat can be recognised by its Message-ID."""
    mail = EmailMessage(policy=_POLICY)
    mail["Message-ID"] = f"<{delivery.id}@{sender.domain}>"
    mail["Date"] = delivery.time
    mail["From"] = sender
    mail["To"] = recipient
    mail["Subject"] = delivery.subject
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes in return
    mail.set_content(delivery.text)
    mail.add_alternative(delivery.html, subtype="html")
    for file in files:
        maintype, _, subtype = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.file_name)
    for number, part in enumerate(each for each in mail.walk() if each.is_multipart()):
        part.set_boundary(f"=_{delivery.id}-{number}")  # else another one at each attempt
    return mail


def _sender(sender: str) -> Address:
    display_name, address = parseaddr(sender)
    try:
        parsed = _parsed(address)
    except EmailNotValidError as error:
        raise ValueError(f"sender address of mail: {error}") from error
    if parsed.ascii_local_part is None:
        raise ValueError("sender address of mail: only ASCII may stand before the @")
    if len(getaddresses([sender])) > 1:
        raise ValueError("sender address of mail: there must be one only")
    return Address(display_name, parsed.ascii_local_part, parsed.ascii_domain)


def _recipient(address: str) -> Address | None:
    """Return the address, its domain in ASCII (IDNA) so that only a letter before the @ can call for SMTPUTF8."""
    try:
        parsed = _parsed(address)
    except EmailNotValidError:
        return None
    return Address(username=parsed.local_part, domain=parsed.ascii_domain)


def _parsed(address: str) -> ValidatedEmail:
    """Read an address. Whether its domain can be reached is the mail server's to say: it may be an internal one."""
    return validate_email(address, check_deliverability=False, globally_deliverable=False)


def _outcome(error: aiosmtplib.SMTPException | OSError) -> Refused | Unavailable:
    """Distinguish a fault of this mail (refused) from one between us and the server (unavailable)."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[refusal, *_]):
            return _outcome(refusal)
        case aiosmtplib.SMTPRecipientRefused() | aiosmtplib.SMTPSenderRefused() | aiosmtplib.SMTPDataError() if (
            500 <= error.code <= 599 and error.code not in _ABOUT_US
        ):
            return Refused(_reply(error))
        case aiosmtplib.SMTPNotSupported():
            return Refused("server-without-smtputf8")
        case _:
            return Unavailable(_trouble(error))


def _trouble(error: aiosmtplib.SMTPException | OSError) -> str:
    match error:
        case aiosmtplib.SMTPResponseException():
            return _reply(error)
        case TimeoutError():
            return "timed-out"
        case OSError():
            return f"not-connected {type(error.__cause__ or error).__name__}"
        case _:
            return error.message  # the client's own words on a server without STARTTLS or AUTH


def _reply(error: aiosmtplib.SMTPResponseException) -> str:
    """Return the reply's codes without its text, which may repeat the address."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
