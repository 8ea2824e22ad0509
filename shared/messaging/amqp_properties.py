"""Properties and headers of untrusted senders: read whatever they are, copied so that they can be written again.

One message whose properties the client library cannot read closes the whole connection, comes back, and closes it
again; one whose headers it cannot write can never be transferred. Both would stop every message behind them.
"""

import struct
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from pamqp import commands, decode, encode

#: In the place of headers that cannot be read.
UNREADABLE = "x-ocop-headers-unreadable"
#: Set where a copy could not hold all headers of its original, and in the place of what was nested too deeply.
CUT = "x-ocop-headers-cut"
#: Set beside headers among which a decimal was: also one that another of the same name has hidden.
DECIMAL = "x-ocop-headers-decimal"

#: bytes; a header frame has to hold the headers and the other properties (the broker's frame_max is 131,072)
MAX_HEADERS_BYTES = 100_000
#: bytes; the headers of `_KEPT` are kept in any case, up to this length each
MAX_KEPT_BYTES = 1_000
#: tables and lists within one another; those that can just be read are too deep to be written, further down the stack
MAX_LEVELS = 100
#: characters of a header's name (AMQP 0-9-1, section 4.2.5.5); the library would cut it too, and log it
MAX_NAME_LENGTH = 128
#: bytes of a short string (AMQP 0-9-1, section 4.2.5.3)
MAX_SHORT_BYTES = 255

#: What the broker acts upon or writes itself. On a copy it sends the copy elsewhere, or lets it vanish as a “cycle”.
_DEATHS = ("x-death", "x-first-death-", "x-last-death-")
_BROKERS_OWN = (*_DEATHS, "x-delivery-count", "CC", "BCC")
#: What names the event, and what says why there is a copy. Anybody can write hundreds that only begin like ours.
_KEPT = (
    *("ce-id", "ce-source", "ce-type", "ce-specversion", "ce-correlationid"),
    *(
        "x-ocop-attempt",
        "x-ocop-early",
        "x-ocop-reason",
        "x-ocop-detail",
        "x-ocop-failed-at",
        "x-ocop-queue",
        "x-ocop-filed-by",
        "x-ocop-refiled-as",
    ),
)

_table: Callable[[bytes], tuple[int, Any]] = decode.METHODS["table"]
_decimal: Callable[[bytes], tuple[int, Any]] = decode.TABLE_MAPPING[b"D"]
_timestamp: Callable[[bytes], tuple[int, Any]] = decode.METHODS["timestamp"]
#: What was met in the table that is read now.
_seen: set[str] = set()
_properties = commands.Basic.Properties.unmarshal


def read_leniently() -> None:
    """Make the client library read what it would refuse: other encodings, impossible times, tables and modes."""
    decode.METHODS |= {"shortstr": _lenient_text, "timestamp": _lenient_timestamp, "table": _lenient_table}
    decode.TABLE_MAPPING |= {b"T": _lenient_timestamp, b"D": _noted_decimal}
    setattr(commands.Basic.Properties, "unmarshal", _lenient_properties)  # noqa: B010  # mypy refuses the assignment


def copied(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return headers as a copy of the message can carry them: without the broker's own, writable, and not too large."""
    foreign = {name: value for name, value in headers.items() if not name.startswith(_BROKERS_OWN)}
    writable: dict[str, Any] = _writable(foreign, MAX_LEVELS)
    if len(encode.field_table(writable)) <= MAX_HEADERS_BYTES:
        return writable
    kept = {name: writable[name] for name in _KEPT if isinstance(writable.get(name), str | int)}
    return {name: _cut(v, MAX_KEPT_BYTES) if isinstance(v, str) else v for name, v in kept.items()} | {CUT: True}


def is_storable(headers: Mapping[str, Any]) -> bool:
    """Return whether the broker can dead-letter a message with these headers into a stream.

    Before RabbitMQ 4 a decimal ends all dead-lettering of the node, and one may be among what cannot be read. What only
    the broker is to write (`x-death`) it may take for a cycle, and hold up others.
    """
    return not any(name in {UNREADABLE, DECIMAL} or name.startswith(_DEATHS) for name in headers)


def short(text: str | None) -> str | None:
    """Return text as a short string can carry it."""
    return text and _cut(text, MAX_SHORT_BYTES)


def _cut(text: str, max_bytes: int) -> str:
    return text.encode("utf-8", "replace")[:max_bytes].decode("utf-8", "ignore")


def _lenient_text(value: bytes) -> tuple[int, str]:
    length = value[0]
    return length + 1, value[1 : length + 1].decode("utf-8", "replace")


def _lenient_timestamp(value: bytes) -> tuple[int, datetime | None]:
    try:
        return _timestamp(value)
    except (ValueError, OverflowError, OSError):  # microseconds, say, where the protocol has seconds
        return 8, None


def _lenient_properties(properties: commands.Basic.Properties, flags: int, data: bytes) -> None:
    _properties(properties, flags, data)
    # RabbitMQ 4 takes any other too; aio-pika stumbles over it, and the message would stay in flight for ever
    if properties.delivery_mode not in {1, 2}:
        properties.delivery_mode = None


def _noted_decimal(value: bytes) -> tuple[int, Any]:
    _seen.add(DECIMAL)
    return _decimal(value)


def _lenient_table(value: bytes) -> tuple[int, dict[str, Any]]:
    _seen.clear()
    try:
        length, headers = _table(value)
        return length, headers | dict.fromkeys(_seen, True)
    except (ValueError, KeyError, IndexError, RecursionError):
        (length,) = struct.unpack(">I", value[:4])
        return 4 + length, {UNREADABLE: True}


def _writable(value: Any, levels: int) -> Any:
    match value:
        case dict() | list() if levels == 0:
            written: Any = CUT
        case dict():
            written = {_text(name)[:MAX_NAME_LENGTH]: _writable(entry, levels - 1) for name, entry in value.items()}
        case list():
            written = [_writable(entry, levels - 1) for entry in value]
        case None | bool() | int():
            written = value
        case bytes() | bytearray():
            written = bytes(value).decode("utf-8", "replace")
        case datetime() if value.timestamp() >= 0:
            written = value
        case _:  # floating-point and decimal numbers too, which the library writes in fewer bits than it reads
            written = _text(value)
    return written


def _text(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()
