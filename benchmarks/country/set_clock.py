"""A clock that processes share: it runs on from the instant to which it was set last."""

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path

from shared.clock import Clock, system_clock

#: Seconds by which it is ahead of the system's: one float, which is written and read at once.
_SHIFT = struct.Struct("=d")


class SetClock:
    """The one hand that sets the clock; `file` is where the others read it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.write_bytes(_SHIFT.pack(0.0))
        self._shift = _mapped(file)

    @property
    def now(self) -> datetime:
        """The instant that it shows, UTC."""
        return system_clock() + timedelta(seconds=_SHIFT.unpack_from(self._shift)[0])

    def set(self, to: datetime) -> None:
        """Set it. Whoever reads it sees that at once."""
        _SHIFT.pack_into(self._shift, 0, (to - system_clock()).total_seconds())


def clock_in(file: Path) -> Clock:
    """Return the clock whose file this is."""
    shift = _mapped(file)
    return lambda: system_clock() + timedelta(seconds=_SHIFT.unpack_from(shift)[0])


def _mapped(file: Path) -> mmap.mmap:
    with file.open("r+b") as opened:
        return mmap.mmap(opened.fileno(), _SHIFT.size)
