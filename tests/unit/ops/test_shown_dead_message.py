"""A dead letter's body for people to read."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ops.dead_letters.message import DeadMessage, read_dead_message
from ops.dead_letters.show import oldest_first, readable_body, readable_headers, readable_properties
from tests.unit.ops.deliveries import delivery
from tests.unit.registry.dossiers import acceptable_dossier


def test_a_dossier_is_shown_without_whom_it_concerns() -> None:
    dossier = acceptable_dossier()

    shown = readable_body(json.dumps(dossier).encode()) or ""

    producer = dossier["producer"]
    assert dossier["product"]["commune_code"] in shown
    assert [value for value in (producer["name"], *producer["contact"].values()) if f'"{value}"' in shown] in (
        [],
        ["vi"],
    )


def test_codes_and_numbers_are_shown_and_running_text_is_not() -> None:
    shown = readable_body('{"code": "01-09574-1-2026", "n": 5, "note": "Gọi bà Hoa", "Bà Hoa": "a@b.vn"}'.encode())

    assert json.loads(shown or "") == {
        "code": "01-09574-1-2026",
        "n": 5,
        "note": "[text of 10]",
        "[text of 6]": "[e-mail]",
    }


def test_what_would_rewrite_a_terminal_is_not_shown() -> None:
    assert readable_body('{"a": "\u202eevil\u009b"}'.encode()) == '{\n  "a": "[text of 6]"\n}'


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"\x1f\x8b\x08\x00", b"", "gọi 0912345678".encode(), b'{"name": "Lan", "n": 5', b"[" * 100_000],
    ids=["bytes", "gzip", "nothing", "text", "JSON that does not end", "JSON without end in depth"],
)
def test_what_is_no_json_is_not_shown(body: bytes) -> None:
    assert readable_body(body) is None


def test_headers_are_shown_masked_whatever_they_are() -> None:
    headers = {"a": "lan@example.vn", "b": b"\xff", "c": datetime(2026, 11, 24), "d": [{"phone": "1"}], "e": 1.5}  # noqa: DTZ001  # as the client gives it

    assert readable_headers(headers) == {
        "a": "[e-mail]",
        "b": "[text of 1]",
        "c": "2026-11-24T00:00:00",
        "d": [{"phone": "[phone]"}],
        "e": 1.5,
    }


def test_properties_that_are_set_are_shown() -> None:
    message = delivery(message_id="a", reply_to="lan@example.vn", content_type="text/plain", delivery_mode=2)

    shown = readable_properties(message)

    assert (shown["message_id"], shown["reply_to"], shown["delivery_mode"]) == ("a", "[e-mail]", "2")
    assert "correlation_id" not in shown


def test_dead_letters_of_several_queues_stand_in_the_order_in_which_they_failed() -> None:
    unknown = read_dead_message(delivery(), queue="registry.life.dead", position=1)

    def failed(hour: int, queue: str) -> DeadMessage:
        return replace(unknown, queue=queue, failed_at=datetime(2026, 11, 24, hour, tzinfo=UTC))

    nine, eight = failed(9, "registry.life.dead"), failed(8, "notifications.product-rated.dead")
    sent = replace(unknown, sent_at=datetime(2026, 11, 24, 8, 30, tzinfo=UTC))

    assert oldest_first([unknown, nine, sent, eight]) == [eight, sent, nine, unknown]
