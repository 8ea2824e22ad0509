"""Child processes that are stopped when and in the order we say, and that never outlive us."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, STDOUT
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tools.stack.errors import DiedError, NotReadyError
from tools.stack.leftovers import MARK

#: How long an orderly stop may take before it becomes a kill, in seconds.
GRACE_SECONDS = 10.0

#: How long a process may take from its start to its first answer, in seconds.
READY_SECONDS = 60.0

#: How long after a refusal a process is asked again whether it is ready, in seconds.
_ASK_AGAIN_SECONDS = 0.05


class Process:
    """A running child: `name`, `pid`, `log_file`, and how it ended."""

    def __init__(self, name: str, child: asyncio.subprocess.Process, log_file: Path) -> None:
        self.name = name
        self.log_file = log_file
        self._child = child

    @property
    def pid(self) -> int:
        """Its process id, which is the id of its session and process group too."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative where a signal ended it."""
        return self._child.returncode

    async def wait(self) -> int:
        """Wait until it ends by itself. Return the exit code."""
        return await self._child.wait()

    async def stop(self, grace_seconds: float = GRACE_SECONDS) -> int:
        """Ask it to end (SIGTERM); after the grace kill it with its group. Return the exit code; safe to repeat."""
        if self._child.returncode is None:
            with suppress(ProcessLookupError):
                self._child.terminate()
            try:
                async with asyncio.timeout(grace_seconds):
                    await self._child.wait()
            except TimeoutError:
                await self.kill()
        return await self._child.wait()

    async def kill(self) -> int:
        """End it with its group at once, as a crash would. Return the exit code; safe to repeat."""
        if self._child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        return await self._child.wait()

    def last_lines(self, count: int = 20) -> str:
        """Return the end of its log."""
        with self.log_file.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, maxlen=count)).rstrip()

    async def until_ready(self, answers: Callable[[], Awaitable[bool]], seconds: float = READY_SECONDS) -> None:
        """Ask until `answers` says yes. Raise DiedError or NotReadyError with the end of the log."""
        asking = asyncio.create_task(_ask_until(answers))
        ending = asyncio.create_task(self._child.wait())
        try:
            await asyncio.wait({asking, ending}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                asking.result()
            elif ending.done():
                raise DiedError(self.name, ending.result(), self.log_file, self.last_lines())
            else:
                raise NotReadyError(self.name, seconds, self.log_file, self.last_lines())
        finally:
            asking.cancel()
            ending.cancel()
            await asyncio.gather(asking, ending, return_exceptions=True)


async def _ask_until(answers: Callable[[], Awaitable[bool]]) -> None:
    while not await answers():  # noqa: ASYNC110  # another process has no event to wait for
        await asyncio.sleep(_ASK_AGAIN_SECONDS)


class Processes:
    """The children of one stack, every one marked with the stack's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[Process] = []

    @property
    def started(self) -> tuple[Process, ...]:
        """Those that were started, in their order, whether they still run or not."""
        return tuple(self._started)

    async def start(
        self,
        name: str,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        log_file: Path | None = None,
        working_folder: Path | None = None,
        at_our_death: signal.Signals = signal.SIGKILL,
    ) -> Process:
        """Start a child with exactly this environment and the mark; its output goes to `logs/<name>.log`.

        It has a session of its own, so that Ctrl-C in the terminal does not reach it. When we die without stopping it,
        the kernel sends it the signal `at_our_death`.
        """
        log_file = log_file or self._folder / "logs" / f"{name}.log"
        log_file.parent.mkdir(parents=True, exist_ok=True)
        if log_file.exists():  # the last run's log may say why it ended
            log_file.replace(log_file.with_suffix(".log.1"))
        with log_file.open("wb") as log:
            child = await asyncio.create_subprocess_exec(
                *_dying_with_us(at_our_death),
                *argv,
                env={**environment, MARK: str(self._folder)},
                cwd=working_folder,
                stdin=DEVNULL,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )
        process = Process(name, child, log_file)
        self._started.append(process)
        return process

    async def stop_all(self) -> None:
        """Stop what still runs, all at the same time."""
        await asyncio.gather(*(process.stop() for process in self._started))

    async def kill_all(self) -> None:
        """End what still runs at once, with its group."""
        await asyncio.gather(*(process.kill() for process in self._started))


def _dying_with_us(number: signal.Signals) -> tuple[str, ...]:
    """Return the command that asks Linux to signal the next one when its parent dies. Elsewhere there is none."""
    return ("setpriv", "--pdeathsig", number.name.removeprefix("SIG"), "--") if shutil.which("setpriv") else ()
