"""Decide: how long a certificate is valid, when a re-evaluation may be filed. Decision 26/2026, Art. 4.3, 7.6a, 12.3.

T is a certificate's last day: it is valid on T, and not on the day after.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from services.registry.time_limits import TimeLimits
from shared.legal_date import LEGAL_ZONE

_MONTHS = 12


def last_day(issued_on: date, limits: TimeLimits) -> date:
    """Return T: the same day of the month so many months later, or that month's last day where it has none such.

    Raises:
        OverflowError: it would lie beyond the year 9999.
    """
    year, month = divmod(issued_on.year * _MONTHS + issued_on.month - 1 + limits.valid_months, _MONTHS)
    if year > date.max.year:
        raise OverflowError(f"no day {limits.valid_months} months after {issued_on}")
    for day in range(issued_on.day, 0, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:  # the month has no such day
            continue
    raise AssertionError("every month has a first day")


def begins(day: date) -> datetime:
    """Return the instant (UTC) at which a day begins in Vietnam."""
    return datetime.combine(day, time(), LEGAL_ZONE).astimezone(UTC)


@dataclass(frozen=True)
class Window:
    """From when to when, both included, a re-evaluation may be filed; `late_until` under the transition rule."""

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
    is_old = issued_on < limits.late_filing_if_issued_before
    late_until = ends_on + timedelta(days=limits.late_filing_until)
    if limits.late_filing_rule_ends:
        late_until = min(late_until, limits.late_filing_rule_ends)
    return Window(
        first=ends_on - timedelta(days=limits.window_opens),
        last=ends_on - timedelta(days=limits.window_closes),
        late_until=late_until if is_old else None,
    )


def judged(day: date, of: Window) -> Filing:
    """Return what filing on a day is."""
    if day < of.first:
        return Filing.TOO_EARLY
    if day <= of.last:
        return Filing.IN_TIME
    return Filing.LATE if of.late_until and day <= of.late_until else Filing.TOO_LATE


def extended_until(ends_on: date, limits: TimeLimits) -> date:
    """Return the last day of an extension (Art. 12.3)."""
    return ends_on + timedelta(days=limits.extended_at_most)
