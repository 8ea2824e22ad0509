"""A clock that is stepped from outside of the process that reads it, by way of a file."""

from datetime import datetime, timedelta
from pathlib import Path

from shared.clock import system_clock
from shared.legal_date import LEGAL_ZONE


class SteppedClock:
    """The system's clock, but for the seconds in a file by which it is ahead: none where there is no file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self) -> datetime:
        """Return the instant that this clock shows, in UTC."""
        try:
            ahead = float(self.file.read_text("ascii"))
        except FileNotFoundError:
            ahead = 0.0
        return system_clock() + timedelta(seconds=ahead)

    def step_before_new_year(self, seconds: float) -> None:
        """Step it to so many seconds before the New Year that comes next by the system's clock, in Vietnam."""
        now = system_clock()
        new_year = datetime(now.astimezone(LEGAL_ZONE).year + 1, 1, 1, tzinfo=LEGAL_ZONE)
        self._step((new_year - now).total_seconds() - seconds)

    def step_back(self) -> None:
        """Step it to what the system's clock shows."""
        self._step(0.0)

    def _step(self, ahead_seconds: float) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        written = self.file.with_suffix(".new")
        written.write_text(repr(ahead_seconds), "ascii")
        written.replace(self.file)
