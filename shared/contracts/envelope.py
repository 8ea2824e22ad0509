"""The envelope as it is read: CloudEvents 1.0 in the RabbitMQ binding, with the CloudEvents SDK.

In binary mode (attributes in `ce-` headers, data as the JSON body) and in structured mode
(`application/cloudevents+json`).
"""

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cloudevents.core.exceptions import CloudEventValidationError
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.event import Event, UnreadableError
from shared.contracts.fault_codes import Unreadable
from shared.contracts.strict_json import JSONFaultError, StrictJSONFormat

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
#: Date, T, time and offset, all of them (RFC 3339, section 5.6); ISO 8601 has many more forms.
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
#: What an attribute may be in the place of text.
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float, Decimal), "a number"),
    ((bytes, bytearray), "bytes"),
    (list, "a list"),
    (dict, "a table"),
)
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_PLACE = re.compile(r"[0-9]{2}(-[0-9]{5})?")
_SEQUENCE = re.compile(r"\d{10}", re.ASCII)

_FORMAT = StrictJSONFormat()


@dataclass(frozen=True)
class Envelope:
    """A message that was opened, once: the event that it is or why it is none, and what names it in either case.

    `named` is (source, id) as far as they can be made out, None where no id can; an id that the event itself does not
    give may be that of the message.
    """

    content: Event | UnreadableError
    named: tuple[str, str] | None
    #: the correlation id, where it can be made out
    correlation_id: str | None
    #: as it was sent
    traceparent: object


def open_envelope(
    headers: Mapping[str, Any],
    content_type: str | None,
    body: bytes,
    *,
    content_encoding: str | None = None,
    message_id: str | None = None,
    max_bytes: int | None = None,
) -> Envelope:
    """Open a message in binary or structured mode.

    It is no event where it is no CloudEvent 1.0, its data is no JSON object, it is larger than `max_bytes`, or it says
    that it is compressed: nothing is unpacked, and what was not packed after all is not taken at its word either.
    Place and who filed are as the event itself says.
    """
    refusal = _refusal(body, content_encoding, max_bytes)
    sent, no_text = dict[str, Any](), dict[str, Any]()
    content: Event | UnreadableError
    try:
        if not _is_structured(content_type):
            sent, no_text = _in_headers(headers)
        elif not refusal or len(body) <= MAX_SEARCHED_BYTES:
            sent, no_text = _in_body(body)
        content = refusal or _event(sent, no_text, content_type, body)
    except UnreadableError as error:
        content = refusal or error
    return Envelope(content, _named(sent, message_id), usable_id(sent.get("correlationid")), sent.get("traceparent"))


def read(
    headers: Mapping[str, Any],
    content_type: str | None,
    body: bytes,
    *,
    content_encoding: str | None = None,
) -> Event:
    """Return the event that a message is, in binary or structured mode. Raise UnreadableError where it is none.

    Its place and who filed it are as it says itself: for the reader to believe or not.
    """
    opened = open_envelope(headers, content_type, body, content_encoding=content_encoding)
    if isinstance(opened.content, UnreadableError):
        raise opened.content
    return opened.content


def _refusal(body: bytes, content_encoding: str | None, max_bytes: int | None) -> UnreadableError | None:
    """Return why a message is not even looked into."""
    if max_bytes is not None and len(body) > max_bytes:
        return UnreadableError(Unreadable.TOO_LARGE, f"{len(body)} bytes; the limit is {max_bytes}")
    if (content_encoding or "").strip().lower() not in _PLAIN_ENCODINGS:
        return UnreadableError(Unreadable.CONTENT_ENCODING, "a content encoding: send the body as it is")
    return None


def _event(sent: dict[str, Any], no_text: dict[str, Any], content_type: str | None, body: bytes) -> Event:
    _require_attributes(sent, no_text)
    sent_at = _time(sent["time"]) if "time" in sent else None  # the SDK would invent one
    attributes = sent | ({"time": sent_at} if sent_at else {})
    try:
        if _is_structured(content_type):
            data = _structured_data(attributes)
        else:
            attributes |= {"datacontenttype": content_type} if content_type else {}
            data = _FORMAT.read_data(body, content_type or None)
        event = CloudEvent(attributes, data)
    except CloudEventValidationError as error:
        known = ", ".join(sorted(name for name in error.errors if name in _ATTRIBUTES)) or "an extension"
        raise UnreadableError(
            Unreadable.NOT_A_CLOUDEVENT, f"attributes that CloudEvents does not allow so: {known}"
        ) from error
    except (JSONFaultError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, f"not a CloudEvent: {error}") from error
    except (ValueError, TypeError, OverflowError) as error:  # their words may repeat a value
        raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, f"not a CloudEvent: {type(error).__name__}") from error
    return _checked(event, sent_at=sent_at)


