"""A message as it goes over the wire: every header and property in the bytes that a client would send."""

import struct
from dataclasses import dataclass, field, replace
from typing import Any, Self

from pamqp import commands

from shared.contracts.catalogue import EventType
from shared.contracts.event import Event
from shared.contracts.writing import write
from shared.messaging.routing import key_at
from tests.integration.raw_publisher import long_text, short_text, table

#: AMQP 0-9-1, section 4.2.6.1: the flag of each property, in the order in which they are written.
_FLAGS = {
    name: (commands.Basic.Properties.flags[name], commands.Basic.Properties.amqp_type(name))
    for name in commands.Basic.Properties.attributes()
}
_STRUCTURED = b"application/cloudevents+json"


@dataclass(frozen=True)
class Wire:
    """One message. Headers are encoded values by name; properties are text as bytes, or numbers."""

    exchange: str
    routing_key: str
    body: bytes
    headers: dict[bytes, bytes] = field(default_factory=dict)
    properties: dict[str, bytes | int] = field(default_factory=dict)

    @classmethod
    def binary(cls, event: Event, kind: EventType[Any]) -> Self:
        """Write an event in binary mode, as the services do."""
        written = write(event)
        return cls(
            exchange=kind.exchange,
            routing_key=key_at(kind, event.place),
            body=written.body,
            headers={name.encode(): long_text(value) for name, value in written.headers.items()},
            properties={"content_type": b"application/json", "delivery_mode": 2, "message_id": event.id.encode()},
        )

    def changed(self, **changes: Any) -> Self:
        """Return the message with other fields."""
        return replace(self, **changes)

    def with_header(self, name: bytes, value: bytes) -> Self:
        """Return the message with one header more, or another value of it."""
        return replace(self, headers=self.headers | {name: value})

    def with_property(self, name: str, value: bytes | int | None) -> Self:
        """Return the message with one property more, less (None), or another value of it."""
        others = {known: other for known, other in self.properties.items() if known != name}
        return replace(self, properties=others if value is None else others | {name: value})

    @property
    def structured(self) -> bool:
        """Return whether the content type says that the whole event is in the body."""
        return self.text("content_type").lower().startswith(_STRUCTURED.decode())

    def text(self, name: str) -> str:
        """Return a property as text, empty where there is none."""
        value = self.properties.get(name, b"")
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    @property
    def header_frame(self) -> bytes:
        """Property flags and properties, as a content header carries them (section 4.2.6.1)."""
        values = {**self.properties, **({"headers": table(self.headers)} if self.headers else {})}
        flags = sum(_FLAGS[name][0] for name in values)
        written = b"".join(_written(_FLAGS[name][1], values[name]) for name in _FLAGS if name in values)
        return struct.pack(">H", flags) + written


def _written(amqp_type: str, value: bytes | int) -> bytes:
    match amqp_type, value:
        case "octet", int():
            return bytes([value])
        case "timestamp", int():
            return struct.pack(">Q", value)
        case "table", bytes():
            return value
        case _, bytes():
            return short_text(value)
    raise TypeError(amqp_type)
