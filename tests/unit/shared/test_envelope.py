"""CloudEvents in the RabbitMQ binding: what is read, what is refused, what is written."""

import gzip
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.alert import AlertDelivered
from shared.contracts.catalogue import ALERT_DELIVERED, BY_TYPE, CATALOGUE
from shared.contracts.envelope import Event, UnreadableError, attributes, read, readable_id, write

HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "ho-so-17",
    "ce-source": "/portals/son-tay",
    "ce-type": "vn.ocop.dossier.filed.v1",
}
NOW = datetime(2026, 11, 23, 20, 25, 18, 123456, tzinfo=UTC)


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
        pytest.param({}, "application/cloudevents+json", structured(time=5), id="structured, a number"),
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


def test_what_is_said_of_a_message_cannot_rewrite_a_terminal() -> None:
    with pytest.raises(UnreadableError) as refused:
        read({}, "application/cloudevents+json", structured(**{"\x1b[2J\r\nerror": 1}))

    assert str(refused.value) == "attributes that CloudEvents does not allow so: an extension"
    assert str(refused.value).isprintable()


def test_the_id_of_a_message_can_be_read_where_the_rest_cannot() -> None:
    assert readable_id(HEADERS, "application/json", b"{") == ("/portals/son-tay", "ho-so-17")
    assert readable_id({"ce-id": "17"}, None, b"") == ("", "17")
    assert readable_id({}, "application/cloudevents+json", structured(specversion=None)) == (
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
    assert readable_id(headers, "application/json", body) is None
    assert readable_id({}, "application/cloudevents+json", body) is None


def test_an_event_is_read_as_it_was_written() -> None:
    event = told()

    message = write(event)

    assert read(message.headers, message.content_type, message.body) == event
    assert message.content_type == "application/json"
    assert message.headers["ce-time"] == "2026-11-23T20:25:18.123456Z"


def test_vietnamese_can_be_read_on_the_queue() -> None:
    event = Event(id="1", source="/x", type="t", time=NOW, data={"name": "Bánh tẻ"})

    assert write(event).body == '{"name":"Bánh tẻ"}'.encode()


def test_an_answer_to_the_same_event_has_the_same_id_and_another_one_to_another() -> None:
    event = read(HEADERS, "application/json", b'{"a": 1, "b": 2}')
    repeat = read(HEADERS, "application/json", b'{"b": 2, "a": 1}')
    other_content = read(HEADERS, "application/json", b'{"a": 2, "b": 2}')
    other_source = read(HEADERS | {"ce-source": "/portals/ba-vi"}, "application/json", b'{"a": 1, "b": 2}')

    assert repeat.key == event.key
    assert len({event.key, other_content.key, other_source.key}) == 3


def test_an_answer_belongs_to_the_story_and_names_its_cause() -> None:
    first = read(HEADERS, "application/json", b"{}")
    answer = told(first)
    next_answer = told(answer)

    assert (answer.correlation_id, answer.causation_id) == ("ho-so-17", "ho-so-17")
    assert (next_answer.correlation_id, next_answer.causation_id) == ("ho-so-17", answer.id)
    assert "traceparent" not in attributes(answer)


def test_types_and_routing_keys_follow_one_rule() -> None:
    assert {event_type.type: event_type.routing_key for event_type in CATALOGUE} == {
        f"vn.ocop.{name}.v1": f"{name}.v1"
        for name in (
            "dossier.filed",
            "dossier.rejected",
            "product.submitted",
            "product.rated",
            "assessment.rejected",
            "alert.delivered",
            "alert.failed",
            "product.query",
            "product.state",
            "query.rejected",
        )
    }
    assert len(BY_TYPE) == len(CATALOGUE)


@given(
    st.dictionaries(st.sampled_from([*HEADERS, "ce-time", "ce-subject", "ce-x", "other"]), st.text() | st.integers()),
    st.sampled_from([None, "", "application/json", "application/cloudevents+json", "text/plain", "a/b; c"]),
    st.binary() | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(lambda v: json.dumps(v).encode()),
)
def test_any_message_is_read_or_refused(headers: dict[str, Any], content_type: str | None, body: bytes) -> None:
    readable_id(headers, content_type, body)
    with suppress(UnreadableError):
        assert read(headers, content_type, body).key


def told(event: Event | None = None) -> Event:
    """An answer of notifications."""
    event = event or Event(id="1", source="/x", type="t", data={})
    data = AlertDelivered(alert_id="a", about=event.id, channel="log", language="vi", product_code="01-09574-1-2026")
    return event.answer(ALERT_DELIVERED, data, source="/ocop/notifications", subject="01-09574-1-2026", now=NOW)
