"""Working days of Vietnam: Monday to Friday but for public holidays, and the Saturdays that the government exchanges.

Labour Code 45/2019/QH14, Art. 112; the days off that stand for others, and exchanges of a year, are in the package
`holidays` and in `time_limits.yaml`.
"""

from datetime import date, timedelta
from functools import cache, lru_cache

from holidays import HolidayBase, country_holidays

from services.registry.time_limits import TimeLimits

_DAY = timedelta(days=1)


@cache
def _vietnam() -> HolidayBase:
    return country_holidays("VN")


@lru_cache(2_000)  # the package takes a fiftieth of a millisecond, and every dossier asks for some twenty days
def _is_working_day(day: date) -> bool:
    return _vietnam().is_working_day(day)


def is_working_day(day: date, limits: TimeLimits) -> bool:
    """Return whether offices work on a day."""
    if day in limits.working_saturdays:
        return True
    return day not in limits.days_off and _is_working_day(day)


def add_working_days(day: date, count: int, limits: TimeLimits) -> date:
    """Return the working day that is the `count`-th after a day, which itself does not count; before it, if below 0."""
    step = _DAY if count > 0 else -_DAY
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day, limits):
            day += step
    return day
