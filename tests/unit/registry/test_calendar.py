"""The law's days: Decision 26/2026, Art. 4.3, 5, 7.2, 7.6, 12.3, against days counted one by one."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.renewal import DueKind, commune_deadline, due_days, re_evaluation_deadline, round_days
from services.registry.time_limits import DECISION_26_2026, load_time_limits
from services.registry.validity import Filing, begins, extended_until, judged, last_day, window
from shared.contracts.certificates import RenewalMilestone
from shared.errors import SettingsError
from shared.legal_date import legal_date

LIMITS = load_time_limits()
DAY = timedelta(days=1)
DAYS = st.dates(min_value=date(2023, 1, 1), max_value=date(2060, 12, 31))


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


@given(st.dates())
def test_the_last_day_is_never_before_36_months_less_3_days(issued_on: date) -> None:
    year, month = issued_on.year + 3, issued_on.month
    ends_on = last_day(issued_on, LIMITS)
    if year > 9999:
        assert ends_on == date.max
    else:
        assert ends_on == date(year, month, min(issued_on.day, monthrange(year, month)[1]))
        assert ends_on >= date(year, month, 1) + (issued_on.day - 1 - 3) * DAY


@given(st.dates(), st.integers(1, 1200))
def test_a_validity_of_any_length_is_counted_month_by_month(issued_on: date, months: int) -> None:
    year, month = issued_on.year, issued_on.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    ends_on = last_day(issued_on, LIMITS.model_copy(update={"valid_months": months}))
    expected = date.max if year > 9999 else date(year, month, min(issued_on.day, monthrange(year, month)[1]))
    assert ends_on == expected


@pytest.mark.parametrize("day", [date.min, date.min + 100 * DAY, date(9998, 1, 1), date.max - 100 * DAY, date.max])
def test_at_the_ends_of_the_calendar_every_question_is_answered(day: date) -> None:
    of = window(day, last_day(day, LIMITS), LIMITS)
    assert of.first <= of.last <= extended_until(last_day(day, LIMITS), LIMITS)
    found = [each.day for each in due_days(day, day, LIMITS)]
    assert found == sorted(found)
    assert [begins(each) for each in found] == sorted(map(begins, found))
    for deadline in (commune_deadline(day, LIMITS), re_evaluation_deadline(day, LIMITS)):
        assert deadline.said_before_on <= deadline.last <= deadline.said_after_on
    assert all(day < each.said_on for each in round_days(day, date.max if day.year > 9000 else day + 400 * DAY, LIMITS))


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


@given(DAYS)
def test_the_windows_follow_each_other_without_a_gap(issued_on: date) -> None:
    ends_on = last_day(issued_on, LIMITS)
    of = window(issued_on, ends_on, LIMITS)
    found = [judged(ends_on + days * DAY, of) for days in range(-200, 201)]
    late = 300 if issued_on < date(2026, 5, 22) else 0
    assert [(each, len(list(days))) for each, days in groupby(found)] == [
        (Filing.TOO_EARLY, 20),
        (Filing.IN_TIME, 61),
        *([(Filing.LATE, late)] if late else []),
        (Filing.TOO_LATE, 320 - late),
    ]


def test_where_the_transition_rule_ends_within_the_window_nothing_is_filed_late() -> None:
    ended = LIMITS.model_copy(update={"late_filing_rule_ends": date(2029, 1, 21)})  # the last day is 21 January
    assert window(date(2026, 5, 21), date(2029, 5, 21), ended).late_until is None
    found = due_days(date(2026, 5, 21), date(2029, 5, 21), ended)
    assert next(each for each in found if each.name == "T-119").says is RenewalMilestone.CLOSED


def test_late_filing_ends_with_the_transition_rule() -> None:
    ended = LIMITS.model_copy(update={"late_filing_rule_ends": date(2029, 1, 22)})
    of = window(date(2026, 5, 21), date(2029, 5, 21), ended)
    assert (judged(date(2029, 1, 22), of), judged(date(2029, 1, 23), of)) == (Filing.LATE, Filing.TOO_LATE)


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


def test_the_commune_is_reminded_two_working_days_before_and_asked_on_the_working_day_after() -> None:
    deadline = commune_deadline(date(2027, 1, 14), LIMITS)
    said = (deadline.said_before_on, deadline.last, deadline.said_after_on)
    assert said == (date(2027, 2, 2), date(2027, 2, 11), date(2027, 2, 12))  # Tết is from 4 to 10 February


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


@given(DAYS, st.integers(1, 800), st.integers(0, 3650))
def test_each_day_of_a_half_yearly_round_is_said_once(after: date, days: int, notice: int) -> None:
    """Whatever the notice: days looked at in one go, or one by one, and all of the calendar's beside them."""
    limits = LIMITS.model_copy(update={"round_notice_days": notice})
    until, half = after + days * DAY, after + days // 2 * DAY
    found = round_days(after, until, limits)
    assert found == (*round_days(after, half, limits), *round_days(half, until, limits))
    months_and_days = {(month, 30 - 1) for month in (1, 3, 4, 6, 7, 9, 10, 12)}  # "before the 30th"
    lasts = [after + (n + notice) * DAY for n in range(1, days + 1)]
    assert sorted(each.last for each in found) == [day for day in lasts if (day.month, day.day) in months_and_days]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("window_opens: {value: many, source: s, certainty: V}", "window_opens"),
        ("window_opens: {value: 180, certainty: V}", "window_opens.source"),
        ("window_opens: [", "while parsing"),
        ("commune_requests: {value: ['02-30'], source: s, certainty: V}", "commune_requests"),
        ("commune_requests: {value: [430], source: s, certainty: V}", "commune_requests"),
        ("window_closes: {value: true, source: s, certainty: V}", "window_closes"),
        ("extended_at_most: {value: 0, source: s, certainty: V}", "extended_at_most"),
        ("reminders: {value: [180, 130], source: s, certainty: V}", "all: .* follow each other"),
        ("expiring_notice: {value: 119, source: s, certainty: V}", "all: .* follow each other"),
    ],
)
def test_a_file_that_does_not_hold_is_said(tmp_path: Path, wrong: str, says: str) -> None:
    name = wrong.partition(":")[0]
    lines = DECISION_26_2026.read_text("utf-8").splitlines()
    file = tmp_path / "limits.yaml"
    file.write_text("\n".join([*(line for line in lines if not line.startswith(f"{name}:")), wrong]), "utf-8")
    with pytest.raises(SettingsError, match=says):
        load_time_limits(file)
