"""Working days of Vietnam (Labour Code 45/2019/QH14, Art. 112), against a table of two years written by hand."""

import runpy
import sys
from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry import working_days
from services.registry.time_limits import load_time_limits
from services.registry.working_days import add_working_days, is_working_day

LIMITS = load_time_limits()
DAY = timedelta(days=1)
#: First and last day, from which no other rule than Monday to Friday is left.
BEGINS, ENDS = date(2026, 1, 12), date(2027, 12, 31)
#: Days from Monday to Friday on which offices are closed, by month.
CLOSED = {
    (2026, 2): {16, 17, 18, 19, 20},  # Tết, new year on Tuesday 17
    (2026, 4): {27, 30},  # for the Hùng Kings' day on Sunday 26; Reunification Day
    (2026, 5): {1},
    (2026, 8): {31},  # exchanged for Saturday 22
    (2026, 9): {1, 2},  # National Day and the day before
    (2026, 11): {24},  # Vietnam Cultural Day
    (2027, 1): {1},
    (2027, 2): {4, 5, 8, 9, 10},  # Tết, new year on Saturday 6: 4 and 10 stand for the weekend
    (2027, 4): {16, 30},
    (2027, 5): {3},  # for Saturday 1
    (2027, 9): {2, 3},  # National Day and the day after
    (2027, 11): {24},
}
WORKING_SATURDAY = date(2026, 8, 22)
TABLE = [BEGINS + n * DAY for n in range((ENDS - BEGINS).days + 1)]
WORKING = [
    day
    for day in TABLE
    if day == WORKING_SATURDAY or (day.isoweekday() <= 5 and day.day not in CLOSED.get((day.year, day.month), ()))
]
COUNTED = st.dates(BEGINS + 120 * DAY, ENDS - 120 * DAY)
COUNTS = st.integers(1, 60)


def test_the_working_days_of_2026_and_2027() -> None:
    assert [day for day in TABLE if is_working_day(day, LIMITS)] == WORKING


@given(COUNTED, COUNTS)
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    later = [each for each in WORKING if each > day]
    earlier = [each for each in WORKING if each < day]
    assert add_working_days(day, count, LIMITS) == later[count - 1]
    assert add_working_days(day, -count, LIMITS) == earlier[-count]
    assert add_working_days(day, 0, LIMITS) == day


@given(COUNTED, COUNTS, COUNTS)
def test_adding_twice_is_adding_the_sum(day: date, one: int, other: int) -> None:
    assert add_working_days(add_working_days(day, one, LIMITS), other, LIMITS) == add_working_days(
        day, one + other, LIMITS
    )


@given(st.sampled_from(WORKING[60:-60]), COUNTS)
def test_from_a_working_day_there_and_back_is_where_one_was(day: date, count: int) -> None:
    assert add_working_days(add_working_days(day, count, LIMITS), -count, LIMITS) == day


@given(COUNTED, COUNTS)
def test_a_later_receipt_is_never_due_earlier(day: date, count: int) -> None:
    assert add_working_days(day, count, LIMITS) <= add_working_days(day + DAY, count, LIMITS)


def test_a_saturday_is_exchanged_across_the_year_whichever_year_is_asked_first() -> None:
    assert is_working_day(date(2019, 1, 5), LIMITS)  # for 31 December 2018
    assert is_working_day(date(2014, 12, 27), LIMITS)  # for 2 January 2015


def test_what_a_decree_of_the_year_brings_is_added_in_the_file() -> None:
    changed = LIMITS.model_copy(
        update={"days_off": frozenset({date(2027, 12, 24)}), "working_saturdays": frozenset({date(2027, 12, 18)})}
    )
    assert [add_working_days(date(2027, 12, 17), count, LIMITS).day for count in range(1, 6)] == [20, 21, 22, 23, 24]
    assert [add_working_days(date(2027, 12, 17), count, changed).day for count in range(1, 7)] == [
        *(18, 20, 21, 22, 23, 27)
    ]


def test_what_the_file_says_of_2026_goes_with_what_the_package_knows() -> None:
    bare = LIMITS.model_copy(update={"days_off": frozenset(), "working_saturdays": frozenset()})
    days = [*LIMITS.days_off, *LIMITS.working_saturdays]
    assert [is_working_day(day, LIMITS) for day in days] == [is_working_day(day, bare) for day in days]


def test_the_holidays_that_are_loaded_alone_are_those_of_the_package() -> None:
    bare, package = (
        LIMITS.model_copy(update={"days_off": frozenset(), "working_saturdays": frozenset()}),
        holidays.country_holidays("VN"),
    )
    days = [date(2013, 1, 1) + number * DAY for number in range(30 * 365)]
    assert [is_working_day(day, bare) for day in days] == [package.is_working_day(day) for day in days]


@pytest.mark.parametrize(("day", "count"), [(date.max - DAY, 15), (date.max, 1), (date.min, -1), (date.min + DAY, -9)])
def test_counting_stops_at_the_ends_of_the_calendar(day: date, count: int) -> None:
    assert add_working_days(day, count, LIMITS) == (date.max if count > 0 else date.min)


def test_who_asks_for_no_working_day_does_not_wait_for_the_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)  # cannot be imported
    module = runpy.run_path(working_days.__file__)
    with pytest.raises(ImportError):
        module["is_working_day"](date(2026, 12, 1), LIMITS)
