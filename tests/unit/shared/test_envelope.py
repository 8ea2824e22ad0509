"""CloudEvents in the RabbitMQ binding: what is read, what is refused, what is written."""

import base64
import gzip
import json
import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.alert import AlertDelivered
from shared.contracts.catalogue import ALERT_DELIVERED, CATALOGUE
from shared.contracts.envelope import open_envelope, read
from shared.contracts.event import Event, UnreadableError, derived_id
from shared.contracts.writing import attributes, write, written

HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "ho-so-17",
    "ce-source": "/portals/son-tay",
    "ce-type": "vn.ocop.dossier.filed.v1",
}
NOW = datetime(2026, 11, 23, 20, 25, 18, 123456, tzinfo=UTC)

#: JSON as the contracts have it, in which no number has a fraction.
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=20,
)


def structured(**changes: Any) -> bytes:
    event = {name.removeprefix("ce-"): value for name, value in HEADERS.items()} | {"data": {"a": 1}} | changes
    return json.dumps({name: value for name, value in event.items() if value is not None}).encode()


def test_binary_and_structured_mode_mean_the_same_event() -> None:
    binary = read(HEADERS, "application/json", b'{"a": 1}')

    assert read({}, "application/cloudevents+json; charset=utf-8", structured()) == binary
    assert (binary.id, binary.source, binary.data) == ("ho-so-17", "/portals/son-tay", {"a": 1})


def test_a_time_that_was_not_sent_is_not_invented() -> None:
    assert read(HEADERS, "application/json", b"{}").time is None


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param("2026-11-24T03:25:18.123456+07:00", id="text, Vietnam's time"),
        pytest.param("2026-11-23T20:25:18.123456Z", id="text, UTC"),
        pytest.param(NOW, id="AMQP timestamp"),
        pytest.param(NOW.astimezone(timezone(timedelta(hours=7))), id="AMQP timestamp with a zone"),
        pytest.param(NOW.replace(tzinfo=None), id="AMQP timestamp, which is UTC"),
    ],
)
def test_time_is_read_as_utc(sent: object) -> None:
    assert read(HEADERS | {"ce-time": sent}, "application/json", b"{}").time == NOW


@pytest.mark.parametrize(
    ("headers", "content_type", "body", "code"),
    [
        pytest.param({}, "application/json", b"{}", "attribute-missing", id="no headers"),
        pytest.param(HEADERS | {"ce-id": ""}, "application/json", b"{}", "attribute-missing", id="empty id"),
        pytest.param(HEADERS | {"ce-specversion": "0.3"}, None, b"{}", "not-a-cloudevent", id="old version"),
        pytest.param(HEADERS | {"ce-time": "yesterday"}, None, b"{}", "not-a-cloudevent", id="no time"),
        pytest.param(HEADERS | {"ce-Bad_Name": "x"}, None, b"{}", "not-a-cloudevent", id="extension's name"),
        pytest.param(HEADERS | {"ce-id": "ố" * 128}, None, b"{}", "id-unusable", id="id over 255 bytes"),
        pytest.param(HEADERS, None, b"[]", "data-not-an-object", id="list"),
        pytest.param(HEADERS, "text/plain", b"{}", "data-not-an-object", id="text"),
        pytest.param(HEADERS, None, b"", "not-a-cloudevent", id="no body"),
        pytest.param(HEADERS, None, b'{"a": 1, "a": 2}', "not-a-cloudevent", id="a name twice"),
        pytest.param(HEADERS, None, b'{"a": NaN}', "not-a-cloudevent", id="NaN"),
        pytest.param(HEADERS, None, b'{"a": -Infinity}', "not-a-cloudevent", id="Infinity"),
        pytest.param(HEADERS, None, b"\xff", "not-a-cloudevent", id="no UTF-8"),
        pytest.param(HEADERS, None, b'{"a":' * 100_000, "not-a-cloudevent", id="bottomless"),
        pytest.param(HEADERS, None, b'{"a": 1' + b"0" * 5000 + b"}", "not-a-cloudevent", id="endless number"),
        pytest.param(HEADERS, None, b'{"a": 1e999}', "not-a-cloudevent", id="number out of range"),
        pytest.param(HEADERS, None, b'\xef\xbb\xbf{"a": 1}', "not-a-cloudevent", id="byte order mark"),
        pytest.param(HEADERS | {"ce-source": "/" * 2001}, None, b"{}", "id-unusable", id="source over 2,000 bytes"),
        pytest.param({}, "application/cloudevents+json", b"[]", "not-a-cloudevent", id="structured list"),
        pytest.param({}, "application/cloudevents+json", b"{", "not-json", id="structured, broken"),
        pytest.param({}, "application/cloudevents+json", structured(id=5), "not-a-cloudevent", id="number as id"),
        pytest.param({}, "application/cloudevents+json", structured(id=None), "attribute-missing", id="id missing"),
        pytest.param({}, "application/cloudevents+json", structured(id="\ud800"), "id-unusable", id="half a letter"),
        pytest.param({}, "application/cloudevents+json", structured(time=5), "not-a-cloudevent", id="number as time"),
        pytest.param(
            {}, "application/cloudevents+json", structured(data=None), "data-not-an-object", id="structured, no data"
        ),
    ],
)
def test_what_is_no_event_is_refused(headers: dict[str, Any], content_type: str, body: bytes, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(headers, content_type, body)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("headers", "content_type", "body"),
    [
        pytest.param(HEADERS | {"ce-time": "yesterday"}, "application/json", b"{}", id="binary"),
        pytest.param({}, "application/cloudevents+json", structured(time="yesterday"), id="structured"),
    ],
)
def test_a_time_that_is_none_is_named_and_not_repeated(headers: dict[str, Any], content_type: str, body: bytes) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(headers, content_type, body)

    assert str(refused.value) == "not a CloudEvent: its time is not as in RFC 3339"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "base64", "utf-16"])
