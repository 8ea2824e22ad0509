"""A dead letter's body for people to read."""

import json
from datetime import datetime

import pytest

from ops.dead_letters.body import readable_body, readable_headers, readable_properties
from tests.unit.ops.deliveries import delivery
from tests.unit.registry.dossiers import acceptable_dossier


def test_a_dossier_is_shown_without_whom_it_concerns() -> None:
    dossier = acceptable_dossier()

    shown = readable_body(json.dumps(dossier).encode()) or ""

    producer = dossier["producer"]
    assert dossier["product"]["name"] in shown
    assert [value for value in (producer["name"], *producer["contact"].values()) if f'"{value}"' in shown] in (
        [],
        ["vi"],
    )


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param("gọi 0912345678", "gọi [phone]", id="text"),
        pytest.param('{"name": "Lan", "n": 5', '{"name": "[masked]", "n": 5', id="JSON that does not end"),
        pytest.param('{"phone": "024 3', '{"phone": "[masked]"', id="a value that does not end"),
        pytest.param('{"email": lan, "n": NaN-}', '{"email": "[masked]", "n": NaN-}', id="a value without quotes"),
        pytest.param('{"name": "a\\"Lan", }', '{"name": "[masked]", }', id="a quote in the value"),
        pytest.param("", "", id="nothing"),
        pytest.param(
            '{"a": "\u202eevil\u009b"}', '{\n  "a": "\ufffdevil\ufffd"\n}', id="what would rewrite a terminal"
        ),
    ],
)
def test_what_is_text_is_shown_masked(body: str, shown: str) -> None:
    assert readable_body(body.encode()) == shown


@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"\x1f\x8b\x08\x00", b"a\x00b", b"\x1b[2J"], ids=["bytes", "gzip", "NUL", "escape"]
)
def test_what_is_no_text_is_not_shown(body: bytes) -> None:
    assert readable_body(body) is None


def test_json_without_end_in_depth_does_not_stop_the_command() -> None:
    assert readable_body(b"[" * 100_000) == "[" * 100_000


def test_headers_are_shown_masked_whatever_they_are() -> None:
    headers = {"a": "lan@example.vn", "b": b"\xff", "c": datetime(2026, 11, 24), "d": [{"phone": "1"}], "e": 1.5}  # noqa: DTZ001  # as the client gives it

    assert readable_headers(headers) == {
        "a": "[e-mail]",
        "b": "\ufffd",
        "c": "2026-11-24T00:00:00",
        "d": [{"phone": "[phone]"}],
        "e": 1.5,
    }


def test_properties_that_are_set_are_shown() -> None:
    message = delivery(message_id="a", reply_to="lan@example.vn", content_type="text/plain", delivery_mode=2)

    shown = readable_properties(message)

    assert (shown["message_id"], shown["reply_to"], shown["delivery_mode"]) == ("a", "[e-mail]", "2")
    assert "correlation_id" not in shown
