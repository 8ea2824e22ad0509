"""An event as a message of an AsyncAPI document: its headers, its AMQP properties and its data."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.contracts.catalogue import EventType
from shared.contracts.envelope import MAX_ID_BYTES, MAX_SOURCE_BYTES
from tools.contracts.messages import STRUCTURED, Message
from tools.contracts.schemas import component_name

_BINDING = "0.3.0"
_ID = {"type": "string", "minLength": 1, "maxLength": MAX_ID_BYTES}
_TIME = {"type": "string", "format": "date-time"}
_STORY = (
    "The id of the `dossier.filed`, `product.query`, `register.query` or `dossier.tried` with which the story began, "
    "or the `correlationid` that it carried itself."
)
#: What a sender may leave out.
_LEFT_TO_YOU = ("time", "correlationid", "traceparent")
#: What an announced event need not have.
_WHERE_KNOWN = ("traceparent", "sequence", "place", "filedby")
_SUBJECT = (
    "The product's code; for what was rejected before it had one, and the alert of that, the id of the "
    "`dossier.filed`, `product.query`, `register.query` or `dossier.tried`."
)

_SEQUENCE = (
    "Where the subject is a product's code: the order of what the registry has accepted or heard of this product, from "
    "1 on. What has a lower one is older. On alerts: the order of what became of this alert."
)

NamedMessage = tuple[str, Message]


def binary_message(
    event_type: EventType[Any], writers: Sequence[str], examples: Iterable[NamedMessage]
) -> dict[str, Any]:
    """Return the message in binary mode: attributes in headers. `writers`: the services that announce it, or none."""
    headers = _object(
        {f"ce-{name}": schema for name, schema in _attributes(event_type, writers).items()},
        optional=[f"ce-{name}" for name in (_WHERE_KNOWN if writers else _LEFT_TO_YOU)],
    )
    return {
        **_described(event_type, "application/json"),
        "headers": headers,
        "payload": {"$ref": f"#/components/schemas/{component_name(event_type)}"},
        "correlationId": {
            "description": _STORY,
            "location": "$message.header#/ce-correlationid",
        },
        "examples": [_example(name, message) for name, message in examples],
        "x-amqp-properties": _ANNOUNCED if writers else _FILED,
    }


def structured_message(event_type: EventType[Any], examples: Iterable[NamedMessage]) -> dict[str, Any]:
    """Return the message in structured mode: attributes and data in the body."""
    payload = _object(_attributes(event_type, ()), optional=_LEFT_TO_YOU)
    payload["properties"] = {
        **payload["properties"],
        "datacontenttype": {"type": "string", "const": "application/json"},
        "data": {"$ref": f"#/components/schemas/{component_name(event_type)}"},
    }
    payload["required"].append("data")
    described = _described(event_type, STRUCTURED)
    return {
        **described,
        "title": f"{described['title']}, structured",
        "summary": "The same in structured mode: attributes and data in one JSON object.",
        "payload": payload,
        "examples": [_example(name, message) for name, message in examples],
        "x-amqp-properties": _FILED,
    }


def _described(event_type: EventType[Any], content_type: str) -> dict[str, Any]:
    return {
        "name": event_type.type,
        "title": event_type.routing_key,
        "summary": " ".join((event_type.model.__doc__ or "").split("\n\n")[0].split()),
        "contentType": content_type,
        "bindings": {"amqp": {"messageType": event_type.type, "bindingVersion": _BINDING}},
    }


def _attributes(event_type: EventType[Any], writers: Sequence[str]) -> dict[str, Any]:
    source = (
        {"enum": [f"/ocop/{service}" for service in writers]}
        if writers
        else {"minLength": 1, "maxLength": MAX_SOURCE_BYTES}
    )
    theirs = {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {**_ID, "description": "Known once and for all: a repeat has the same." if writers else _NEW_ID},
        "source": {"type": "string", **source, "description": "Who says it; with the id, what tells events apart."},
        "type": {"type": "string", "const": event_type.type},
        "time": {**_TIME, "description": "When it happened, RFC 3339."},
        "correlationid": {**_ID, "description": _STORY},
        "traceparent": {
            "type": "string",
            "description": "W3C trace context, as the first message of the story had it.",
        },
    }
    ours = {
        "subject": {"type": "string", "description": _SUBJECT},
        "causationid": {**_ID, "description": "The id of the event that this one answers."},
        "place": {
            "type": "string",
            "pattern": "^[0-9]{2}(-[0-9]{5})?$",
            "description": "Province and commune as in product codes, as far as they are known.",
        },
        "filedby": {
            **_ID,
            "description": "The broker's user that filed the dossier or asked, where that is known: its queue gets "
            "this event, whatever the place.",
        },
        "sequence": {"type": "string", "pattern": "^[0-9]{10}$", "description": _SEQUENCE},
    }
    return {**theirs, **ours} if writers else theirs


_NEW_ID = "Yours: a new one for each dossier or question, the same for a repeat."


def _object(properties: dict[str, Any], *, optional: Sequence[str]) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def _example(name: str, message: Message) -> dict[str, Any]:
    headers = {"headers": dict(message.headers)} if message.headers else {}
    return {"name": name, **headers, "payload": dict(message.body)}


_FILED = {
    "content_type": "as above",
    "content_encoding": "none: the body is not compressed",
    "delivery_mode": "2, persistent",
    "message_id": "best the event's id",
    "user_id": "your user, checked by the broker; without it nobody is known to have filed, or to be answered",
}
_ANNOUNCED = {
    "content_type": "as above",
    "delivery_mode": "2, persistent",
    "message_id": "the event's id",
    "correlation_id": "as in ce-correlationid",
    "type": "as in ce-type",
    "timestamp": "as in ce-time, in seconds",
    "app_id": "the service",
    "user_id": "the service's user, checked by the broker",
}