def test_what_says_that_it_is_packed_is_refused_whatever_is_in_it(encoding: str) -> None:
    for body in (b"{}", gzip.compress(b"{}")):
        with pytest.raises(UnreadableError) as refused:
            read(HEADERS, "application/json", body, content_encoding=encoding)
        assert refused.value.code == "content-encoding"


@pytest.mark.parametrize("encoding", [None, "", "identity", "utf-8", "UTF-8", "utf8"])
def test_an_encoding_that_changes_nothing_is_passed_over(encoding: str | None) -> None:
    assert read(HEADERS, "application/json", b"{}", content_encoding=encoding).id == "ho-so-17"


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-16", "application/json ; a=b", "Text/JSON"])
def test_parameters_and_case_of_the_content_type_change_nothing(content_type: str) -> None:
    assert read(HEADERS, content_type, b'{"a": 1}').data == {"a": 1}


@pytest.mark.parametrize("unusable", ["\ud800", "\x00", "a\r\nb", "\u202e", "x" * 256])
def test_attributes_that_could_not_be_passed_on_are_left_out(unusable: str) -> None:
    attributes = {"subject": unusable, "correlationid": unusable, "causationid": unusable}

    event = read({}, "application/cloudevents+json", structured(**attributes))

    assert (event.subject, event.correlation_id, event.causation_id) == (None, None, None)


@pytest.mark.parametrize("place", ["01-09574", "01"])
def test_an_event_carries_its_place_and_who_filed(place: str) -> None:
    event = Event(id="1", source="/ocop/registry", type="x", data={}, place=place, filed_by="integration.son-tay")

    written = write(event)

    back = read(written.headers, written.content_type, written.body)
    assert (back.place, back.filed_by) == (place, "integration.son-tay")


@pytest.mark.parametrize("place", ["01-#", "*", "1", "", "01-09574-1-2026", "01.09574", "٠١"])
def test_a_place_that_would_make_another_routing_key_is_left_out(place: str) -> None:
    assert read(HEADERS | {"ce-place": place}, "application/json", b"{}").place is None


@pytest.mark.parametrize("number", [1, 9_999_999_999])
def test_the_sequence_goes_through_in_a_form_whose_order_is_that_of_the_numbers(number: int) -> None:
    event = Event(id="1", source="/x", type="y", data={}, sequence=number)

    written = write(event)

    assert written.headers["ce-sequence"] == f"{number:010}"
    assert read(written.headers, "application/json", written.body).sequence == number


