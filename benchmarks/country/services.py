"""The three services as processes by one clock that is set."""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from math import inf
from time import monotonic

from benchmarks.arena import Arena
from benchmarks.contestants import Worker, services
from benchmarks.country.paper import Day
from benchmarks.country.set_clock import SetClock
from benchmarks.running import says_ready
from tools.stack import Process

#: How long alerts to one recipient wait for each other, in seconds: the usual setting.
DIGEST_SECONDS = 120
_MODULE = "benchmarks.country.service {}"
_GRACE_SECONDS = 3


@dataclass
class Services:
    """The services and their clock; `steps` are the instants (monotonic) at which it was set."""

    arena: Arena
    day: Day
    clock: SetClock
    settings: dict[str, str]
    processes: dict[str, Process] = field(default_factory=dict)
    steps: list[float] = field(default_factory=list)

    async def start(self, *names: str, **settings: str) -> None:
        """Start services, and wait until they take messages. Raise StackError."""
        common = {"BENCHMARK_CLOCK": str(self.clock.file), **self.settings, **settings}
        workers = [each for each in services(self.arena, module=_MODULE, **common) if each.name in names]
        await asyncio.gather(*map(self._start, workers))

    async def _start(self, worker: Worker) -> None:
        stack = self.arena.stack
        process = self.processes[worker.name] = await stack.processes.start(
            f"country-{worker.name}", worker.command, worker.environment, working_folder=stack.folder
        )
        await process.until_ready(partial(asyncio.to_thread, says_ready, worker.http_port or 0))

    async def stop(self) -> None:
        """Stop all."""
        await asyncio.gather(*(process.stop(_GRACE_SECONDS) for process in self.processes.values()))

    def set(self, to: datetime) -> None:
        """Set the clock, and have what is due by then handled."""
        self.clock.set(to)
        self.steps.append(monotonic())
        for process in self.processes.values():
            if process.exit_code is None:
                os.kill(process.pid, signal.SIGUSR1)

    def gather(self, until: datetime) -> None:
        """Let so much time pass that what waits for others goes out, but not beyond an instant."""
        to = self.clock.now + timedelta(seconds=DIGEST_SECONDS + 1)
        if to <= until:
            self.set(to)

    def goes_out(self, name: str, at: float) -> float:
        """Return from when on the alerts of an event could go out, of which name and since when it was heard."""
        announced = next((each for each in self.day.announced if each.name == name), None)
        if announced is None or announced.urgent:
            return at
        return goes_out_at(at, self.steps, inf if announced.at_midnight else DIGEST_SECONDS)


def goes_out_at(at: float, steps: Sequence[float], gathering: float) -> float:
    """Return when what is heard at an instant goes out: after so many seconds, or with the clock's next step before."""
    return min(next((step for step in steps if step > at), inf), at + gathering)
