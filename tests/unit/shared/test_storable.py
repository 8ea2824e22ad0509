"""Which headers the broker can dead-letter into the journal's stream as they came."""

import struct

import pytest
from pamqp import decode

from shared.messaging.amqp_properties import copied, is_storable, read_leniently
from tests.integration.raw_publisher import long_text, short_text, table

#: AMQP 0-9-1: 1.50, as two decimal places of 150.
DECIMAL = b"D\x02" + struct.pack(">i", 150)


@pytest.fixture(autouse=True)
def lenient() -> None:
    read_leniently()


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(long_text("Bánh tẻ, D"), id="text"),
        pytest.param(long_text(b"\xe0"), id="text in another encoding"),
        pytest.param(b"l" + struct.pack(">q", -(2**63)), id="number"),
        pytest.param(b"d" + struct.pack(">d", 1.5), id="floating point"),
        pytest.param(b"T" + struct.pack(">Q", 2**63), id="impossible time"),
        pytest.param(b"V", id="nothing"),
        pytest.param(b"F" + table({b"a": long_text("b")}), id="table, which it leaves out"),
    ],
)
def test_what_a_stream_knows_goes_as_it_came(value: bytes) -> None:
    headers = decode.METHODS["table"](table({b"ce-id": long_text("1"), b"x": value}))[1]

    assert is_storable(headers)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(DECIMAL, id="decimal"),
        pytest.param(DECIMAL + short_text("x") + long_text("text"), id="decimal behind text of the same name"),
        pytest.param(b"F" + table({b"a": DECIMAL}), id="decimal within a table"),
        pytest.param(b"Z", id="nobody knows"),
    ],
)
def test_what_it_may_not_know_does_not(value: bytes) -> None:
    headers = decode.METHODS["table"](table({b"ce-id": long_text("1"), b"x": value}))[1]

    assert not is_storable(headers)  # type: ignore[arg-type]


def test_what_was_read_before_a_message_says_nothing_of_it() -> None:
    decode.METHODS["table"](table({b"x": DECIMAL}))

    assert decode.METHODS["table"](table({b"x": long_text("text")}))[1] == {"x": "text"}


@pytest.mark.parametrize("name", ["x-death", "x-first-death-exchange", "x-last-death-queue"])
def test_what_only_the_broker_is_to_write_does_not(name: str) -> None:
    assert not is_storable({"ce-id": "1", name: "forged"})
    assert is_storable(copied({"ce-id": "1", name: "forged"}))


def test_a_message_that_was_delivered_before_is_as_storable_as_the_first_time() -> None:
    assert is_storable({"ce-id": "1", "x-delivery-count": 2})
