"""Settings of a service: environment (`OCOP_…`), a `.env` file, or a folder of files. `.env.example` lists them."""

import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import SettingsError

_SCHEMES = {"amqp_url": ("amqp", "amqps"), "mongo_url": ("mongodb", "mongodb+srv")}


#: Schemes whose addresses nobody else can open, or that hold the document themselves.
_CLOSED_SCHEMES = frozenset({"blob", "data", "file", "javascript", "mailto", "tel"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")


class DocumentSettings(BaseSettings):
    """What is said of documents; the `ocop` command checks dossiers by it too."""

    # what is left empty is not set: compose passes on what somebody has left empty in .env
    model_config = SettingsConfigDict(env_prefix="OCOP_", env_file=".env", env_ignore_empty=True, extra="ignore")

    document_schemes: Annotated[frozenset[str], NoDecode] = Field(
        frozenset({"https"}), description="what the address of a document may begin with, such as https,s3"
    )

    @field_validator("document_schemes", mode="before")
    @classmethod
    def _names_schemes(cls, listed: object) -> object:
        if not isinstance(listed, str):
            return listed
        schemes = frozenset(name.strip().lower().removesuffix("://") for name in listed.split(",") if name.strip())
        if not schemes or not all(map(_SCHEME.fullmatch, schemes)):
            raise ValueError("must be schemes with commas between them, such as https,s3")
        if closed := schemes & _CLOSED_SCHEMES:
            raise ValueError(f"{', '.join(sorted(closed))}: nobody but the sender can open such an address")
        return schemes


class Settings(DocumentSettings):
    """What a service needs to know of the world. URLs may hold passwords, so no log and no repr shows them."""

    amqp_url: SecretStr = Field(description="amqp[s]://user:password@host:port/vhost of RabbitMQ")
    mongo_url: SecretStr = Field(description="mongodb[+srv]://… of MongoDB")
    smtp_url: SecretStr | None = Field(None, description="smtp[s]://… of the mail server; none: alerts go to the log")
    tls_ca_file: FilePath | None = Field(None, description="PEM file of the authority that servers are held to")
    mail_from: str = Field("OCOP <ocop@ocop.example.vn>", description="the sender of alerts")
    http_host: str = Field("127.0.0.1", description="where /live, /ready and /metrics listen")
    http_port: int = Field(8080, ge=0, le=65535, description="port of /live, /ready and /metrics")
    prefetch: int = Field(100, ge=1, le=2000, description="messages in flight at the same time")
    publish_timeout_seconds: float = Field(30, gt=0, description="how long a publisher confirm may take")
    drain_seconds: float = Field(20, gt=0, description="how long a stop may take, with the messages in flight")
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("amqp_url", "mongo_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr, field: ValidationInfo) -> SecretStr:
        schemes = _SCHEMES[field.field_name or ""]
        if not _is_whole(url.get_secret_value(), schemes):
            likely = " or ".join(f"{scheme}://host…" for scheme in schemes)
            raise ValueError(f"must be {likely}; is every / : @ # ? of the password percent-encoded?")
        return url


def _is_whole(url: str, schemes: tuple[str, ...]) -> bool:
    """Return whether a URL is one of a server, and no unencoded password has broken it apart."""
    try:
        parts = urlsplit(url)
        if "amqp" in schemes:
            _ = parts.port  # MongoDB's may name several hosts
    except ValueError:  # its words may repeat a part of the password
        return False
    hosts = parts.netloc.rpartition("@")[2]
    return parts.scheme in schemes and bool(hosts) and "@" not in parts.path + parts.query + parts.fragment


def load_document_settings() -> DocumentSettings:
    """Read what is said of documents, as `load_settings` does. Raise SettingsError."""
    try:
        return DocumentSettings(_secrets_dir=secrets_folder())
    except ValidationError as error:
        raise unusable(error) from None


def load_settings(kind: type[Settings] = Settings) -> Settings:
    """Read the settings, those that every service has or those of one.

    What the environment and `.env` do not say is looked for in the folder `OCOP_SECRETS_DIR` (default: `/run/secrets`,
    where Docker and Kubernetes put it): a file a setting, `ocop_amqp_url`, so that a password is in no environment.

    Raises:
        SettingsError: it names every setting that is missing or wrong, a line each.
    """
    try:
        return kind(_secrets_dir=secrets_folder())
    except ValidationError as error:
        raise unusable(error) from None


def secrets_folder() -> Path | None:
    """Return the folder in which a file is a setting, None where there is none. Raise SettingsError if missing."""
    folder = Path(os.environ.get("OCOP_SECRETS_DIR", "/run/secrets"))
    if "OCOP_SECRETS_DIR" in os.environ and not folder.is_dir():
        raise SettingsError(f"OCOP_SECRETS_DIR: {folder} is no folder")
    return folder if folder.is_dir() else None


def unusable(error: ValidationError) -> SettingsError:
    """Return the error that names every setting that is missing or wrong, a line each, without what may be secret."""
    faults = error.errors(include_input=False, include_url=False)
    return SettingsError(
        "\n".join(f"OCOP_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in faults)
    )
