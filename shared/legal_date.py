"""The days of the law."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

#: Where the law's days begin and end.
LEGAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def legal_date(instant: datetime) -> date:
    """Return the day on which an instant falls in Vietnam, which is the day that the law means."""
    return instant.astimezone(LEGAL_ZONE).date()
