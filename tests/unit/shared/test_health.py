"""What a service says of itself, each reason once."""

from datetime import UTC, datetime

import pytest

from shared.health import Health

BROKER, DATABASE = "RabbitMQ at 127.0.0.1:5672", "MongoDB at 127.0.0.1:27017"
AWAY = f"{DATABASE} does not answer: is it running there, and OCOP_MONGO_URL right?"
LAST = "last message handled: 2026-11-29T06:00:00+00:00"


@pytest.mark.parametrize(
    ("fault", "of_database", "said"),
    [
        pytest.param(None, None, ["ready", f"{BROKER} answers", f"{DATABASE} answers"], id="ready"),
        pytest.param(AWAY, AWAY, [AWAY, f"{BROKER} answers"], id="the database is away"),
        pytest.param(f"{DATABASE} does not answer", AWAY, [AWAY, f"{BROKER} answers"], id="paused, in fewer words"),
        pytest.param("stopping", None, ["stopping", f"{BROKER} answers", f"{DATABASE} answers"], id="stopping"),
    ],
)
def test_each_reason_is_said_once(fault: str | None, of_database: str | None, said: list[str]) -> None:
    health = Health(fault, {BROKER: None, DATABASE: of_database}, datetime(2026, 11, 29, 6, tzinfo=UTC))

    assert str(health).splitlines() == [*said, LAST]
