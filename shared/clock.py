"""The one clock. Rules get the time as an argument; what reads it is given a clock that tests can set."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

#: Returns the present instant, in UTC.
Clock = Callable[[], datetime]

system_clock: Clock = partial(datetime.now, UTC)
