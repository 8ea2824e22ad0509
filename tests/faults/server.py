"""A process that is killed, stopped or frozen, and brought back: same command, same port, same data."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from tools.stack import Process

#: seconds that an orderly stop may take: more than a service waits for the messages in flight
GRACE_SECONDS = 60


class Server:
    """A broker's node, a database, a mail server, or one instance of a service.

    `start` gets a name that tells this start from the others, and gives the process once it is as ready as it must be.
    """

    def __init__(self, name: str, start: Callable[[str], Awaitable[Process]]) -> None:
        self.name = name
        #: Held by a fault as long as it lasts, so that no other strikes the same process.
        self.struck = asyncio.Lock()
        #: Ends that nobody asked for, and stops that took too long.
        self.misconduct: list[str] = []
        #: When each start began and when it was done, in seconds of the event loop.
        self.starts: list[tuple[float, float]] = []
        self._start = start
        self._process: Process | None = None

    @property
    def started(self) -> bool:
        """Return whether it was ever started."""
        return self._process is not None

    @property
    def process(self) -> Process:
        """The process of the last start."""
        assert self._process is not None, "never started"
        return self._process

    async def start(self) -> None:
        """Start it, or start it again."""
        began = asyncio.get_running_loop().time()
        self._process = await self._start(f"{self.name}.{len(self.starts) + 1:03}")
        self.starts.append((began, asyncio.get_running_loop().time()))

    async def kill(self) -> None:
        """Kill it without a warning."""
        self.note_whether_it_ended()
        if self.process.exit_code is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        """Ask it to end, and wait."""
        self.note_whether_it_ended()
        if await self.process.stop(GRACE_SECONDS) == -signal.SIGKILL:
            self.misconduct.append(f"did not leave within {GRACE_SECONDS} s, log {self.process.log_file}")

    def freeze(self) -> None:
        """Let it do nothing; to its neighbours it looks alive."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def note_whether_it_ended(self) -> None:
        """Note where it has ended by itself."""
        if self.process.exit_code is not None:
            self.misconduct.append(f"ended by itself, exit code {self.process.exit_code}, log {self.process.log_file}")
