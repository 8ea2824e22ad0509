"""Servers that go away and come back: reached through a proxy, frozen, or told to by their own command."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from yarl import URL

from tests.faults.proxy import Proxy
from tests.integration.portal import PATIENCE_SECONDS
from tools.stack import LocalStack
from tools.stack.leftovers import marked_processes

_COMMANDS = Path("/usr/lib/rabbitmq/bin")


class Door:
    """A server behind a proxy: `url` leads through it; shut, the server is away; silent, it says nothing."""

    def __init__(self, proxy: Proxy, targets: list[int], url: str) -> None:
        self._proxy = proxy
        self._targets = targets
        self._open = list(targets)
        self.url = url

    def shut(self) -> None:
        """Cut every connection, and take no new one."""
        self._targets.clear()
        self._proxy.cut()

    def fall_silent(self) -> None:
        """Swallow every byte."""
        self._proxy.drop()

    def cut(self) -> None:
        """Cut every connection, once."""
        self._proxy.cut()

    def delay(self, seconds: float) -> None:
        """Let everything wait so long."""
        self._proxy.delay(seconds)

    def open(self) -> None:
        """Let everything through again."""
        self._targets[:] = self._open
        self._proxy.heal()


@asynccontextmanager
async def door(url: str) -> AsyncIterator[Door]:
    """Put a proxy before the server of this URL."""
    targets = [URL(url).port or 0]
    async with Proxy(targets) as proxy:
        yield Door(proxy, targets, str(URL(url).with_port(proxy.port)))


async def until(seen: Callable[[], bool]) -> None:
    """Wait for what tells nobody that it happens."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not seen():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def broker_process(stack: LocalStack) -> int:
    """Return the process id of the stack's Erlang machine."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in marked_processes(stack.folder)}
    return next(pid for pid, command in commands.items() if b"beam.smp" in command)


@contextmanager
def frozen_broker(stack: LocalStack) -> Iterator[None]:
    """Stop the broker's process in its tracks, and let it go on."""
    broker = broker_process(stack)
    os.kill(broker, signal.SIGSTOP)
    try:
        _until_stopped(broker)
        yield
    finally:
        os.kill(broker, signal.SIGCONT)


def _until_stopped(process: int) -> None:
    """Wait until each thread of a process stands still: a signal reaches them one after the other."""
    tasks = Path(f"/proc/{process}/task")
    while any(_state(task) != "T" for task in tasks.iterdir()):
        pass


def _state(task: Path) -> str:
    """Return a thread's state, T where it is stopped (proc(5)); also where it has ended."""
    try:
        return (task / "stat").read_text("ascii", "replace").rpartition(")")[2].split()[0]
    except OSError:
        return "T"


async def rabbitmqctl(stack: LocalStack, *arguments: str) -> str:
    """Run the broker's own command on the stack's node, and return what it says."""
    return await broker_command(stack, "rabbitmqctl", *arguments)


async def broker_command(stack: LocalStack, name: str, *arguments: str) -> str:
    """Run one of the broker's commands on the stack's node, and return what it says."""
    environment = await asyncio.to_thread(Path(f"/proc/{broker_process(stack)}/environ").read_text)
    command = await asyncio.create_subprocess_exec(
        str(_COMMANDS / name),
        "--quiet",
        *arguments,
        env=dict(line.split("=", 1) for line in environment.split("\0") if "=" in line),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await command.communicate()
    assert command.returncode == 0, arguments
    return said.decode()
