"""Registries and evaluations as processes by one clock that is set; any of them may be killed, and comes back."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from urllib.error import URLError
from urllib.request import urlopen

from tests.lives.service_process import APPS
from tools.lives.life import INTEGRATIONS
from tools.stack import LocalStack, Process
from tools.stack.ports import free_ports

_PROJECT = Path(__file__).parents[2]
#: of each service, so that one goes on where the other was killed
INSTANCES = 2
#: seconds after which the timers look again: what falls due is on record a moment before it can be found
LOOK_SECONDS = 0.15
#: Of a hundred kills, so many strike all instances of a service at once.
_ALL_AT_ONCE = 20


@dataclass
class Instance:
    """One process of a service; `ready` while it takes messages."""

    service: str
    number: int
    http_port: int
    starts: int = 0
    process: Process | None = None
    ready: bool = False

    def answers(self) -> bool:
        """Return whether it says that it is ready."""
        try:
            with urlopen(f"http://127.0.0.1:{self.http_port}/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; none where it was never started."""
        if self.process:
            os.killpg(self.process.pid, number)


@dataclass
class Services:
    """All instances, and their clock."""

    stack: LocalStack
    now: datetime
    say: Callable[[str], None]
    kills: int = 0
    #: ends that nobody asked for
    misconduct: list[str] = field(default_factory=list)
    _instances: Sequence[Instance] = ()
    _wakened_at: float = 0.0

    @property
    def _clock_file(self) -> Path:
        return self.stack.folder / "clock"

    async def start(self) -> None:
        """Start all, and wait until they take messages."""
        self.set(self.now)
        numbered = [(service, number) for service in APPS for number in range(1, INSTANCES + 1)]
        ports = free_ports(len(numbered))
        self._instances = [Instance(*each, port) for each, port in zip(numbered, ports, strict=True)]
        await asyncio.gather(*(self._start(each) for each in self._instances))
        self.say(f"ready: {INSTANCES} of {', '.join(APPS)}")

    def set(self, now: datetime) -> None:
        """Set the clock, and have what is due by then handled."""
        self.now = now
        written = self._clock_file.with_suffix(".new")
        written.write_text(now.isoformat(), "ascii")
        written.replace(self._clock_file)
        self._waken()

    def look(self) -> None:
        """Have the timers look again, but not more often than it helps."""
        if asyncio.get_running_loop().time() - self._wakened_at >= LOOK_SECONDS:
            self._waken()

    def _waken(self) -> None:
        self._wakened_at = asyncio.get_running_loop().time()
        for each in self._instances:
            if each.ready and each.process and each.process.exit_code is None:
                each.signal(signal.SIGUSR1)

    async def strike(self, random: Random) -> None:
        """Kill an instance, or all of a service, a moment from now, and bring back what was killed."""
        service, all_at_once = random.choice(list(APPS)), random.random() * 100 < _ALL_AT_ONCE
        instances = [each for each in self._instances if each.service == service]
        await asyncio.sleep(random.uniform(0, 0.2))
        await asyncio.gather(*(self._kill(each) for each in (instances if all_at_once else [random.choice(instances)])))

    async def _kill(self, instance: Instance) -> None:
        assert instance.process, "never started"
        self._note_end(instance)
        instance.ready = False
        if instance.process.exit_code is None:
            instance.signal(signal.SIGKILL)
        await instance.process.wait()
        self.kills += 1
        await self._start(instance)

    async def _start(self, instance: Instance) -> None:
        instance.starts += 1
        name = f"{instance.service}-{instance.number}.{instance.starts:03}"
        environment = {
            **os.environ,
            **self.stack.credentials(instance.service).settings,
            "OCOP_HTTP_HOST": "127.0.0.1",
            "OCOP_HTTP_PORT": str(instance.http_port),
            "OCOP_INTEGRATIONS": str(INTEGRATIONS),
            "OCOP_LOG_FORMAT": "json",
        }
        command = [sys.executable, "-m", "tests.lives.service_process", instance.service, str(self._clock_file)]
        process = await self.stack.processes.start(name, command, environment, working_folder=_PROJECT)
        instance.process = process
        await process.until_ready(lambda: asyncio.to_thread(instance.answers))
        instance.ready = True
        self._waken()

    def note_ends(self) -> None:
        """Note which instances have ended by themselves."""
        for each in self._instances:
            self._note_end(each)

    def _note_end(self, instance: Instance) -> None:
        if instance.process and instance.process.exit_code is not None:
            code, log = instance.process.exit_code, instance.process.log_file
            self.misconduct.append(f"{instance.service}-{instance.number} ended by itself, exit code {code}, log {log}")
