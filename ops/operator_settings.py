"""Where the operators' commands find broker, database and services, and as whom they log in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import typer
from dotenv import dotenv_values
from pydantic import FilePath, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops.commands import LOCAL
from ops.errors import CommandError
from ops.language import gettext as _
from ops.typed import as_typed
from services.registry.time_limits import go_by
from shared.errors import SettingsError
from shared.integrations import FILE
from shared.settings import secrets_folder, unusable
from shared.system import SYSTEM

#: In the folder of a stack that is up: the operator's URLs of the moment, as settings.
OPERATOR_FILE = "operator.env"
SETTING = "OCOP_OPERATOR_AMQP_URL"
MONGO_SETTING = "OCOP_OPERATOR_MONGO_URL"
MANAGEMENT_SETTING = "OCOP_MANAGEMENT_URL"
SERVICES_SETTING = "OCOP_SERVICE_URLS"
CERTIFICATE_SETTING = "OCOP_CERTIFICATE_JWKS"
INTEGRATIONS_SETTING = "OCOP_INTEGRATIONS"

Given = TypeVar("Given")


class AccessError(CommandError):
    """A server cannot be used; the message says why, without the URL, which holds a password."""


class _Settings(BaseSettings):
    """Environment (`OCOP_…`), a `.env` file, or the folder of secrets."""

    model_config = SettingsConfigDict(env_prefix="OCOP_", env_file=".env", env_ignore_empty=True, extra="ignore")

    operator_amqp_url: SecretStr | None = None
    operator_mongo_url: SecretStr | None = None
    management_url: str | None = None
    service_urls: str = ""
    tls_ca_file: FilePath | None = None
    certificate_jwks: str | None = None
    integrations: Path = FILE
    discard_log: Path | None = None
    time_limits: Path | None = None

    @field_validator("time_limits")
    @classmethod
    def _is_gone_by(cls, file: Path | None) -> Path | None:
        """Let what falls due be counted as the registry counts it, which has the same setting."""
        try:
            if file:
                go_by(file)
        except SettingsError as error:
            raise ValueError(str(error)) from None
        return file

    @property
    def of_an_installation(self) -> dict[str, str]:
        """What is set that is an operator's only, by name; the authority is the services' too."""
        named = {
            SETTING: _secret(self.operator_amqp_url),
            MONGO_SETTING: _secret(self.operator_mongo_url),
            MANAGEMENT_SETTING: self.management_url,
            SERVICES_SETTING: self.service_urls,
            CERTIFICATE_SETTING: self.certificate_jwks,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class OperatorSettings:
    """What an operator's command knows of the installation; None is what nobody has said.

    `service_urls`: where services answer, http://host:port each. `certificate_jwks`: the public keys (JWK Set) by which
    certificates are checked. `instead_of_stack` names the settings for whose sake the stack of `make up` is not meant,
    `service_names` the service of each URL that has a name before it. `integrations`: the file of those who connect.
    `discard_log`: the file of what was discarded.
    """

    amqp_url: str | None = field(repr=False)
    mongo_url: str | None = field(repr=False)
    management_url: str | None
    service_urls: tuple[str, ...]
    tls_ca_file: Path | None
    certificate_jwks: str | None = None
    instead_of_stack: tuple[str, ...] = ()
    service_names: Mapping[str, str] = field(default_factory=dict)
    integrations: Path = FILE
    discard_log: Path | None = None

    @property
    def or_the_stack(self) -> str:
        """What else to do where a setting is missing: the end of a sentence, empty where nothing else helps."""
        if not self.instead_of_stack:
            return ""
        names = ", ".join(self.instead_of_stack)
        return _("; or, for the stack of `make up`, unset what names another installation: {names}").format(names=names)


def operator_settings(folder: Path | None) -> OperatorSettings:
    """Return what is known of a stack's folder; without one the settings, or else the stack that `make up` runs.

    Where one of the settings is there, and not the stack's own, the others are never the stack's: that would be another
    installation.

    Raises:
        AccessError: nothing is set and nothing is up, or a setting is wrong.
    """
    said, stack = _settings(), dotenv_values((folder or LOCAL) / OPERATOR_FILE)
    of_another = tuple(name for name, value in said.of_an_installation.items() if stack.get(name) != value)
    if folder is None and of_another:
        return _as_said(said, instead_of_stack=of_another)
    return _of_stack(folder, stack)


def said_settings() -> OperatorSettings:
    """Return what environment, `.env` and the folder of secrets say, whatever runs. Raise AccessError."""
    return _as_said(_settings())


def stack_settings(folder: Path) -> OperatorSettings:
    """Return what the stack of a folder says. Raise AccessError where it is not up."""
    return _of_stack(folder, dotenv_values(folder / OPERATOR_FILE))


def _as_said(said: _Settings, *, instead_of_stack: tuple[str, ...] = ()) -> OperatorSettings:
    services = _services(said.service_urls)
    return OperatorSettings(
        _secret(said.operator_amqp_url),
        _secret(said.operator_mongo_url),
        said.management_url,
        tuple(services),
        said.tls_ca_file,
        said.certificate_jwks,
        instead_of_stack=instead_of_stack,
        service_names=_named(services),
        integrations=said.integrations,
        discard_log=said.discard_log,
    )


def or_exit(find: Callable[[], Given]) -> Given:
    """Return what is found, to a command. Raise Exit (code 1), having said what is wrong."""
    try:
        return find()
    except AccessError as error:
        typer.echo(as_typed(f"ocop: {error}"), err=True)
        raise typer.Exit(1) from None


def _of_stack(folder: Path | None, said: Mapping[str, str | None]) -> OperatorSettings:
    url = said.get(SETTING)
    if not url:
        where = _("nothing is up in {folder}: start it with `make up`").format(folder=folder or LOCAL)
        otherwise = _("{where}, or set {broker} and {database} to the operator's URLs of another installation")
        raise AccessError(where if folder else otherwise.format(where=where, broker=SETTING, database=MONGO_SETTING))
    services = _services(said.get(SERVICES_SETTING) or "")
    return OperatorSettings(
        url,
        said.get(MONGO_SETTING),
        said.get(MANAGEMENT_SETTING),
        tuple(services),
        None,
        said.get(CERTIFICATE_SETTING),
        service_names=_named(services),
        integrations=Path(said.get(INTEGRATIONS_SETTING) or FILE),
    )


def _secret(value: SecretStr | None) -> str | None:
    return value.get_secret_value() if value else None


def _services(written: str) -> dict[str, str]:
    """Return URL → name of each service, the name empty where none stands before the URL (`registry=http://…`)."""
    parted = (each.partition("=") for each in written.replace(",", " ").split())
    return dict((url, name) if name in SYSTEM.names else (f"{name}{sign}{url}", "") for name, sign, url in parted)


def _named(services: Mapping[str, str]) -> dict[str, str]:
    return {url: name for url, name in services.items() if name}


def _settings() -> _Settings:
    try:
        return _Settings(_secrets_dir=secrets_folder())
    except SettingsError as error:
        raise AccessError(str(error)) from None
    except ValidationError as error:
        raise AccessError(str(unusable(error))) from None
