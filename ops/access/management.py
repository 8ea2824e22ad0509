"""RabbitMQ's management interface, as far as a set-up needs it."""

import base64
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

#: seconds; the import of all definitions takes about one
_TIMEOUT_SECONDS = 60


class ManagementError(Exception):
    """The management interface did not do what was asked; the message says which and why, without the password."""


def import_definitions(
    url: str, content: dict[str, Any], *, user: str, password: str, ca_file: Path | None = None
) -> None:
    """Import definitions: what is there already is brought up to date. Raises ManagementError.

    `ca_file` has the authority that the server's certificate is held to, in place of the system's.
    """
    address = f"{_base(url)}/api/definitions"
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = Request(  # noqa: S310  # the scheme is checked in _base
        address,
        data=json.dumps(content).encode(),
        headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
    )
    try:
        trusted = ssl.create_default_context(cafile=ca_file)
        with urlopen(request, timeout=_TIMEOUT_SECONDS, context=trusted):  # noqa: S310  # as above
            return
    except HTTPError as error:
        said = error.read(2000).decode("utf-8", "replace")
        raise ManagementError(f"{address} refused the definitions: {error.code} {said}") from error
    except (URLError, OSError) as error:
        raise ManagementError(f"{address} cannot be reached: {getattr(error, 'reason', error)}") from error


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ManagementError("the URL of the management interface must be http[s]://host:port, without a user")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
