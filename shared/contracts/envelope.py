"""The envelope: CloudEvents 1.0 in the RabbitMQ binding, read and written with the CloudEvents SDK.

Written in binary mode (attributes in `ce-` headers, data as the JSON body), read in binary and in structured mode
(`application/cloudevents+json`).
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, TypeVar

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.rabbitmq import RabbitMQMessage, from_rabbitmq, to_binary
from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent
from pydantic import ValidationError

from shared.contracts.catalogue import EventType
from shared.contracts.fault_codes import Unreadable
from shared.contracts.strict_json import JSONFaultError, StrictJSONFormat
from shared.contracts.text import Contract

#: bytes; AMQP 0-9-1 carries ids as short strings (section 4.2.5.3).
MAX_ID_BYTES = 255
#: bytes; the limit of a message on the intake. What the services add to it goes through whole.
MAX_MESSAGE_BYTES = 256 * 1024
#: bytes; a URI that names a sender.
MAX_SOURCE_BYTES = 2_000
#: bytes; in structured mode, an id is looked for in no more than this
MAX_SEARCHED_BYTES = 4 * MAX_MESSAGE_BYTES

#: AMQP's content encodings that change no byte; some clients name the charset there.
_PLAIN_ENCODINGS = frozenset({"", "identity", "utf-8", "utf8"})

_REQUIRED = ("id", "source", "type", "specversion")
_ATTRIBUTES = frozenset({*_REQUIRED, "subject", "time", "datacontenttype", "dataschema"})
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_NAMESPACE = uuid.UUID("6f636f70-2026-5000-8000-000000000026")
_FORMAT = StrictJSONFormat()

Data = TypeVar("Data", bound=Contract)


class UnreadableError(Exception):
    """The message is no CloudEvent that this system can read; `code` is stable, the text says what was wrong where."""

    def __init__(self, code: Unreadable | Literal["breaks-contract"], detail: str) -> None:
        super().__init__(_printable(detail)[:1000])  # it may repeat what was sent
        self.code = str(code)


class BrokenContractError(UnreadableError):
    """The event can be read, and its data is not what its contract says."""

    def __init__(self, detail: str) -> None:
        super().__init__("breaks-contract", detail)


@dataclass(frozen=True)
class Event:
    """A CloudEvent: what happened (`type`), to what (`subject`), when (UTC), and as part of which story.

    `data` is the JSON object as it was sent or will be sent; the models of this package read and write it.
    `correlation_id` is the id of the first event of the story, `causation_id` that of the event this one answers.
    `filed_by` is the broker's user that sent it, where known: no part of the event, and not announced.
    """

    id: str
    source: str
    type: str
    data: dict[str, Any]
    time: datetime | None = None
    subject: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    filed_by: str | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the data, whatever the order of its names and the mode of the message."""
        return hashlib.sha256(json.dumps(self.data, sort_keys=True).encode()).hexdigest()

    @cached_property
    def key(self) -> str:
        """What tells this event from every other: `source` and `id` (CloudEvents 1.0, section 3.1.1) and the content.

        The content counts because a sender may use an id twice by mistake, and neither of its messages may be lost.
        """
        return derived_id(self.source, self.id, self.digest)

    def answer(self, kind: EventType[Data], data: Data, *, source: str, subject: str, now: datetime) -> "Event":
        """Return the event that answers this one. Its id follows from this event's, so a repeat is recognised."""
        return Event(
            id=derived_id(self.key, kind.type),
            source=source,
            type=kind.type,
            time=now,
            data=data.model_dump(mode="json"),
            subject=subject,
            correlation_id=self.correlation_id or self.id,
            causation_id=self.id,
            traceparent=self.traceparent,
        )


