"""Which broker the operators' commands talk to, as which user, and what keeps them out, in words."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aio_pika
import aiormq.exceptions
import typer
from aio_pika.abc import AbstractConnection
from dotenv import dotenv_values
from pydantic import FilePath, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from yarl import URL

from ops.commands import LOCAL
from ops.stack import StackError
from ops.up import URLS
from shared.errors import SettingsError
from shared.messaging.connection import AWAY, CONNECT_SECONDS, broker_url, with_authority
from shared.messaging.properties import read_leniently
from shared.settings import secrets_folder, unusable

SETTING = "OCOP_OPERATOR_AMQP_URL"

_REFUSED = (
    aiormq.exceptions.AuthenticationError,
    aiormq.exceptions.ProbableAuthenticationError,
    aiormq.exceptions.InvalidFrameError,  # what the client makes of a broker that closes instead of opening a vhost
)


class AccessError(StackError):
    """The broker cannot be used; the message says why, without the URL, which holds a password."""


class OperatorSettings(BaseSettings):
    """Where the operators' commands log in: environment (`OCOP_…`), a `.env` file, or the folder of secrets."""

    model_config = SettingsConfigDict(env_prefix="OCOP_", env_file=".env", extra="ignore")

    operator_amqp_url: SecretStr | None = None
    tls_ca_file: FilePath | None = None


@dataclass(frozen=True)
class Access:
    """A broker and the user as whom to log in."""

    url: str = field(repr=False)

    @property
    def user(self) -> str:
        """The user's name."""
        return URL(self.url).user or "guest"

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return f"{URL(self.url).host}:{URL(self.url).port or 5672}"


def operator_access(folder: Path | None) -> Access:
    """Give the broker of a stack's folder; without one that of the settings, or else of the stack that `make up` runs.

    Raises:
        AccessError: nothing is set, or what is set is no URL of a broker.
    """
    settings = _settings()
    if folder is None and settings.operator_amqp_url:
        return Access(with_authority(_checked(settings.operator_amqp_url.get_secret_value()), settings.tls_ca_file))
    url = dotenv_values((folder or LOCAL) / URLS).get(SETTING)
    if not url:
        where = f"nothing is up in {folder or LOCAL}: start it with `make up`"
        raise AccessError(where if folder else f"{where}, or set {SETTING} to the operator's URL of another broker")
    return Access(_checked(url))


def access_of(folder: Path | None) -> Access:
    """Give what `operator_access` gives, to a command. Raises Exit (code 1), having said what is wrong."""
    try:
        return operator_access(folder)
    except AccessError as error:
        typer.echo(f"ocop: {error}", err=True)
        raise typer.Exit(1) from None


def _settings() -> OperatorSettings:
    try:
        return OperatorSettings(_secrets_dir=secrets_folder())
    except SettingsError as error:
        raise AccessError(str(error)) from None
    except ValidationError as error:
        raise AccessError(str(unusable(error))) from None


def _checked(url: str) -> str:
    try:
        parsed = URL(url)
        if parsed.scheme in {"amqp", "amqps"} and parsed.host:
            return url
    except ValueError:
        pass  # its own words would repeat the URL
    raise AccessError(f"{SETTING} must be amqp[s]://user:password@host:port/vhost")


@asynccontextmanager
async def connected(access: Access, *, name: str) -> AsyncIterator[AbstractConnection]:
    """Connect for the length of a block. What the broker refuses, and that it goes away, becomes an AccessError."""
    read_leniently()
    for chatty in ("aio_pika", "aiormq"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)  # what they would say we say, once and without the URL
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            connection = await aio_pika.connect(broker_url(access.url, name=name))
    except _REFUSED as error:
        raise AccessError(
            f"the broker {access.place} refuses the user {access.user}: wrong name, password or vhost"
        ) from error
    except (*AWAY, OSError) as error:
        raise AccessError(f"the broker {access.place} does not answer: {type(error).__name__}") from error
    async with connection:
        try:
            yield connection
        except aiormq.exceptions.ChannelAccessRefused as error:
            raise AccessError(f"the user {access.user} may not do this: {error}") from error
        except aiormq.exceptions.ChannelNotFoundEntity as error:
            raise AccessError(f"the broker {access.place} is not set up: {error}; run ocop access apply") from error
        except BrokenPipeError:  # our own output's reader has gone, `head` say; a broker that goes is told otherwise
            raise
        except AWAY as error:
            raise AccessError(f"the broker {access.place} went away: {type(error).__name__}") from error
