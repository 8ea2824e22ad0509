"""Headers of untrusted senders, as copies carry them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, decode, encode

from shared.messaging.amqp_properties import CUT, MAX_HEADERS_BYTES, copied, read_leniently, short
from tests.fuzz.decoders import deeper
from tests.fuzz.hostile import nested
from tests.integration.raw_publisher import table

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=20), VALUES, max_size=5))
def test_any_headers_can_be_written_again(headers: dict[str, Any]) -> None:
    assert len(encode.field_table(copied(headers))) <= MAX_HEADERS_BYTES + 4


@pytest.mark.parametrize("levels", range(0, 1_000, 20))
def test_tables_within_tables_can_be_written_wherever_they_could_be_read(levels: int) -> None:
    read_leniently()
    headers: Any = decode.METHODS["table"](table({b"deep": nested(levels)}))[1]

    assert deeper(150, lambda: encode.field_table(copied(headers)))


def test_a_long_name_is_cut_without_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert encode.field_table(copied({"x" * 255: "a"})) == encode.field_table({"x" * 128: "a"})
    assert caplog.records == []


@pytest.mark.parametrize("sent", [0, 3, 7, 255])
def test_a_delivery_mode_that_does_not_exist_is_none(sent: int) -> None:
    read_leniently()
    properties = commands.Basic.Properties()

    properties.unmarshal(properties.flags["delivery_mode"], bytes([sent]))

    assert properties.delivery_mode is None


@pytest.mark.parametrize(
    ("value", "as_copied"),
    [
        pytest.param("Hà Nội", "Hà Nội", id="text"),
        pytest.param("Hà Nội".encode("cp1258", "replace"), "H\ufffd N?i", id="another encoding"),
        pytest.param("\ud800", "?", id="half a letter"),
        pytest.param(1e300, "1e+300", id="number too large for four bytes"),
        pytest.param(Decimal("1.5"), "1.5", id="decimal"),
        pytest.param(datetime(1950, 1, 1, tzinfo=UTC), "1950-01-01 00:00:00+00:00", id="before AMQP's time"),
        pytest.param([1, {"a": b"\xff"}], [1, {"a": "\ufffd"}], id="nested"),
    ],
)
def test_a_value_is_copied_as_near_as_can_be(value: object, as_copied: object) -> None:
    assert copied({"x": value}) == {"x": as_copied}


def test_what_the_broker_would_act_upon_is_left_out() -> None:
    headers = {"x-death": [{"queue": "a"}], "x-first-death-queue": "a", "CC": ["b"], "BCC": ["c"], "ce-id": "1"}

    assert copied(headers) == {"ce-id": "1"}


def test_headers_that_are_too_large_leave_what_names_the_event_and_says_why() -> None:
    headers = {"ce-id": "1", "ce-source": "/x" * 1000, "other": "y" * MAX_HEADERS_BYTES, "x-ocop-reason": "not-json"}
    strangers = {f"x-ocop-{number}": b"\xff" * 1000 for number in range(100)}

    expected = {"ce-id": "1", "ce-source": "/x" * 500, "x-ocop-reason": "not-json", CUT: True}
    assert copied(headers) == copied(headers | strangers) == expected


@given(st.text())
def test_any_text_is_cut_to_a_short_string(text: str) -> None:
    assert len((short(text) or "").encode()) <= 255