def derived_id(*parts: str) -> str:
    """Return the id that always follows from these parts (uuid5)."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))


def read(
    headers: Mapping[str, Any],
    content_type: str | None,
    body: bytes,
    *,
    content_encoding: str | None = None,
    filed_by: str | None = None,
) -> Event:
    """Read a message, in binary or structured mode.

    Raises:
        UnreadableError: it is no CloudEvent 1.0, its data is no JSON object, or it says that it is compressed: nothing
            is unpacked, and what was not packed after all is not taken at its word either.
    """
    if (content_encoding or "").strip().lower() not in _PLAIN_ENCODINGS:
        raise UnreadableError(Unreadable.CONTENT_ENCODING, "a content encoding: send the body as it is")
    message = RabbitMQMessage(headers=_text_headers(headers), content_type=content_type or None, body=body)
    sent = _attributes_as_sent(message)
    missing = [name for name in _REQUIRED if not sent.get(name)]
    if missing:  # the SDK would invent an id and a version
        raise UnreadableError(Unreadable.ATTRIBUTE_MISSING, f"CloudEvents attributes missing: {', '.join(missing)}")
    try:
        return _event(from_rabbitmq(message, _FORMAT, CloudEvent), sent=sent, filed_by=filed_by)
    except CloudEventValidationError as error:
        known = ", ".join(sorted(name for name in error.errors if name in _ATTRIBUTES)) or "an extension"
        raise UnreadableError(
            Unreadable.NOT_A_CLOUDEVENT, f"attributes that CloudEvents does not allow so: {known}"
        ) from error
    except (JSONFaultError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, f"not a CloudEvent: {error}") from error
    except (ValueError, TypeError, OverflowError) as error:  # their words may repeat a value
        reason = "its time is not as in RFC 3339" if _has_bad_time(sent) else type(error).__name__
        raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, f"not a CloudEvent: {reason}") from error


def contents(event: Event, model: type[Data]) -> Data:
    """Return an event's data as its contract has it.

    Raises:
        BrokenContractError: the text names the places, not the values.
    """
    try:
        return model.model_validate(event.data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
        raise BrokenContractError(f"{error.error_count()} faults: {places}") from None


def readable_id(
    headers: Mapping[str, Any], content_type: str | None, body: bytes, *, message_id: str | None = None
) -> tuple[str, str] | None:
    """Return (source, id) of a message that could not be read as a whole, or None where no id can be made out.

    An id that the event itself does not give may be that of the message.
    """
    too_large = len(body) > MAX_SEARCHED_BYTES and (content_type or "").lower().startswith("application/cloudevents")
    attributes: dict[str, Any] = {}
    with suppress(UnreadableError):
        message = RabbitMQMessage(_text_headers(headers), content_type or None, b"{}" if too_large else body)
        attributes = _attributes_as_sent(message)
    id, source = attributes.get("id") or message_id, attributes.get("source")
    if not isinstance(id, str) or not _is_id(id):
        return None
    return (source if isinstance(source, str) and _is_text(source, MAX_SOURCE_BYTES) else "", id)


def write(event: Event) -> RabbitMQMessage:
    """Write an event in binary mode."""
    return to_binary(CloudEvent(attributes(event), event.data), _FORMAT)


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
    }
    return {name: value for name, value in named.items() if value is not None}


def _event(event: BaseCloudEvent, *, sent: Mapping[str, Any], filed_by: str | None) -> Event:
    data = event.get_data()
    if not isinstance(data, dict):
        raise UnreadableError(
            Unreadable.DATA_NOT_AN_OBJECT, "the data is not a JSON object, or its content type not JSON's"
        )
    if not _is_id(event.get_id()) or not _is_text(event.get_source(), MAX_SOURCE_BYTES):
        limits = f"{MAX_ID_BYTES} and {MAX_SOURCE_BYTES} bytes"
        raise UnreadableError(Unreadable.ID_UNUSABLE, f"id or source is unprintable, or over {limits}")
    sent_at = event.get_time() if "time" in sent else None  # the SDK would invent one
    traceparent = event.get_extension("traceparent")
    return Event(
        id=event.get_id(),
        source=event.get_source(),
        type=event.get_type(),
        data=data,
        time=sent_at.astimezone(UTC) if sent_at else None,
        subject=usable_id(event.get_subject()),
        correlation_id=usable_id(event.get_extension("correlationid")),
        causation_id=usable_id(event.get_extension("causationid")),
        traceparent=traceparent if isinstance(traceparent, str) and _TRACEPARENT.fullmatch(traceparent) else None,
        filed_by=filed_by,
    )


def _attributes_as_sent(message: RabbitMQMessage) -> dict[str, Any]:
    if (message.content_type or "").lower().startswith("application/cloudevents"):
        try:
            structured = _FORMAT.loads(message.body)
        except ValueError as error:
            raise UnreadableError(Unreadable.NOT_JSON, str(error)) from error
        if not isinstance(structured, dict):
            raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, "a CloudEvent in structured mode is a JSON object")
        return structured
    return {
        name.lower().removeprefix("ce-"): v for name, v in message.headers.items() if name.lower().startswith("ce-")
    }


def _has_bad_time(sent: Mapping[str, Any]) -> bool:
    """Tell whether it is the time with which the SDK, which does not say, could do nothing."""
    try:
        datetime.fromisoformat(sent["time"])
    except (ValueError, TypeError):
        return True
    except KeyError:
        pass
    return False


def _text_headers(headers: Mapping[str, Any]) -> dict[str, str]:
    """Attributes are text in this binding; a client that sends AMQP's own numbers and timestamps means the same."""
    readable: dict[str, str] = {}
    for name, value in headers.items():
        if not name.lower().startswith("ce-"):
            continue
        if isinstance(value, datetime):
            readable[name] = (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        elif isinstance(value, str | int):
            readable[name] = str(value)
    return readable


def _is_text(value: str, max_bytes: int) -> bool:
    try:
        length = len(value.encode())
    except UnicodeEncodeError:  # half of a surrogate pair, possible through JSON's \\u escapes
        return False
    return 0 < length <= max_bytes and value.isprintable()


def _is_id(value: str) -> bool:
    return _is_text(value, MAX_ID_BYTES)


def usable_id(value: object) -> str | None:
    """Return an attribute that an event can do without, None where it could not be passed on or recorded."""
    return value if isinstance(value, str) and _is_id(value) else None


def _printable(text: str) -> str:
    """Return text in ASCII without control characters, which could rewrite the terminal that shows it."""
    escaped = text.encode("ascii", "backslashreplace").decode()
    return escaped if escaped.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in escaped)
