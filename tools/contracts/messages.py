"""A whole message as it lies on a queue, and the file of an example."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import read
from shared.contracts.event import Event, contents
from shared.contracts.text import Contract
from shared.contracts.writing import attributes, write
from shared.messaging.routing import routing_key

STRUCTURED = "application/cloudevents+json"
#: AMQP's delivery mode for messages that the broker keeps on disk
_PERSISTENT = 2


@dataclass(frozen=True)
class Message:
    """Where a message is published, its AMQP properties (the timestamp in seconds), its headers and its JSON body."""

    exchange: str
    routing_key: str
    properties: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @staticmethod
    def of(text: str) -> "Message":
        """Read the text of an example's file."""
        return Message(**json.loads(text))

    def text(self) -> str:
        """Return the text of an example's file."""
        return json.dumps(vars(self), indent=2, ensure_ascii=False) + "\n"

    def content(self) -> bytes:
        """Return the body's bytes, as the services write them."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def event(self) -> Event:
        """Read it as the services do. Raise UnreadableError."""
        return read(self.headers, self.properties["content_type"], self.content())

    def data(self) -> Contract:
        """Read the event's data as the services do. Raise UnreadableError."""
        event = self.event()
        return contents(event, BY_TYPE[event.type].model)


def announced(event: Event) -> Message:
    """Return the message in which a service announces an event, as its readers find it."""
    kind, written = BY_TYPE[event.type], write(event)
    service = event.source.rsplit("/", 1)[-1]
    return Message(
        exchange=kind.exchange,
        routing_key=routing_key(event),
        properties={
            "content_type": written.content_type,
            "delivery_mode": _PERSISTENT,
            "message_id": event.id,
            "correlation_id": event.correlation_id,
            "type": event.type,
            "timestamp": int(event.time.timestamp()) if event.time else None,
            "app_id": service,
            "user_id": service,
        },
        headers=written.headers,
        body=event.data,
    )


def filed(event: Event, *, user: str) -> Message:
    """Return the message in which an integration files a dossier, or asks."""
    written = write(_as_filed(event))
    return _filed(event, user, content_type=str(written.content_type), headers=written.headers, body=event.data)


def filed_structured(event: Event, *, user: str) -> Message:
    """Return the same with the attributes in the body."""
    named = {**attributes(_as_filed(event)), "time": event.time and event.time.isoformat().replace("+00:00", "Z")}
    return _filed(event, user, content_type=STRUCTURED, headers={}, body={**named, "data": event.data})


def _as_filed(event: Event) -> Event:
    """Return an event as its sender writes it: who that is, the broker says."""
    return replace(event, filed_by=None)


def _filed(
    event: Event, user: str, *, content_type: str, headers: Mapping[str, str], body: Mapping[str, Any]
) -> Message:
    kind = BY_TYPE[event.type]
    properties = {
        "content_type": content_type,
        "delivery_mode": _PERSISTENT,
        "message_id": event.id,
        "user_id": user,
    }
    return Message(kind.exchange, kind.routing_key, properties, headers, body)
