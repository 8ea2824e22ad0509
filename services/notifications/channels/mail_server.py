"""A mail server, as one URL names it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pydantic import SecretStr

#: The registered ports of the two schemes.
_PORTS = {"smtp": 25, "smtps": 465}


class Encryption(StrEnum):
    """How the connection is encrypted; certificates are checked in every case."""

    TLS = "tls"
    STARTTLS_REQUIRED = "required"
    STARTTLS_IF_OFFERED = "if-offered"
    NONE = "never"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    encryption: Encryption
    username: str | None = None
    password: SecretStr | None = None

    @classmethod
    def from_url(cls, url: SecretStr) -> Self:
        """Read `smtp://[user:password@]host[:port][?starttls=required|never]` or `smtps://…` (TLS from the start).

        Without `starttls`, a connection is encrypted where the server offers it, and must be where there is a password.

        Raises:
            ValueError: saying what is wrong with the URL, without repeating any of it.
        """
        try:
            parts = urlsplit(url.get_secret_value())
            port = parts.port
        except ValueError:
            # What Python could not read as a port may be the rest of a password, so its message is dropped.
            raise _faulty(
                "host and port cannot be made out; is every / : @ # ? of the password percent-encoded?"
            ) from None
        if parts.scheme not in _PORTS:
            raise _faulty("it must begin with smtp:// or smtps://")
        if not parts.hostname:
            raise _faulty("the host is missing")
        if parts.path not in {"", "/"} or parts.fragment:
            raise _faulty(
                "nothing but ?starttls= may follow host and port; is every / and # of the password percent-encoded?"
            )
        if bool(parts.username) != bool(parts.password):
            raise _faulty("user and password come together or not at all")
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            encryption=_encryption(parts),
            username=unquote(parts.username) if parts.username else None,
            password=SecretStr(unquote(parts.password)) if parts.password else None,
        )


def _encryption(parts: SplitResult) -> Encryption:
    match parts.scheme, parse_qsl(parts.query, keep_blank_values=True):
        case "smtps", []:
            return Encryption.TLS
        case "smtp", []:
            return Encryption.STARTTLS_REQUIRED if parts.password else Encryption.STARTTLS_IF_OFFERED
        case "smtp", [("starttls", "required" | "never" as wanted)]:
            return Encryption(wanted)
        case _:
            raise _faulty("after the ? only starttls=required or starttls=never is known, and only for smtp://")


def _faulty(what: str) -> ValueError:
    return ValueError(f"mail server URL: {what}")
