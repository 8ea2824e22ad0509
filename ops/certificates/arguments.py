"""What the commands are given: a token, on the command line, in a file or on standard input."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ops.commands import wrong_usage

_STDIN = "-"
#: How every compact JWS begins: `{"` in Base64url.
_BEGINS = "eyJ"
#: bytes of a file that are read; no token is nearly as long
_MOST_BYTES = 65_536

Token = Annotated[
    str,
    typer.Argument(
        metavar="TOKEN|FILE", help="a token, a file that holds one, or - for standard input", show_default=False
    ),
]


def token_in(given: str) -> str:
    """Return the token, without spaces and line breaks. Raise Exit (code 2) where the file cannot be read."""
    if given.startswith(_BEGINS):
        text = given
    elif given == _STDIN:
        text = _decoded(sys.stdin.buffer.read(_MOST_BYTES))
    else:
        text = _decoded(read_file(Path(given)))
    return "".join(text.split())


def read_file(file: Path) -> bytes:
    """Return what a file begins with. Raise Exit (code 2) where it cannot be read."""
    try:
        with file.open("rb") as opened:
            return opened.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file can have such a name"
        raise wrong_usage(f"{str(file)[:100]} cannot be read: {why}") from None


def _decoded(content: bytes) -> str:
    return content.decode("utf-8-sig", "replace")
