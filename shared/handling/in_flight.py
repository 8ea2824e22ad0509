"""What a service has in flight: messages that it handles, and messages that it holds because of an outage.

A held message stays unacknowledged, which costs nothing, for a while. RabbitMQ takes back by itself what stays so for
30 minutes (its consumer timeout), closes the channel, and counts a delivery; so an outage that lasts makes the service
pause before that.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from shared.handling.poison_messages import PoisonGuard
from shared.logs import Action, log

#: seconds; how long a message is held before the service pauses or delays it. Far below the consumer timeout.
HOLD_SECONDS = 60.0

#: seconds; the first wait between two tries, doubled up to the last
FIRST_WAIT_SECONDS = 0.1
LAST_WAIT_SECONDS = 10.0

#: Says what a service misses (the broker, the database), by real round trips, or None.
Missing = Callable[[], Awaitable[str | None]]


class InFlight:
    """The messages in flight, each with the task that handles it.

    `outage_lasts` is set once a message was held too long while the broker or the database does not answer;
    `settled_at` is when a message was last settled.
    """

    def __init__(self, missing: Missing, *, hold_seconds: float = HOLD_SECONDS) -> None:
        self.missing = missing
        self.hold_seconds = hold_seconds
        self.outage_lasts = asyncio.Event()
        self.poison_guard = PoisonGuard()
        self.settled_at: datetime | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._held: dict[asyncio.Task[object], str] = {}
        self._logged: set[str] = set()
        self._leaving = False

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def held(self) -> int:
        """How many messages are held now."""
        return len(self._held)

    @property
    def holds_because(self) -> str | None:
        """Why messages are held now, or None."""
        return next(iter(self._held.values()), None)

    @contextmanager
    def handling(self) -> Iterator["Hold"]:
        """Track a message as in flight, in this task, with what it needs to be held for a while."""
        task, hold = _this_task(), Hold(self)
        self._tasks.add(task)
        try:
            yield hold
        finally:
            self._tasks.discard(task)
            self._held.pop(task, None)

    def hold(self, reason: str) -> None:
        """Note why this task's message is held. What is held while the service leaves goes back at once."""
        task = _this_task()
        self._held[task] = reason
        if reason not in self._logged:  # once an outage, not once a message and try
            self._logged.add(reason)
            log(Action.HOLD, reason=reason)
        if self._leaving:
            task.cancel()

    def release(self, *, resumed: bool) -> None:
        """Note that this task's message is not held any more; `resumed` unless the outage may go on."""
        was_held = self._held.pop(_this_task(), None)
        if was_held and resumed and not self._held:
            self._logged.clear()
            log(Action.RESUME)

    async def finish(self, seconds: float) -> None:
        """Finish what is in flight, in so many seconds. What is held goes back at once, the rest when they are over."""
        self._leaving = True
        for task in self._held:
            task.cancel()
        await self._until_empty(seconds)

    async def give_back(self, seconds: float) -> None:
        """Break off the handling of every message: each goes back to its queue."""
        for task in self._tasks:
            task.cancel()
        await self._until_empty(seconds)
        self.outage_lasts.clear()
        self._logged.clear()

    async def _until_empty(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


class Hold:
    """How long one message has been held, and until when."""

    def __init__(self, in_flight: InFlight) -> None:
        self._in_flight = in_flight
        self._wait_seconds = FIRST_WAIT_SECONDS
        self._since: float | None = None

    @property
    def is_too_long(self) -> bool:
        """Return whether the message has been held for longer than messages are to be."""
        return self._since is not None and _now() - self._since >= self._in_flight.hold_seconds

    async def wait(self, reason: str) -> None:
        """Hold the message until it is to be tried again."""
        self._since = self._since or _now()
        self._in_flight.hold(reason)
        await asyncio.sleep(self._wait_seconds * random.uniform(0.5, 1.5))  # noqa: S311  # spreads load, hides nothing
        self._wait_seconds = min(self._wait_seconds * 2, LAST_WAIT_SECONDS)

    def end(self, *, resumed: bool) -> None:
        """Hold the message no longer; from here on, a stop does not break it off. `resumed` unless it failed again."""
        self._in_flight.release(resumed=resumed)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a message is handled in a task")
    return task
