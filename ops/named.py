"""What can be said of an untrusted message, in one printable line, without personal data."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from shared.contracts.envelope import MAX_SEARCHED_BYTES, open_envelope
from shared.contracts.event import Event
from shared.masking import mask_text

if TYPE_CHECKING:  # what `ocop score` shows comes through here, and needs no broker's client
    from aio_pika.abc import AbstractIncomingMessage

#: characters of one value in a listing
MAX_SHOWN = 300
_VERSION = re.compile(r"\.v[0-9]+$")


@dataclass(frozen=True)
class IdentifiedEvent:
    """An event as far as it can be made out; empty where it cannot."""

    id: str
    source: str
    type: str
    time: datetime | None
    event: Event | None


def named(message: "AbstractIncomingMessage") -> IdentifiedEvent:
    """Return what a message says of its event."""
    opened = open_envelope(
        message.headers,
        message.content_type,
        message.body,
        message_id=message.message_id,
        max_bytes=MAX_SEARCHED_BYTES,
    )
    event = opened.content if isinstance(opened.content, Event) else None
    source, id = opened.named or ("", "")
    return IdentifiedEvent(
        id=one_line(id),
        source=one_line(source),
        type=one_line(event.type if event else _header(message.headers, "ce-type") or message.type),
        time=(event.time if event else None) or in_utc(message.timestamp) or _time(message.headers),
        event=event,
    )


def short_type(event_type: str) -> str:
    """Return `product.rated` for `vn.ocop.product.rated.v1`, whatever its version."""
    return _VERSION.sub("", event_type.removeprefix("vn.ocop."))


def one_line(value: object) -> str:
    """Return a value as one line for a listing: masked, printable, not too long. Nothing is an empty line."""
    text = "" if value is None else mask_text(str(value))
    return printable(text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…")


def printable(text: str, *, keep: str = "") -> str:
    """Return text without what could rewrite a terminal or reorder a line."""
    return "".join(each if each.isprintable() or each in keep else "\N{REPLACEMENT CHARACTER}" for each in text)


def in_utc(value: object) -> datetime | None:
    """Return a time in UTC, which AMQP's times are. Anything else is no time."""
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def read_time(value: object) -> datetime | None:
    """Read a header that is to be a time. What is none gives None."""
    if isinstance(value, str):
        with suppress(ValueError, OverflowError):
            return in_utc(datetime.fromisoformat(value))
    return in_utc(value)


def _header(headers: Mapping[str, Any], name: str) -> object:
    return next((value for header, value in headers.items() if header.lower() == name), None)


def _time(headers: Mapping[str, Any]) -> datetime | None:
    return read_time(_header(headers, "ce-time"))
