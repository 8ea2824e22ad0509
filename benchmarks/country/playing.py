"""Plays the day: yesterday prepares it, then come midnight, the end of quiet hours, and the offices' hours."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, time
from time import monotonic
from typing import Any

from benchmarks.arena import BenchmarkError
from benchmarks.country.flows import Flows, side_by_side
from benchmarks.country.hearing import Heard
from benchmarks.country.measured import Stretch
from benchmarks.country.paper import Day
from benchmarks.country.products import Cast, Product
from benchmarks.country.services import Services
from benchmarks.country.watching import Watch
from shared.legal_date import LEGAL_ZONE

#: Products whose offices act at the same time, as many as a service has in flight; and sessions.
ON_THEIR_WAY, SESSIONS_AT_ONCE = 100, 4
#: Seconds without an event after which the benchmark is stuck, and after which all wait for the clock.
PATIENCE_SECONDS, STALLED_SECONDS = 60.0, 0.5
#: From then on the clock stands: at nine quiet hours begin.
_EVENING = time(20, 50)


@dataclass
class Playing:
    """A day while it is played."""

    day: Day
    cast: Cast
    flows: Flows
    heard: Heard
    watch: Watch
    services: Services
    where: str = "yesterday"
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def progress(self) -> str:
        """How far it is."""
        longest, (events, alerts) = self.watch.longest, self._counts()
        queue = f"; at most {longest.messages:,} in {longest.queue}" if longest else ""
        return f"{self.where}: {events:,} events, {alerts:,} alerts delivered{queue}"

    async def prepare(self) -> None:
        """Bring the certificates in, and what the councils judge to its province, the day before."""
        self.services.set(_at(self.day.yesterday, time(9)))
        await self._done(side_by_side(self.flows.bring_in, self.cast.certified, ON_THEIR_WAY))
        await self._done(side_by_side(self._brought_to_province, self.cast.judged, ON_THEIR_WAY))
        await self._until(lambda: all(self.heard.kinds[name] >= count for name, count in self.day.before.items()))

    async def play(self) -> None:
        """Play the day. Raise BenchmarkError where it does not come to its end."""
        midnight = [each for each in self.day.announced if each.at_midnight]
        at_once, by_morning = sum(each.alerts_at_once for each in midnight), sum(each.alerts for each in midnight)
        await self._stretch("00:00, what falls due", time(0, 0, 1), at_once)
        await self._stretch("07:00, quiet hours are over", time(7), by_morning)
        await self._stretch("08:00, the offices' hours", time(8), self.day.alerts, self._office_hours())

    async def _stretch(self, name: str, at: time, alerts: int, work: Coroutine[Any, Any, None] | None = None) -> None:
        """Let it be `at`, do the work, and wait until all is announced and so many alerts of the day are delivered."""
        self.where, (events_before, alerts_before) = name, self._counts()
        self.watch.begin()
        self.services.set(_at(self.day.on, at))
        if work:
            await self._done(work)
        await self._until(lambda: self._is_announced(whole_day=work is not None))
        await self._until(lambda: self._counts()[1] >= alerts, gathering=work is not None)
        events, alerts = self._counts()
        self.stretches.append(self.watch.ended(name, events=events - events_before, alerts=alerts - alerts_before))

    def _counts(self) -> tuple[int, int]:
        """Return how many events were heard, and how many alerts were delivered."""
        return sum(self.heard.kinds.values()), sum(self.heard.alerts.values())

    def _is_announced(self, *, whole_day: bool) -> bool:
        awaited = (each for each in self.day.announced if whole_day or each.at_midnight)
        return all(self.heard.kinds[each.name] >= each.count for each in awaited)

    async def _office_hours(self) -> None:
        """Have dossiers filed and sessions held, side by side."""
        filing = zip(self.cast.filing, self.day.dossiers_of_rounds(), strict=True)
        sessions = enumerate(self.cast.sessions, 1)
        await asyncio.gather(
            side_by_side(lambda each: self.flows.round(*each, self.day.on), filing, ON_THEIR_WAY),
            side_by_side(
                lambda each: self.flows.session(f"session-{each[0]}", each[1], self.day.on), sessions, SESSIONS_AT_ONCE
            ),
        )

    async def _brought_to_province(self, product: Product) -> None:
        await self.flows.round(product, 1, self.day.yesterday)

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        """Do some work, as long as events are heard."""
        doing = asyncio.create_task(work)
        try:
            await self._until(doing.done)
            await doing
        finally:
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)

    async def _until(self, done: Callable[[], bool], *, gathering: bool = False) -> None:
        """Wait until something is so. With `gathering` the clock goes on whenever nothing but the time is waited for.

        Raises:
            BenchmarkError: no event is heard for too long, or one that should not be.
        """
        heard_at = monotonic()
        while not done():
            if await self.heard.more(STALLED_SECONDS):
                heard_at = monotonic()
            elif monotonic() - heard_at > PATIENCE_SECONDS:
                raise BenchmarkError(f"no event for {PATIENCE_SECONDS:.0f} s. {self.progress}; {self._missing}")
            elif gathering:
                self.services.gather(_at(self.day.on, _EVENING))

    @property
    def _missing(self) -> str:
        behind = {each.name: each.count - self.heard.kinds[each.name] for each in self.day.announced}
        return f"missing of the day: { ({name: count for name, count in behind.items() if count}) }"


def _at(day: date, at: time) -> datetime:
    return datetime.combine(day, at, LEGAL_ZONE)