def _checked(event: CloudEvent, *, sent_at: datetime | None) -> Event:
    """Return an event of the SDK's as ours, where it has what ours needs. Raise UnreadableError."""
    data, traceparent, place = event.get_data(), event.get_extension("traceparent"), event.get_extension("place")
    if not isinstance(data, dict):
        raise UnreadableError(
            Unreadable.DATA_NOT_AN_OBJECT, "the data is not a JSON object, or its content type not JSON's"
        )
    if not _is_id(event.get_id()) or not _is_text(event.get_source(), MAX_SOURCE_BYTES):
        limits = f"{MAX_ID_BYTES} and {MAX_SOURCE_BYTES} bytes"
        raise UnreadableError(Unreadable.ID_UNUSABLE, f"id or source is unprintable, or over {limits}")
    return Event(
        id=event.get_id(),
        source=event.get_source(),
        type=event.get_type(),
        data=data,
        time=sent_at,
        subject=usable_id(event.get_subject()),
        correlation_id=usable_id(event.get_extension("correlationid")),
        causation_id=usable_id(event.get_extension("causationid")),
        traceparent=traceparent if isinstance(traceparent, str) and _TRACEPARENT.fullmatch(traceparent) else None,
        place=place if isinstance(place, str) and _PLACE.fullmatch(place) else None,
        sequence=sequence_of(event.get_extension("sequence")),
        filed_by=usable_id(event.get_extension("filedby")),
    )


def could_be_read(event: Event) -> bool:
    """Return whether an event that was kept has attributes as they are read of a message."""
    optional = (event.subject, event.correlation_id, event.causation_id, event.filed_by)
    return (
        _is_id(event.id)
        and _is_text(event.source, MAX_SOURCE_BYTES)
        and all(text is None or _is_id(text) for text in optional)
        and (event.traceparent is None or bool(_TRACEPARENT.fullmatch(event.traceparent)))
        and (event.place is None or bool(_PLACE.fullmatch(event.place)))
    )


def sequence_of(written: object) -> int | None:
    """Return the number that an attribute `sequence` is, None where it is none of ours."""
    return int(written) if isinstance(written, str) and _SEQUENCE.fullmatch(written) else None


def _is_structured(content_type: str | None) -> bool:
    return (content_type or "").lower().startswith("application/cloudevents")


def _in_headers(headers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes of binary mode, and those that are there in a type that stands for no text."""
    named = {name[3:]: value for header, value in headers.items() if (name := header.lower()).startswith("ce-")}
    sent, no_text = dict[str, Any](), dict[str, Any]()
    for name, value in named.items():
        if (text := value if isinstance(value, str) else _as_text(value)) is not None:
            sent[name] = text
        elif value is not None:
            no_text[name] = value
    return sent, no_text


def _in_body(body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the attributes of structured mode with the data, and those that are no text. Raise UnreadableError."""
    try:
        structured = _FORMAT.loads(body)
    except ValueError as error:
        raise UnreadableError(Unreadable.NOT_JSON, str(error)) from error
    if not isinstance(structured, dict):
        raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, "a CloudEvent in structured mode is a JSON object")
    # CloudEvents JSON format 1.0.2, section 2.4: null is an attribute that is not set
    sent = {name: value for name, value in structured.items() if value is not None}
    return sent, {name: value for name, value in sent.items() if not isinstance(value, str)}


def _structured_data(event: dict[str, Any]) -> Any:
    """Take the data, JSON or Base64, out of a structured event (CloudEvents JSON format 1.0.2, section 3.1)."""
    data, encoded = event.pop("data", None), event.pop("data_base64", None)
    if encoded is None:
        return data
    if data is not None:
        raise JSONFaultError("both data and data_base64")
    try:
        body = base64.b64decode(encoded, validate=True)
    except (ValueError, TypeError):
        raise JSONFaultError("data_base64 is not Base64") from None
    return _FORMAT.read_data(body, str(event.get("datacontenttype", _FORMAT.DEFAULT_CONTENT_TYPE)))


def _time(sent: object) -> datetime:
    if isinstance(sent, str) and _RFC_3339.fullmatch(sent):
        with suppress(ValueError, OverflowError):  # the 31st of February, say
            return datetime.fromisoformat(sent.upper()).astimezone(UTC)
    raise UnreadableError(Unreadable.NOT_A_CLOUDEVENT, "not a CloudEvent: its time is not as in RFC 3339")


def _require_attributes(sent: Mapping[str, Any], no_text: Mapping[str, Any]) -> None:
    """Make sure that what must be there is: the SDK would invent an id and a version. Raise UnreadableError.

    `no_text` is what is there in another type: it is not missing, and an optional one is not passed over in silence.
    """
    missing = [name for name in _REQUIRED if not sent.get(name) and name not in no_text]
    parts = [f"CloudEvents attributes missing: {', '.join(missing)}"] if missing else []
    if wrong := [f"{name} is {_kind(no_text[name])}" for name in sorted(no_text) if name in _ATTRIBUTES]:
        parts.append(f"CloudEvents attributes that are no text: {', '.join(wrong)}")
    if parts:
        code = Unreadable.ATTRIBUTE_MISSING if missing else Unreadable.NOT_A_CLOUDEVENT
        raise UnreadableError(code, "; ".join(parts))


def _kind(value: object) -> str:
    """Return what a value is that ought to be text, in words of AMQP and JSON."""
    return next((kind for types, kind in _KINDS if isinstance(value, types)), type(value).__name__)


def _named(sent: Mapping[str, Any], message_id: str | None) -> tuple[str, str] | None:
    id, source = sent.get("id"), sent.get("source")
    id = id if isinstance(id, str) and id else message_id
    if not isinstance(id, str) or not _is_id(id):
        return None
    return (source if isinstance(source, str) and _is_text(source, MAX_SOURCE_BYTES) else "", id)


def _as_text(value: object) -> str | None:
    """Return an attribute as text, as this binding has it; AMQP's own whole numbers and timestamps mean the same."""
    match value:
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case bool():
            return None
        case str() | int():
            return str(value)
        case _:
            return None


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
