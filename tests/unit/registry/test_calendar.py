"""The law's days: Decision 26/2026, Art. 4.3, 5, 7.2, 7.6, 12.3, against days counted one by one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.renewal import DueKind, commune_deadline, due_days, re_evaluation_deadline, round_days
from services.registry.time_limits import DECISION_26_2026, load_time_limits
from services.registry.validity import Filing, begins, extended_until, judged, last_day, window
from services.registry.working_days import add_working_days, is_working_day
from shared.contracts.certificates import RenewalMilestone
from shared.errors import SettingsError
from shared.legal_date import legal_date

LIMITS = load_time_limits()
DAY = timedelta(days=1)
DAYS = st.dates(min_value=date(2023, 1, 1), max_value=date(2060, 12, 31))


def days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += DAY


@pytest.mark.parametrize(
    ("issued_on", "ends_on"),
    [
        ("2026-08-05", "2029-08-05"),
        ("2026-08-31", "2029-08-31"),
        ("2028-02-29", "2031-02-28"),
        ("2026-05-22", "2029-05-22"),
        ("2025-02-28", "2028-02-28"),
        ("2026-12-31", "2029-12-31"),
    ],
)
def test_a_certificate_is_valid_for_36_months(issued_on: str, ends_on: str) -> None:
    assert last_day(date.fromisoformat(issued_on), LIMITS) == date.fromisoformat(ends_on)


@given(DAYS)
def test_the_last_day_is_the_latest_with_this_day_of_the_month_36_months_later(issued_on: date) -> None:
    ends_on = last_day(issued_on, LIMITS)
    assert (ends_on.year, ends_on.month) == (issued_on.year + 3, issued_on.month)
    assert ends_on.day == issued_on.day or (ends_on + DAY).day == 1


def test_no_certificate_ends_after_the_calendar() -> None:
    with pytest.raises(OverflowError):
        last_day(date(9998, 1, 1), LIMITS)


@pytest.mark.parametrize(
    ("issued_on", "first", "last"),
    [("2028-02-29", "2030-09-01", "2030-10-31"), ("2026-05-22", "2028-11-23", "2029-01-22")],
)
def test_the_window_of_a_re_evaluation(issued_on: str, first: str, last: str) -> None:
    issued = date.fromisoformat(issued_on)
    of = window(issued, last_day(issued, LIMITS), LIMITS)
    assert (of.first, of.last, of.late_until) == (date.fromisoformat(first), date.fromisoformat(last), None)


def test_a_dossier_at_23_59_of_the_last_day_in_vietnam_is_in_time_and_a_minute_later_too_late() -> None:
    of = window(date(2026, 5, 22), date(2029, 5, 22), LIMITS)
    last_minute = datetime(2029, 1, 22, 16, 59, tzinfo=UTC)
    assert judged(legal_date(last_minute), of) is Filing.IN_TIME
    assert judged(legal_date(last_minute + timedelta(minutes=1)), of) is Filing.TOO_LATE


@given(DAYS, st.integers(-300, 300))
def test_a_day_is_judged_by_counting(issued_on: date, days: int) -> None:
    ends_on = last_day(issued_on, LIMITS)
    day, is_old = ends_on + timedelta(days=days), issued_on < date(2026, 5, 22)
    if days < -180:
        expected = Filing.TOO_EARLY
    elif days <= -120:
        expected = Filing.IN_TIME
    else:
        expected = Filing.LATE if is_old and days <= 180 else Filing.TOO_LATE
    assert judged(day, window(issued_on, ends_on, LIMITS)) is expected


def test_an_extension_lasts_180_days() -> None:
    assert extended_until(date(2029, 5, 22), LIMITS) == date(2029, 11, 18)


def test_a_day_begins_at_17_utc_of_the_day_before() -> None:
    assert begins(date(2029, 5, 23)) == datetime(2029, 5, 22, 17, tzinfo=UTC)


def test_what_falls_due_of_a_certificate() -> None:
    found = due_days(date(2027, 2, 1), date(2030, 2, 1), LIMITS)
    assert [(each.name, each.day.isoformat(), each.says or each.kind) for each in found] == [
        ("T-210", "2029-07-06", RenewalMilestone.OPENS_IN_30_DAYS),
        ("T-180", "2029-08-05", RenewalMilestone.OPEN),
        ("T-150", "2029-09-04", RenewalMilestone.OPEN),
        ("T-130", "2029-09-24", RenewalMilestone.OPEN),
        ("T-121", "2029-10-03", RenewalMilestone.LAST_DAY_TOMORROW),
        ("T-119", "2029-10-05", RenewalMilestone.CLOSED),
        ("T-30", "2030-01-02", DueKind.EXPIRING),
        ("T+1", "2030-02-02", DueKind.ENDED),
        ("T+181", "2030-08-01", DueKind.EXTENSION_ENDED),
    ]
    assert [each.name for each in found if each.unless_filed] == ["T-150", "T-130", "T-121", "T-119"]


def test_after_the_window_of_an_older_certificate_late_filing_is_possible() -> None:
    found = due_days(date(2026, 5, 21), date(2029, 5, 21), LIMITS)
    assert next(each for each in found if each.name == "T-119").says is RenewalMilestone.LATE_FILING_POSSIBLE


@given(DAYS)
def test_what_falls_due_is_in_order_and_each_once(issued_on: date) -> None:
    found = due_days(issued_on, last_day(issued_on, LIMITS), LIMITS)
    assert len({each.name for each in found}) == len(found) == 9
    assert [each.day for each in found] == sorted({each.day for each in found})


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [
        pytest.param("2026-08-17", "2026-09-09", id="22 August works, 31 August to 2 September are off"),
        pytest.param("2027-01-20", "2027-02-17", id="Tết"),
    ],
)
def test_the_commune_has_15_working_days(received_on: str, due_on: str) -> None:
    assert commune_deadline(date.fromisoformat(received_on), LIMITS).last == date.fromisoformat(due_on)


@given(st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 12, 31)), st.integers(1, 40))
def test_working_days_are_counted_one_by_one(day: date, count: int) -> None:
    working = (each for each in days_from(day + DAY) if is_working_day(each, LIMITS))
    for _ in range(count - 1):
        next(working)
    found = add_working_days(day, count, LIMITS)
    assert found == next(working)
    before = add_working_days(found, -count, LIMITS)
    assert before <= day
    assert not any(
        is_working_day(each, LIMITS) for each in (before + n * DAY for n in range(1, (day - before).days + 1))
    )


def test_what_a_decree_of_the_year_brings_is_added_in_the_file() -> None:
    changed = LIMITS.model_copy(update={"days_off": frozenset({date(2026, 12, 24)})})
    assert add_working_days(date(2026, 12, 23), 1, LIMITS) == date(2026, 12, 24)
    assert add_working_days(date(2026, 12, 23), 1, changed) == date(2026, 12, 25)


def test_a_re_evaluation_takes_45_days() -> None:
    deadline = re_evaluation_deadline(date(2029, 10, 20), LIMITS)
    said = (deadline.said_before_on, deadline.last, deadline.said_after_on)
    assert said == (date(2029, 11, 27), date(2029, 12, 4), date(2029, 12, 5))


def test_the_half_yearly_rounds_of_a_year() -> None:
    found = round_days(date(2026, 12, 31), date(2027, 12, 31), LIMITS)
    assert [(each.of, each.last.isoformat()) for each in found] == [
        ("province-requests", "2027-01-29"),
        ("centre-round", "2027-03-29"),
        ("commune-requests", "2027-04-29"),
        ("province-round", "2027-06-29"),
        ("province-requests", "2027-07-29"),
        ("centre-round", "2027-09-29"),
        ("commune-requests", "2027-10-29"),
        ("province-round", "2027-12-29"),
    ]
    assert all(each.last - each.said_on == timedelta(days=14) for each in found)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("window_opens: {value: many, source: s, certainty: V}", "window_opens"),
        ("window_opens: {value: 180, certainty: V}", "window_opens.source"),
        ("window_opens: [", "while parsing"),
        ("commune_requests: {value: ['02-30'], source: s, certainty: V}", "commune_requests"),
    ],
)
def test_a_file_that_does_not_hold_is_said(tmp_path: Path, wrong: str, says: str) -> None:
    name = wrong.partition(":")[0]
    lines = DECISION_26_2026.read_text("utf-8").splitlines()
    file = tmp_path / "limits.yaml"
    file.write_text("\n".join([*(line for line in lines if not line.startswith(f"{name}:")), wrong]), "utf-8")
    with pytest.raises(SettingsError, match=says):
        load_time_limits(file)
