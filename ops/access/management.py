"""RabbitMQ's management interface, as far as a set-up and an operator need it."""

import base64
import json
import ssl
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from ops.errors import CommandError

#: seconds; the import of all definitions takes about one
_TIMEOUT_SECONDS = 60
#: seconds for an answer that a person waits for
_LOOK_SECONDS = 5


class ManagementError(CommandError):
    """The management interface did not do what was asked; the message says which and why, without the password."""


def import_definitions(
    url: str, content: dict[str, Any], *, user: str, password: str, ca_file: Path | None = None
) -> None:
    """Import definitions: what is there already is brought up to date. Raise ManagementError.

    `ca_file` has the authority that the server's certificate is held to, in place of the system's.
    """
    request = _request(url, "definitions", user=user, password=password, content=content)
    _answer(request, "refused the definitions", ca_file=ca_file)


def unbind(
    url: str, bindings: Iterable[Mapping[str, Any]], *, user: str, password: str, ca_file: Path | None = None
) -> None:
    """Take bindings of queues, as the interface lists them, from the broker. Raise ManagementError."""
    for binding in bindings:
        names = (binding[name] for name in ("vhost", "source", "destination", "properties_key"))
        vhost, exchange, queue, key = (quote(name, safe="") for name in names)
        path = f"bindings/{vhost}/e/{exchange}/q/{queue}/{key}"
        request = _request(url, path, user=user, password=password, method="DELETE")
        _answer(request, "refused to unbind", ca_file=ca_file)


def look(url: str, path: str, *, user: str, password: str, ca_file: Path | None = None) -> Any:
    """Read what is at a path below `/api`. Raise ManagementError."""
    request = _request(url, path, user=user, password=password)
    return _answer(request, "refused", ca_file=ca_file, timeout_seconds=_LOOK_SECONDS)


def _request(
    url: str, path: str, *, user: str, password: str, content: dict[str, Any] | None = None, method: str | None = None
) -> Request:
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    return Request(  # noqa: S310  # the scheme is checked in _base
        f"{_base(url)}/api/{path}",
        data=json.dumps(content).encode() if content else None,
        headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        method=method,
    )


def _answer(request: Request, refused: str, *, ca_file: Path | None, timeout_seconds: float = _TIMEOUT_SECONDS) -> Any:
    address = request.full_url
    try:
        trusted = ssl.create_default_context(cafile=ca_file)
        with urlopen(request, timeout=timeout_seconds, context=trusted) as response:  # noqa: S310  # as above
            body = response.read()
    except HTTPError as error:
        said = error.read(2000).decode("utf-8", "replace")
        raise ManagementError(f"{address} {refused}: {error.code} {said}") from error
    except (URLError, OSError, HTTPException) as error:
        raise ManagementError(f"{address} cannot be reached: {getattr(error, 'reason', error)}") from error
    return _read(body, address)


def _read(body: bytes, address: str) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        raise ManagementError(f"{address} is no management interface of RabbitMQ: it answers no JSON") from None


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ManagementError("the URL of the management interface must be http[s]://host:port, without a user")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
