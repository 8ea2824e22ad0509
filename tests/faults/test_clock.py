"""A clock that is stepped shows what it is told to, and to every process that reads its file."""

from datetime import timedelta
from pathlib import Path

from shared.clock import system_clock
from shared.legal_date import LEGAL_ZONE, legal_date
from tests.faults.clock import SteppedClock


def test_it_shows_the_systems_time_until_it_is_stepped(tmp_path: Path) -> None:
    before = system_clock()
    shown = SteppedClock(tmp_path / "clock")()

    assert before <= shown <= system_clock()


def test_it_passes_new_year_in_vietnam_so_many_seconds_after_the_step(tmp_path: Path) -> None:
    clock, other_process = SteppedClock(tmp_path / "clock"), SteppedClock(tmp_path / "clock")
    clock.step_before_new_year(60)
    shown = other_process().astimezone(LEGAL_ZONE)

    assert (shown.month, shown.day, shown.hour, shown.minute) == (12, 31, 23, 59)
    assert legal_date(shown + timedelta(seconds=60)).year == legal_date(system_clock()).year + 1


def test_it_is_stepped_back_to_the_systems_time(tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path / "clock")
    clock.step_before_new_year(1)
    clock.step_back()

    assert abs(clock() - system_clock()) < timedelta(seconds=10)
