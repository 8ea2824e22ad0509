"""Looks at queues and memory while the day goes on."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from aio_pika.abc import AbstractChannel

from benchmarks.cost import Usage, machine_busy_seconds, usage
from benchmarks.country.measured import Backlog, Stretch
from shared.system import SYSTEM

#: seconds between two looks
LOOK_SECONDS = 0.5


@dataclass
class Watch:
    """The queues since `begin`, and the most memory of each process."""

    channel: AbstractChannel
    sessions: dict[int, str]
    longest: Backlog | None = None
    resident_bytes: dict[str, int] = field(default_factory=dict)
    _waited: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _began: float = 0.0
    _looked: float = 0.0
    _busy: float = 0.0
    _before: Usage = field(default_factory=lambda: Usage({}, {}))

    def begin(self) -> None:
        """Begin a stretch."""
        self.longest, self._before, self._busy = None, usage(self.sessions), machine_busy_seconds()
        self._began = self._looked = monotonic()
        self._waited.clear()

    def ended(self, name: str, *, events: int, alerts: int) -> Stretch:
        """Return the stretch that has just ended."""
        seconds, used = monotonic() - self._began, usage(self.sessions).cpu_since(self._before)
        others = max(machine_busy_seconds() - self._busy - sum(used.values()), 0)
        return Stretch(name, seconds, events, alerts, used, others, self.longest, dict(self._waited))

    async def look(self) -> None:
        """Look once."""
        depths, now = await self.depths(), monotonic()
        for queue, messages in depths.items():
            self._waited[queue] += messages * (now - self._looked)
            if messages > (self.longest.messages if self.longest else 0):
                self.longest = Backlog(queue, messages, now - self._began)
        self._looked = now
        for name, resident in usage(self.sessions).resident_bytes.items():
            self.resident_bytes[name] = max(resident, self.resident_bytes.get(name, 0))

    async def depths(self) -> dict[str, int]:
        """Return how many messages wait in each queue of the services."""
        found = {}
        for name in SYSTEM.work_queues:
            declared = await self.channel.declare_queue(name, passive=True)
            found[name] = declared.declaration_result.message_count or 0
        return found


@asynccontextmanager
async def looking(watch: Watch, say: Callable[[], None], *, progress_seconds: float = 10) -> AsyncIterator[None]:
    """Look again and again in here, and say from time to time how far it is."""
    ended = asyncio.Event()  # a look that is cancelled would close its channel

    async def look() -> None:
        said = monotonic()
        while not ended.is_set():
            await watch.look()
            if monotonic() - said >= progress_seconds:
                said = monotonic()
                say()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await ended.wait()

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        ended.set()
        await looking
