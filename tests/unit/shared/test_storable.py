"""Which headers the broker can dead-letter into the journal's stream as they came."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from shared.messaging.amqp_properties import is_storable


@pytest.mark.parametrize(
    "value",
    ["Bánh tẻ", b"\xe0", 7, -(2**63), 1.5, True, None, datetime(2026, 11, 29, tzinfo=UTC), {"a": Decimal(1)}, [1]],
)
def test_what_a_stream_knows_or_leaves_out_goes_as_it_came(value: object) -> None:
    assert is_storable({"ce-id": "1", "x-delivery-count": 2, "price": value})


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"price": Decimal("1.5")}, id="ends all dead-lettering before RabbitMQ 4"),
        pytest.param({"x-ocop-headers-unreadable": True}, id="nobody knows what it is"),
        pytest.param({"x-death": "forged"}, id="the broker's own"),
        pytest.param({"x-first-death-exchange": "ocop.intake"}, id="the broker's own too"),
    ],
)
def test_what_it_does_not_know_does_not(headers: dict[str, object]) -> None:
    assert not is_storable({"ce-id": "1", **headers})
