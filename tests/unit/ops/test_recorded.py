"""What is on record as it is read: what another version wrote, and what strangers chose."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ops.operator_settings import AccessError
from ops.records.alert import alert_fields
from ops.records.product import product_of
from ops.records.rating import rating_of

PHONE = "024 3383 0000"
EVENT = {"id": "7d1f2c1e", "source": "/portals/x", "correlation_id": "7d1f2c1e", "filed_by": "integration.portal"}


def record(type: str, **data: Any) -> dict[str, Any]:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    return {"event": EVENT, "recorded_at": at, "announced": [{"id": "a", "type": f"vn.ocop.{type}.v1", "data": data}]}


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: rating_of(record("product.rated", product_name=PHONE)), id="a rating"),
        pytest.param(lambda: product_of([record("product.submitted", dossier={"x": PHONE})], []), id="a dossier"),
        pytest.param(lambda: product_of([record("product.sold", buyer=PHONE)], []), id="an unknown event"),
        pytest.param(lambda: alert_fields(record("alert.delivered")), id="an alert"),
    ],
)
def test_a_record_of_another_version_is_named_and_not_repeated(read: Any) -> None:
    with pytest.raises(AccessError, match="the record of 7d1f2c1e is of another version") as raised:
        read()

    assert raised.value.__suppress_context__
    assert PHONE not in str(raised.value)
