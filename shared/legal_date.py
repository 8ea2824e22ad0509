"""The days of the law."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: Where the law's days begin and end.
LEGAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def legal_date(instant: datetime) -> date:
    """Return the day on which an instant falls in Vietnam, which is the day that the law means."""
    return instant.astimezone(LEGAL_ZONE).date()


def filing_day(filed_at: datetime | None, now: datetime, *, at_most: timedelta = timedelta.max) -> date:
    """Return the legal day on which a dossier was filed: as its sender says, where that can be.

    A time that is longer ago than `at_most` is not believed.
    """
    said = min(filed_at or now, now)
    with suppress(OverflowError):  # a day before the calendar's first
        return legal_date(said if now - said <= at_most else now)
    return legal_date(now)