@pytest.mark.parametrize("theirs", ["1", "00000000001", "-000000001", "", 7])
def test_a_sequence_that_is_none_of_ours_is_left_out(theirs: object) -> None:
    assert read({}, "application/cloudevents+json", structured(sequence=theirs)).sequence is None


def test_what_is_said_of_a_message_cannot_rewrite_a_terminal() -> None:
    with pytest.raises(UnreadableError) as refused:
        read({}, "application/cloudevents+json", structured(**{"\x1b[2J\r\nerror": 1}))

    assert str(refused.value) == "attributes that CloudEvents does not allow so: an extension"
    assert str(refused.value).isprintable()


def test_the_id_of_a_message_can_be_read_where_the_rest_cannot() -> None:
    assert open_envelope(HEADERS, "application/json", b"{").named == ("/portals/son-tay", "ho-so-17")
    assert open_envelope({"ce-id": "17"}, None, b"").named == ("", "17")
    assert open_envelope({}, "application/cloudevents+json", structured(specversion=None)).named == (
        "/portals/son-tay",
        "ho-so-17",
    )


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        pytest.param({}, b"", id="nothing"),
        pytest.param({"ce-id": ["a", "list"]}, b"", id="no text"),
        pytest.param({"ce-id": "x" * 256}, b"", id="too long"),
    ],
)
def test_where_no_id_can_be_read_there_is_none(headers: dict[str, Any], body: bytes) -> None:
    assert open_envelope(headers, "application/json", body).named is None
    assert open_envelope({}, "application/cloudevents+json", body).named is None


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"data_base64": encoded(b'{"a": 1}')}, id="no content type: JSON"),
        pytest.param({"data_base64": encoded(b'{"a": 1}'), "datacontenttype": "application/json"}, id="JSON"),
        pytest.param({"data_base64": encoded(b'{"a": 1}'), "datacontenttype": "text/json; charset=utf-8"}, id="text"),
        pytest.param({"data_base64": encoded(b'{"a": 1}'), "datacontenttype": "application/x+json"}, id="+json"),
        pytest.param({"data": {"a": 1}, "data_base64": None}, id="not set"),
        pytest.param({"data": {"a": 1}, "subject": None, "dataschema": None}, id="attributes that are not set"),
    ],
)
def test_a_structured_event_is_read_however_an_sdk_writes_its_data(changes: dict[str, Any]) -> None:
    event = {name.removeprefix("ce-"): value for name, value in HEADERS.items()} | changes

    assert read({}, "application/cloudevents+json", json.dumps(event).encode()).data == {"a": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"data_base64": "{}"}, "not-a-cloudevent", id="not Base64"),
        pytest.param({"data_base64": 7}, "not-a-cloudevent", id="a number"),
        pytest.param({"data_base64": encoded(b"{"), "datacontenttype": None}, "not-a-cloudevent", id="broken JSON"),
        pytest.param({"data_base64": encoded(b'{"a": 1, "a": 2}')}, "not-a-cloudevent", id="a name twice"),
        pytest.param({"data_base64": encoded(b"[]")}, "data-not-an-object", id="a list"),
        pytest.param({"data_base64": encoded(b"{}"), "datacontenttype": "image/png"}, "data-not-an-object", id="a PNG"),
        pytest.param({"data_base64": encoded(b"{}"), "data": {}}, "not-a-cloudevent", id="both"),
        pytest.param({}, "data-not-an-object", id="neither"),
    ],
)
def test_data_in_base64_is_read_as_strictly_as_any(changes: dict[str, Any], code: str) -> None:
    event = {name.removeprefix("ce-"): value for name, value in HEADERS.items()} | changes

    with pytest.raises(UnreadableError) as raised:
        read({}, "application/cloudevents+json", json.dumps(event).encode())

    assert raised.value.code == code


