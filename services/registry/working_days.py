"""Working days of Vietnam: Monday to Friday but for public holidays, and the Saturdays that the government exchanges.

Labour Code 45/2019/QH14, Art. 112; the days off that stand for others, and exchanges of a year, are in the package
`holidays` and in `time_limits.yaml`. The package knows Vietnam's holidays until 2100; later years have weekends alone.
"""

from datetime import date, timedelta
from functools import cache, lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

from services.registry.time_limits import TimeLimits

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)


@cache
def _vietnam() -> "HolidayBase":
    """Return Vietnam's holidays, loaded alone: the package would load all countries, which takes a tenth of a second.

    Raise ImportError where it has none of that name any more.
    """
    import holidays  # noqa: PLC0415  # it takes a while, and most who import this never ask

    file = Path(holidays.__file__).parent / "countries" / "vietnam.py"
    spec = spec_from_file_location("holidays.countries.vietnam", file)
    if spec is None or spec.loader is None:
        raise ImportError(str(file))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    vietnam: HolidayBase = module.Vietnam()
    return vietnam


@lru_cache(2_000)  # the package takes a fiftieth of a millisecond, and every dossier asks for some twenty days
def _is_working_day(day: date) -> bool:
    return _vietnam().is_working_day(day)


def is_working_day(day: date, limits: TimeLimits) -> bool:
    """Return whether offices work on a day."""
    if day in limits.working_saturdays:
        return True
    return day not in limits.days_off and _is_working_day(day)


def add_working_days(day: date, count: int, limits: TimeLimits) -> date:
    """Return the working day that is the `count`-th after a day, which itself does not count; before it, if below 0.

    Where the calendar ends first, its first or last day is returned.
    """
    step, end = (_DAY, date.max) if count > 0 else (-_DAY, date.min)
    left = abs(count)
    while left and day != end:
        day += step
        left -= is_working_day(day, limits)
    return day
