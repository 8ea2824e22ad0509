"""One integration as it is said on a command line and written in the file of integrations, whose comments stay."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.errors import SettingsError
from shared.integrations import Integration, load_integrations, read_integrations
from shared.scopes import EVERYWHERE, Role
from shared.yaml12 import load_yaml

#: The ways to say a scope.
FORMS = f"{Role.PORTAL}:{EVERYWHERE}, {Role.COMMUNE}:01-09574,25-07918, {Role.PROVINCE}:01 or {Role.CENTRE}"

_PLAIN = re.compile(r"[a-z0-9][a-z0-9.-]*")


@dataclass(frozen=True)
class Entry:
    """An integration that is to be connected, with its lines of the file."""

    name: str
    integration: Integration
    lines: tuple[str, ...]


def entry(name: str, scope: str, *, listens_to: Sequence[str] = (), management_api: bool = False) -> Entry:
    """Return the integration that is meant. Raise SettingsError, a line for each fault."""
    lines = tuple(_lines(name, _written_scope(scope), listens_to, management_api=management_api))
    try:
        (integration,) = read_integrations("\n".join(lines).encode()).values()
    except ValueError as error:
        raise SettingsError("\n".join(line.removeprefix(": ") for line in str(error).splitlines())) from None
    return Entry(name, integration, lines)


def append(file: Path, new: Entry) -> None:
    """Write an integration below those of a file. Nothing is written again that is there: no reader sees half of it.

    Raises:
        SettingsError: the file cannot be used or written, or is written so that lines below would mean something else.
    """
    before, content = load_integrations(file), file.read_bytes()
    addition = _addition(content, new.lines)
    by_hand = "\n".join((f"{file} is not written a name a line; put this into it:", *new.lines))
    try:
        after = read_integrations(content + addition)
    except ValueError:
        raise SettingsError(by_hand) from None
    if after != {**before, new.name: new.integration}:
        raise SettingsError(by_hand)
    try:
        with file.open("ab") as appended:
            appended.write(addition)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}") from None


def _addition(content: bytes, lines: Sequence[str]) -> bytes:
    """Return what is to follow what is there, with the line ends that are there."""
    end = "\r\n" if b"\r\n" in content else "\n"
    first = "" if not content or content.endswith(b"\n") else end
    return (first + end + "".join(f"{line}{end}" for line in lines)).encode()


def _lines(name: str, scope: str, listens_to: Sequence[str], *, management_api: bool) -> Iterator[str]:
    yield f"{_scalar(name)}:"
    yield f"  scope: {scope}"
    if listens_to:
        yield f"  listens_to: [{', '.join(map(_scalar, listens_to))}]"
    if management_api:
        yield "  management_api: true"


def _scalar(text: str) -> str:
    """Return a text as YAML, without quotation marks where it reads as text without them."""
    return text if _PLAIN.fullmatch(text) and load_yaml(text) == text else json.dumps(text)


def _written_scope(said: str) -> str:
    """Return a scope as the file has it. Raise SettingsError."""
    role, colon, places = said.partition(":")
    match role:
        case Role.CENTRE if not colon:
            return role
        case Role.PROVINCE if places:
            return f"{{{role}: {json.dumps(places)}}}"
        case Role.PORTAL | Role.COMMUNE if places:
            codes = places if places == EVERYWHERE else json.dumps(places.split(","))
            return f"{{{role}: {codes}}}"
    raise SettingsError(f"--scope {said!r}: write {FORMS}")
