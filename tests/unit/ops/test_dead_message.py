"""What can be made out of a dead letter, whoever wrote it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.dead_letters.message import DeadMessage, read_dead_message, sender
from tests.unit.ops.deliveries import delivery

DEAD = "registry.life.dead"
EVENT = {"ce-specversion": "1.0", "ce-id": "7d1f", "ce-source": "/portals/a", "ce-type": "vn.ocop.dossier.filed.v1"}
FAILURE = {
    "x-ocop-reason": "error",
    "x-ocop-detail": "KeyError in decide:12",
    "x-ocop-failed-at": "2026-11-24T06:00:00+00:00",
    "x-ocop-attempt": 4,
    "x-ocop-queue": "registry.life",
}
KILLED = {"queue": "registry.life", "reason": "delivery_limit", "count": 1, "time": datetime(2026, 11, 24)}  # noqa: DTZ001  # as the client gives it


def letter(body: bytes = b"{}", *, queue: str = DEAD, **properties: Any) -> DeadMessage:
    return read_dead_message(delivery(body, content_type="application/json", **properties), queue=queue, position=1)


def test_the_services_diagnosis_is_read() -> None:
    read = letter(headers=EVENT | FAILURE | {"x-ocop-replayed": 2})

    assert (read.id, read.source, read.type) == ("7d1f", "/portals/a", "vn.ocop.dossier.filed.v1")
    assert (read.reason, read.detail, read.attempt, read.replays) == ("error", "KeyError in decide:12", 4, 2)
    assert read.failed_at == datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_the_brokers_diagnosis_comes_before_what_the_sender_wrote() -> None:
    read = letter(headers=EVENT | FAILURE | {"x-death": [KILLED]})

    assert (read.reason, read.detail) == ("delivery-limit", "RabbitMQ moved it from registry.life")
    assert read.failed_at == datetime(2026, 11, 24, tzinfo=UTC)


def test_an_unrouted_message_says_where_nobody_listened() -> None:
    read = letter(headers=EVENT, queue="ocop.unrouted", exchange="ocop.intake", routing_key="dossier.file.v1")

    assert (read.reason, read.detail) == ("unrouted", "nobody is bound to dossier.file.v1 on ocop.intake")


def test_what_has_no_id_is_called_by_its_digest() -> None:
    assert letter(b"garbage").id == "sha256:795b6904e54f8241"


def test_an_event_in_structured_mode_is_named() -> None:
    body = b'{"specversion":"1.0","id":"7d1f","source":"/portals/a","type":"t","data":{}}'
    message = delivery(body, content_type="application/cloudevents+json")

    read = read_dead_message(message, queue=DEAD, position=1)

    assert (read.id, read.source, read.type) == ("7d1f", "/portals/a", "t")


def test_personal_data_and_control_characters_are_not_listed() -> None:
    read = letter(headers=EVENT | {"ce-source": "/0912345678", "x-ocop-detail": "\x1b[2J lan@example.vn", "ce-type": 5})

    assert (read.source, read.detail) == ("/[phone]", "\ufffd[2J [e-mail]")


@pytest.mark.parametrize(
    ("user", "queue", "sent_by"),
    [
        pytest.param("registry", DEAD, "integration.a", id="the queue's own service"),
        pytest.param("operator", DEAD, "integration.a", id="the operator"),
        pytest.param("integration.b", DEAD, "integration.b", id="an integration"),
        pytest.param("registry", "evaluation.product-submitted.dead", "registry", id="another service"),
        pytest.param(None, DEAD, None, id="nobody"),
    ],
)
def test_who_sent_it_is_believed_only_of_those_who_copy(user: str | None, queue: str, sent_by: str | None) -> None:
    message = delivery(headers={"x-ocop-filed-by": "integration.a"}, user_id=user)

    assert sender(message, queue) == sent_by


@pytest.mark.parametrize(
    ("exchange", "sent_by"),
    [pytest.param("ocop.intake", "operator", id="filed"), pytest.param("ocop.replay", "integration.a", id="replayed")],
)
def test_what_the_broker_took_from_a_queue_is_the_operator_s_where_she_filed_it(exchange: str, sent_by: str) -> None:
    headers = {"x-ocop-filed-by": "integration.a", "x-death": [KILLED | {"exchange": exchange}]}

    assert sender(delivery(headers=headers, user_id="operator"), DEAD) == sent_by


def test_a_copy_that_does_not_say_who_sent_it_was_sent_by_nobody_known() -> None:
    assert sender(delivery(user_id="registry"), DEAD) is None


@given(
    st.dictionaries(
        st.sampled_from([*EVENT, *FAILURE, "x-ocop-replayed", "x-death", "x-ocop-filed-by", "ce-time"]),
        st.none() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.lists(st.text() | st.just({"time": 1})),
    ),
    st.binary(max_size=50),
)
def test_no_message_is_too_strange(headers: dict[str, Any], body: bytes) -> None:
    read = letter(body, headers=headers)

    assert read.id
    assert all(value.isprintable() for value in (read.id, read.source, read.type, read.reason, read.detail))
