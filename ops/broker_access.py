"""Which broker the operators' commands talk to, as which user, and what keeps them out, in words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLCertVerificationError
from urllib.parse import unquote

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractConnection
from yarl import URL

from ops.language import gettext as _
from ops.operator_settings import SETTING, AccessError, operator_settings, or_exit
from shared.integrations import FILE
from shared.messaging.amqp_properties import read_leniently
from shared.messaging.connection import AWAY, CONNECT_SECONDS, address_of, broker_url, with_authority

__all__ = ["Access", "AccessError", "access_of", "connected", "operator_access"]

_REFUSED = (
    aiormq.exceptions.AuthenticationError,
    aiormq.exceptions.ProbableAuthenticationError,
    aiormq.exceptions.InvalidFrameError,  # what the client makes of a broker that closes instead of opening a vhost
)


@dataclass(frozen=True)
class Access:
    """A broker and the user as whom to log in. `management_url`: its management interface, without a user.

    `integrations`: the file of those who connect to it.
    """

    url: str = field(repr=False)
    management_url: str = ""
    ca_file: Path | None = None
    integrations: Path = FILE

    @property
    def user(self) -> str:
        """The user's name."""
        return URL(self.url).user or "guest"

    @property
    def password(self) -> str:
        """The user's password."""
        return URL(self.url).password or "guest"

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return address_of(self.url)

    @property
    def vhost(self) -> str:
        """The virtual host."""
        return unquote(URL(self.url).raw_path.removeprefix("/")) or "/"


def operator_access(folder: Path | None) -> Access:
    """Return the broker of a stack's folder; without one that of the settings, or else of the stack of `make up`.

    Raises:
        AccessError: nothing names a broker, or what is set is no URL of one.
    """
    settings = operator_settings(folder)
    if settings.amqp_url is None:
        said = _("{setting} is not set: set it to the operator's URL of the broker{or_the_stack}")
        raise AccessError(said.format(setting=SETTING, or_the_stack=settings.or_the_stack))
    url = _checked(settings.amqp_url)
    return Access(
        with_authority(url, settings.tls_ca_file),
        settings.management_url or _likely(url),
        settings.tls_ca_file,
        settings.integrations,
    )


def access_of(folder: Path | None) -> Access:
    """Return what `operator_access` gives, to a command. Raise Exit (code 1), having said what is wrong."""
    return or_exit(lambda: operator_access(folder))


def _checked(url: str) -> str:
    try:
        parsed = URL(url)
        if parsed.scheme in {"amqp", "amqps"} and parsed.host:
            return url
    except ValueError:
        pass  # its own words would repeat the URL
    raise AccessError(_("{setting} must be amqp[s]://user:password@host:port/vhost").format(setting=SETTING))


def _likely(url: str) -> str:
    """Return where a broker's management interface listens unless it is configured otherwise."""
    parsed = URL(url)
    scheme, port = ("https", 15671) if parsed.scheme == "amqps" else ("http", 15672)
    return f"{scheme}://{parsed.host}:{port}"


@asynccontextmanager
async def connected(access: Access, *, name: str) -> AsyncIterator[AbstractConnection]:
    """Connect for the length of a block. What the broker refuses, and that it goes away, becomes an AccessError."""
    read_leniently()
    for chatty in ("aio_pika", "aiormq"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)  # what they would say we say, once and without the URL
    connection = aio_pika.Connection(URL(broker_url(access.url, name=name)))
    try:
        await _connect(connection)
    except _REFUSED as error:
        said = _("the broker {place} refuses the user {user}: wrong name, password or vhost")
        raise AccessError(said.format(place=access.place, user=access.user)) from error
    except (*AWAY, OSError) as error:
        raise AccessError(_why_away(error, access.place)) from error
    async with connection:
        try:
            yield connection
        except aiormq.exceptions.ChannelAccessRefused as error:
            said = _("the user {user} may not do this: {error}")
            raise AccessError(said.format(user=access.user, error=error)) from error
        except aiormq.exceptions.ChannelNotFoundEntity as error:
            said = _("the broker {place} is not set up: {error}; run ocop access apply")
            raise AccessError(said.format(place=access.place, error=error)) from error
        except BrokenPipeError:  # our own output's reader has gone, `head` say; a broker that goes raises another error
            raise
        except AWAY as error:
            said = _("the broker {place} went away: {error}")
            raise AccessError(said.format(place=access.place, error=type(error).__name__)) from error


def _why_away(error: BaseException, place: str) -> str:
    for each in (error, error.__cause__):
        if isinstance(each, SSLCertVerificationError):
            said = _("the broker {place} is not trusted: {why}; name its authority in OCOP_TLS_CA_FILE, or renew it")
            return said.format(place=place, why=each.verify_message)
    return _("the broker {place} does not answer: {error}").format(place=place, error=type(error).__name__)


async def _connect(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await connection.connect()
    except BaseException:
        await connection.close()  # or the library closes it when it is forgotten, where no loop may be running
        raise
