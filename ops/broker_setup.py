"""Brings the published definitions to a broker through its management interface; safe to repeat.

`OCOP_MANAGEMENT_URL=http://user:password@host:15672 python -m ops.broker_setup`
"""

import base64
import os
import sys
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from ops.definitions import PUBLISHED


def main() -> int:
    """Import the definitions. Gives the exit code: 0, 1 where the broker refused or is away, 2 without a usable URL."""
    parts = urlsplit(os.environ.get("OCOP_MANAGEMENT_URL", ""))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is None:
        sys.stderr.write("OCOP_MANAGEMENT_URL must be http[s]://user:password@host:port of the management interface\n")
        return 2
    address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/api/definitions", "", ""))
    credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    request = Request(  # noqa: S310  # the scheme was checked above
        address,
        data=PUBLISHED.read_bytes(),
        headers={
            "Authorization": f"Basic {base64.b64encode(credentials.encode()).decode()}",
            "Content-Type": "application/json",
        },
    )
    try:
        with urlopen(request, timeout=60):  # noqa: S310  # as above
            sys.stdout.write(f"definitions imported into {parts.hostname}\n")
            return 0
    except HTTPError as error:
        sys.stderr.write(f"{parts.hostname} refused the definitions: {error.code} {error.read(2000).decode()}\n")
    except URLError as error:
        sys.stderr.write(f"{parts.hostname} cannot be reached: {error.reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
