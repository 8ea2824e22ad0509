"""Secrets of channels, each in a file of its own: never in the configuration that names it."""

from pathlib import Path

from pydantic import SecretStr

#: bytes of such a file; what is longer is another file
_MAX_BYTES = 10_000


def secrets_in(file: Path) -> tuple[SecretStr, ...]:
    """Return the secrets in a file, one a line. Raise ValueError, which says what is wrong and repeats none of it."""
    try:
        lines = file.read_bytes()[:_MAX_BYTES].decode("ascii").split("\n")
    except OSError as error:
        raise ValueError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file}: only ASCII may stand in it") from None
    found = tuple(SecretStr(line.strip()) for line in lines if line.strip())
    if not found:
        raise ValueError(f"{file}: it is empty")
    return found


def secret_in(file: Path) -> SecretStr:
    """Return the one secret in a file. Raise ValueError likewise."""
    first, *more = secrets_in(file)
    if more:
        raise ValueError(f"{file}: more than one line")
    return first
