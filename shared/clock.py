"""The one clock. Rules get the time as an argument; what reads it is given a clock that tests can set."""

from collections.abc import Callable
from datetime import UTC, datetime

#: Returns the present instant, in UTC.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the present instant, in UTC."""
    return datetime.now(UTC)