@pytest.mark.parametrize(
    "time",
    ["2026-11-28T08:30:00Z", "2026-11-28t08:30:00z", "2026-11-28T15:30:00.000+07:00", "2026-11-28T08:30:00.0000000Z"],
)
def test_every_form_of_rfc_3339_is_a_time(time: str) -> None:
    assert read(HEADERS | {"ce-time": time}, "application/json", b"{}").time == datetime(
        2026, 11, 28, 8, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "time",
    [
        *("2026-W48-6T08:30:00Z", "2026-332T08:30:00Z", "20261128T083000Z", "2026-11-28", "2026-11-28T08Z"),
        *("2026-11-28T08:30Z", "2026-11-28T08:30:00", "2026-11-28 08:30:00Z", "2026-11-28T08:30:00+07"),
        *("2026-11-28T08:30:00+0700", "2026-11-28T08:30:00,5Z", "2026-02-31T08:30:00Z", "٢٠٢٦-11-28T08:30:00Z", ""),
    ],
)
@pytest.mark.parametrize("mode", ["binary", "structured"])
def test_no_other_form_of_iso_8601_is(mode: str, time: str) -> None:
    binary: tuple[dict[str, Any], str, bytes] = (HEADERS | {"ce-time": time}, "application/json", b"{}")
    message = binary if mode == "binary" else ({}, "application/cloudevents+json", structured(time=time))

    with pytest.raises(UnreadableError, match="its time is not as in RFC 3339"):
        read(*message)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"ce-id": b"17"}, "id is bytes", id="id as bytes"),
        pytest.param({"ce-id": bytearray(b"17")}, "id is bytes", id="id as a byte array"),
        pytest.param({"ce-id": True}, "id is true or false", id="id as a truth value"),
        pytest.param({"ce-source": ["/portals"]}, "source is a list", id="source as a list"),
        pytest.param({"ce-type": {"name": "x"}}, "type is a table", id="type as a table"),
        pytest.param({"ce-specversion": 1.0}, "specversion is a number", id="version as a double"),
        pytest.param({"ce-specversion": Decimal("1.0")}, "specversion is a number", id="version as a decimal"),
        pytest.param({"CE-Id": b"17", "ce-id": None}, "id is bytes", id="in capitals, beside a void"),
        pytest.param({"ce-time": 1764403200.5}, "time is a number", id="time as a double"),
        pytest.param({"ce-time": b"2026-11-28T08:30:00Z"}, "time is bytes", id="time as bytes"),
        pytest.param({"ce-subject": b"01-09574-1-2026"}, "subject is bytes", id="subject as bytes"),
        pytest.param({"ce-id": b"17", "ce-time": 0.5}, "id is bytes, time is a number", id="two of them"),
    ],
)
def test_an_attribute_of_a_wrong_type_is_named_with_its_type_and_not_called_missing(
    changes: dict[str, object], said: str
) -> None:
    with pytest.raises(UnreadableError) as raised:
        read(HEADERS | changes, "application/json", b"{}")

    assert (raised.value.code, str(raised.value)) == (
        "not-a-cloudevent",
        f"CloudEvents attributes that are no text: {said}",
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"id": 0}, "id is a number", id="0 as id"),
        pytest.param({"specversion": 1.0}, "specversion is a number", id="version as a number"),
        pytest.param({"source": {}}, "source is a table", id="an object as source"),
        pytest.param({"time": 5}, "time is a number", id="time as a number"),
        pytest.param({"subject": False}, "subject is true or false", id="subject as a truth value"),
    ],
)
def test_in_structured_mode_too(changes: dict[str, object], said: str) -> None:
    with pytest.raises(UnreadableError, match=f"that are no text: {said}$") as raised:
        read({}, "application/cloudevents+json", structured(**changes))

    assert raised.value.code == "not-a-cloudevent"


def test_what_is_missing_is_called_so_beside_what_is_no_text() -> None:
    headers = HEADERS | {"ce-id": b"17"}
    del headers["ce-type"]

    with pytest.raises(UnreadableError, match=r"missing: type; .*no text: id is bytes$") as raised:
        read(headers, "application/json", b"{}")

    assert raised.value.code == "attribute-missing"


def test_an_extension_of_a_wrong_type_is_passed_over() -> None:
    assert read(HEADERS | {"ce-partitionkey": b"7"}, "application/json", b"{}").id == "ho-so-17"


