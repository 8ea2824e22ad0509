"""Decide: how long a certificate is valid, when a re-evaluation may be filed. Decision 26/2026, Art. 4.3, 7.6a, 12.3.

T is a certificate's last day: it is valid on T, and not on the day after. What would lie beyond the calendar, which
ends on 31 December 9999, is its first or last day.
"""

from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache

from services.registry.time_limits import TimeLimits
from shared.legal_date import LEGAL_ZONE

_MONTHS = 12


def last_day(issued_on: date, limits: TimeLimits) -> date:
    """Return T: the same day of the month so many months later, or that month's last day where it has none such."""
    year, month = divmod(issued_on.year * _MONTHS + issued_on.month - 1 + limits.valid_months, _MONTHS)
    if year > date.max.year:
        return date.max
    _, days = monthrange(year, month + 1)
    return date(year, month + 1, min(issued_on.day, days))


def days_after(day: date, days: int) -> date:
    """Return the day so many days after another; before it, if below 0."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


@lru_cache(4096)
def begins(day: date) -> datetime:
    """Return the instant (UTC) at which a day begins in Vietnam."""
    with suppress(OverflowError):
        return datetime.combine(day, time(), LEGAL_ZONE).astimezone(UTC)
    return datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """From when to when, both included, a re-evaluation may be filed.

    `late_until` is the last day under the transition rule (Art. 12.3), where that leaves a day beyond `last`.
    """

    first: date
    last: date
    late_until: date | None = None


class Filing(StrEnum):
    """What a day is to a window."""

    TOO_EARLY = "too-early"
    IN_TIME = "in-time"
    LATE = "late"
    TOO_LATE = "too-late"


def window(issued_on: date, ends_on: date, limits: TimeLimits) -> Window:
    """Return when the re-evaluation of a certificate may be filed, whose last day is `ends_on`."""
    first, last = days_after(ends_on, -limits.window_opens), days_after(ends_on, -limits.window_closes)
    is_old = issued_on < limits.late_filing_if_issued_before
    late_until = min(days_after(ends_on, limits.late_filing_until), limits.late_filing_rule_ends or date.max)
    return Window(first, last, late_until if is_old and late_until > last else None)


def judged(day: date, of: Window) -> Filing:
    """Return what filing on a day is."""
    if day < of.first:
        return Filing.TOO_EARLY
    if day <= of.last:
        return Filing.IN_TIME
    return Filing.LATE if of.late_until and day <= of.late_until else Filing.TOO_LATE


def extended_until(ends_on: date, limits: TimeLimits) -> date:
    """Return the last day of an extension (Art. 12.3)."""
    return days_after(ends_on, limits.extended_at_most)
