"""The one clock. Rules get the time as an argument; what reads it is given a clock that tests can set."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: Gives the present instant, in UTC.
Clock = Callable[[], datetime]

#: Where the law's days begin and end.
LEGAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def system_clock() -> datetime:
    """Give the present instant, in UTC."""
    return datetime.now(UTC)


def legal_date(instant: datetime) -> date:
    """Give the day on which an instant falls in Vietnam, which is the day that the law means."""
    return instant.astimezone(LEGAL_ZONE).date()
