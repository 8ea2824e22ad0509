"""Dates of Decision 26/2026/QĐ-TTg as LIFECYCLE.md has them, reckoned a second time."""

import calendar
from datetime import UTC, date, datetime, time, timedelta, timezone

import holidays

#: Vietnam has had no other time since 1975.
VIETNAM = timezone(timedelta(hours=7))
#: Certificates issued before this day may be renewed late (Art. 12.3).
IN_FORCE_FROM = date(2026, 5, 22)
DAY = timedelta(days=1)

_OFF = holidays.country_holidays("VN")
#: exchanged by the government in 2026: the Monday is off, the Saturday is not
_EXCHANGED_OFF, _EXCHANGED_ON = {date(2026, 8, 31)}, {date(2026, 8, 22)}


def instant(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """Return an instant of a day in Vietnam, UTC."""
    return datetime.combine(day, time(hour, minute, second), VIETNAM).astimezone(UTC)


def day_of(at: datetime) -> date:
    """Return the day in Vietnam."""
    return at.astimezone(VIETNAM).date()


def days(count: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=count)


def last_day(issued_on: date) -> date:
    """Return the last day of a certificate of 36 months: the same day of the month, or that month's last (Art. 4.3)."""
    year = issued_on.year + 3
    return date(year, issued_on.month, min(issued_on.day, calendar.monthrange(year, issued_on.month)[1]))


def working_days_after(day: date, count: int) -> date:
    """Return the working day that comes so many after a day, or before it; the day itself is not counted."""
    step, left = (DAY if count > 0 else -DAY), abs(count)
    while left:
        day += step
        left -= _works(day)
    return day


def _works(day: date) -> bool:
    if day in _EXCHANGED_ON:
        return True
    return day.weekday() < calendar.SATURDAY and day not in _OFF and day not in _EXCHANGED_OFF