def test_where_the_id_is_no_text_the_message_s_own_names_it() -> None:
    in_binary = open_envelope(HEADERS | {"ce-id": b"17"}, "application/json", b"{}", message_id="m-1")
    in_structured = open_envelope({}, "application/cloudevents+json", structured(id=17), message_id="m-1")

    assert in_binary.named == in_structured.named == ("/portals/son-tay", "m-1")


def test_answers_of_one_kind_to_one_event_are_told_apart() -> None:
    event, data = delivered(), AlertDelivered(alert_id="a", about="b", channel="log", language="vi")

    def answer(discriminator: str | None = None) -> Event:
        return event.answer(ALERT_DELIVERED, data, source="/x", subject="s", now=NOW, discriminator=discriminator)

    assert answer("email").id == answer("email").id
    assert len({answer().id, answer("email").id, answer("sms").id}) == 3
    assert answer().id == derived_id(event.key, ALERT_DELIVERED.type)  # as it was before there were any


def test_an_event_is_read_as_it_was_written() -> None:
    event = delivered()

    message = write(event)

    assert read(message.headers, message.content_type, message.body) == event
    assert message.content_type == "application/json"
    assert message.headers["ce-time"] == "2026-11-23T20:25:18.123456Z"


def test_vietnamese_can_be_read_on_the_queue() -> None:
    event = Event(id="1", source="/x", type="t", time=NOW, data={"name": "Bánh tẻ"})

    assert write(event).body == '{"name":"Bánh tẻ"}'.encode()


@given(st.dictionaries(st.text(), VALUES))
@example({"a": "NaN", "b": "-Infinity"})
def test_data_is_written_compact_as_python_writes_it(data: dict[str, Any]) -> None:
    as_python = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    assert written(data) == as_python.encode()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_written(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        written({"a": [{"b": number}]})


def test_an_answer_to_the_same_event_has_the_same_id_and_another_one_to_another() -> None:
    event = read(HEADERS, "application/json", b'{"a": 1, "b": 2}')
    repeat = read(HEADERS, "application/json", b'{"b": 2, "a": 1}')
    other_content = read(HEADERS, "application/json", b'{"a": 2, "b": 2}')
    other_source = read(HEADERS | {"ce-source": "/portals/ba-vi"}, "application/json", b'{"a": 1, "b": 2}')

    assert repeat.key == event.key
    assert len({event.key, other_content.key, other_source.key}) == 3


def test_an_answer_belongs_to_the_story_and_names_its_cause() -> None:
    first = read(HEADERS, "application/json", b"{}")
    answer = delivered(first)
    next_answer = delivered(answer)

    assert (answer.correlation_id, answer.causation_id) == ("ho-so-17", "ho-so-17")
    assert (next_answer.correlation_id, next_answer.causation_id) == ("ho-so-17", answer.id)
    assert "traceparent" not in attributes(answer)


def test_types_and_routing_keys_follow_one_rule() -> None:
    assert {event_type.type: event_type.routing_key for event_type in CATALOGUE} == {
        f"vn.ocop.{event_type.name}.v1": f"{event_type.name}.v1" for event_type in CATALOGUE
    }
    assert len({event_type.name for event_type in CATALOGUE}) == len(CATALOGUE)


@given(
    st.dictionaries(st.sampled_from([*HEADERS, "ce-time", "ce-subject", "ce-x", "other"]), st.text() | st.integers()),
    st.sampled_from([None, "", "application/json", "application/cloudevents+json", "text/plain", "a/b; c"]),
    st.binary() | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(lambda v: json.dumps(v).encode()),
)
def test_any_message_is_read_or_refused(headers: dict[str, Any], content_type: str | None, body: bytes) -> None:
    with suppress(UnreadableError):
        assert read(headers, content_type, body).key


def delivered(event: Event | None = None) -> Event:
    """Return an answer of notifications."""
    event = event or Event(id="1", source="/x", type="t", data={})
    data = AlertDelivered(alert_id="a", about=event.id, channel="log", language="vi", product_code="01-09574-1-2026")
    return event.answer(ALERT_DELIVERED, data, source="/ocop/notifications", subject="01-09574-1-2026", now=NOW)
