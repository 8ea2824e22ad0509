"""An event as it is written: CloudEvents 1.0 in the RabbitMQ binding, with the CloudEvents SDK.

In binary mode: attributes in `ce-` headers, data as the JSON body. Over HTTP in structured mode: one JSON object.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, to_binary
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from pydantic_core import to_json

from shared.contracts.envelope import sequence_of
from shared.contracts.event import Event

_FORMAT = JSONFormat()


def write(event: Event) -> RabbitMQMessage:
    """Write an event in binary mode."""
    return to_binary(CloudEvent(attributes(event), written(event.data)), _FORMAT)


def structured(event: Event) -> bytes:
    """Write an event in structured mode: UTF-8 as it is, and always the same bytes for the same event.

    Raises:
        ValueError: a number in its data is none that JSON has.
    """
    named = attributes(event)
    if event.time:
        named["time"] = event.time.isoformat().replace("+00:00", "Z")
    return written({**named, "data": event.data})


def written(data: dict[str, Any]) -> bytes:
    """Return data as the body of a message: compact, and UTF-8 as it is, so that Vietnamese can be read on a queue.

    Raises:
        ValueError: a number in it is none that JSON has.
    """
    body = to_json(data)
    if b"NaN" in body or b"Infinity" in body:  # in a text, or as a number, which to_json does not refuse
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return body


def attributes(event: Event) -> dict[str, Any]:
    """Return the CloudEvents attributes of an event, those that are set."""
    named = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": event.time,
        "subject": event.subject,
        "datacontenttype": "application/json",
        "correlationid": event.correlation_id,
        "causationid": event.causation_id,
        "traceparent": event.traceparent,
        "place": event.place,
        "filedby": event.filed_by,
        # of one length, so that the order of the texts is the order of the numbers (CloudEvents extension "sequence")
        "sequence": None if event.sequence is None else f"{event.sequence:010}",
    }
    return {name: value for name, value in named.items() if value is not None}


def event_document(event: Event) -> dict[str, Any]:
    """Return an event as a record keeps it."""
    # time as text: MongoDB's own keeps milliseconds only, and a repeat must be the same to the byte
    return {**attributes(event), "time": event.time and event.time.isoformat(), "data": event.data}


def event_in(announced: Mapping[str, Any]) -> Event:
    """Return the event that a record keeps. Raise KeyError, ValueError where it keeps none."""
    time = announced["time"]
    return Event(
        id=announced["id"],
        source=announced["source"],
        type=announced["type"],
        data=announced["data"],
        time=datetime.fromisoformat(time) if time else None,
        subject=announced.get("subject"),
        correlation_id=announced.get("correlationid"),
        causation_id=announced.get("causationid"),
        traceparent=announced.get("traceparent"),
        place=announced.get("place"),
        filed_by=announced.get("filedby"),
        sequence=sequence_of(announced.get("sequence")),
    )
