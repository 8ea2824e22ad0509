"""A gateway for text messages, as a file of configuration describes it: what it is asked, and what its answers mean."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, model_validator

from services.notifications.channels.exchange import Answer, Request
from services.notifications.channels.secret_file import secret_in
from services.notifications.channels.sms_answers import Meant, Rule, meaning
from shared.errors import SettingsError
from shared.yaml_file import load_file

_PLACE = re.compile(r"\{([^{}]*)\}")
_SECRET = "secret:"  # noqa: S105  # how the file names one
#: What may stand in a field, and what in a header, which others on the way may write into their logs.
_IN_FIELDS = frozenset({"to", "text", "id", "from"})
_IN_HEADERS = frozenset({"id", "from"})


class Gateway(BaseModel):
    """What a gateway is asked for one text message, and what its answers mean."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: str = Field(repr=False)
    method: Literal["POST", "PUT", "GET"] = "POST"
    #: How the fields go: as a JSON object, as a form, or in the URL.
    format: Literal["json", "form", "query"] = "json"
    #: Name → text, in which `{id}`, `{from}` and `{secret:NAME}` stand for what they say.
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    #: The same, with `{to}` and `{text}` besides; for JSON, objects and lists too.
    fields: dict[str, Any] = Field(min_length=1, repr=False)
    #: Who sends, as the provider has registered it.
    sender: str = ""
    #: Name → file with one line.
    secrets: dict[str, Path] = Field(default_factory=dict)
    #: How a number is written: +84912345678, 84912345678 or 0912345678.
    number: Literal["e164", "digits", "national"] = "e164"
    #: The letters of the text: without its marks, or as it is, which takes three times as many segments.
    alphabet: Literal["ascii", "unicode"] = "ascii"
    #: Segments of one text message; what is longer is cut.
    max_segments: int = Field(3, ge=1, le=10)
    #: The countries whose numbers get text messages: abroad they cost many times as much.
    regions: tuple[str, ...] = Field(("VN",), min_length=1)
    #: Whether its name may stand for an address of an own network, and be asked without encryption.
    allow_private: bool = False
    #: What its answers mean; where none fits, their status says it.
    answers: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _check_url(self.url, allow_plain=self.allow_private)
        allowed = {f"{_SECRET}{name}" for name in self.secrets}
        _check_places(self.url, allowed)
        if "content-type" in map(str.lower, self.headers):
            raise ValueError("headers: Content-Type follows from format")
        for header in self.headers.values():
            _check_places(header, allowed | _IN_HEADERS)
        for each in _texts(self.fields):
            _check_places(each, allowed | _IN_FIELDS)
        if self.format != "json" and any(isinstance(each, (dict, list)) for each in self.fields.values()):
            raise ValueError("fields: objects and lists are for format: json alone")
        if self.method == "GET" and self.format != "query":
            raise ValueError("method: GET needs format: query")
        return self

    @cached_property
    def host(self) -> str:
        """Where it is, without what its URL may hold besides."""
        return urlsplit(self.url).netloc

    @property
    def encrypts(self) -> bool:
        """Return whether it is asked by HTTPS."""
        return self.url.startswith("https:")

    def request(self, values: Mapping[str, str], secrets: Mapping[str, SecretStr]) -> Request:
        """Return what it is asked: `values` are `to`, `text` and `id`."""
        known = {f"{_SECRET}{name}": secret.get_secret_value() for name, secret in secrets.items()}
        url = _put(self.url, {name: quote(secret, safe="") for name, secret in known.items()})
        known |= {"from": self.sender, **values}
        headers = {name: _put(header, known) for name, header in self.headers.items()}
        fields = _filled(self.fields, known)
        match self.format:
            case "query":
                url += f"{'&' if urlsplit(url).query else '?'}{urlencode(fields)}"
                return Request(url, None, headers, self.method)
            case "form":
                kind, body = "application/x-www-form-urlencoded", urlencode(fields).encode()
            case "json":
                kind, body = "application/json", json.dumps(fields, ensure_ascii=False).encode()
        return Request(url, body, {"Content-Type": kind, **headers}, self.method)

    def meaning(self, answer: Answer) -> Meant:
        """Return what an answer means."""
        return meaning(answer, self.answers)


_FILE: TypeAdapter[Gateway] = TypeAdapter(Gateway)


def load_gateway(file: Path) -> tuple[Gateway, dict[str, SecretStr]]:
    """Return the gateway that a file describes, and its secrets.

    Raises:
        SettingsError: the file cannot be used, a line for each fault, or a secret cannot; each names file and place.
    """
    gateway = load_file(file, _FILE)
    return gateway, {name: _secret(file, name, secret_file) for name, secret_file in gateway.secrets.items()}


def _secret(file: Path, name: str, secret_file: Path) -> SecretStr:
    try:
        return secret_in(file.parent / secret_file)
    except ValueError as error:
        raise SettingsError(f"{file}: secrets.{name}: {error}") from None


def _check_url(url: str, *, allow_plain: bool) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("url: must be https://host[:port]/…") from None
    if parts.scheme not in {"https", *(["http"] if allow_plain else [])}:
        raise ValueError("url: must be https://…; http://… only with allow_private: true")
    if not parts.hostname or parts.username or parts.password or parts.fragment or not url.isascii():
        raise ValueError("url: must be https://host[:port]/…, in ASCII, without user, password and fragment")


def _check_places(text: str, allowed: set[str] | frozenset[str]) -> None:
    if unknown := [name for name in _PLACE.findall(text) if name not in allowed]:
        known = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "nothing"
        raise ValueError(f"{{{unknown[0]}}} stands for nothing here; known: {known}")


def _texts(written: object) -> Iterator[str]:
    match written:
        case str():
            yield written
        case dict():
            for each in written.values():
                yield from _texts(each)
        case list():
            for each in written:
                yield from _texts(each)


def _filled(written: Any, known: Mapping[str, str]) -> Any:
    match written:
        case str():
            return _put(written, known)
        case dict():
            return {name: _filled(each, known) for name, each in written.items()}
        case list():
            return [_filled(each, known) for each in written]
        case _:
            return written


def _put(text: str, known: Mapping[str, str]) -> str:
    """Return a text with its places filled, once: what is put in is no template."""
    return _PLACE.sub(lambda place: known[place[1]], text)
