"""The clients of examples/clients as whoever copies them runs them: programs of their own, on a stack of their own."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from subprocess import DEVNULL, PIPE
from typing import Any

from tests.integration.operator import Ran, ended
from tests.integration.portal import PATIENCE_SECONDS


@dataclass(frozen=True)
class Client:
    """One of the clients, connected as an integration of its own."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]

    @property
    def user(self) -> str:
        """The integration's user on the broker."""
        return f"integration.{self.name}"

    def with_environment(self, **changed: str) -> "Client":
        """Return the same client, told otherwise."""
        return Client(self.name, self.command, {**self.environment, **changed})

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start it."""
        return await asyncio.create_subprocess_exec(
            *self.command, *arguments, env=self.environment, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )

    async def run(self, *arguments: str) -> Ran:
        """Run it to its end."""
        return await ended(await self.start(*arguments))

    @asynccontextmanager
    async def following(
        self, stop: signal.Signals = signal.SIGTERM, *, command: tuple[str, ...] = ("follow",)
    ) -> AsyncIterator["Following"]:
        """Let it follow its queue for a while, or do another command that goes on; `stop` ends it."""
        process = await self.start(*command)
        following = Following(process)
        reading = [
            asyncio.create_task(following.read(process.stdout, following.lines)),
            asyncio.create_task(following.read(process.stderr, following.reported)),
        ]
        try:
            yield following
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.send_signal(stop)
            following.code, *_ = await asyncio.gather(process.wait(), *reading)


@dataclass
class Following:
    """What a client that follows has printed so far: events, and what it told beside; with what it has ended."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    reported: list[str] = field(default_factory=list)
    code: int | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def read(self, stream: asyncio.StreamReader | None, lines: list[str]) -> None:
        """Take in what is printed."""
        assert stream
        while line := await stream.readline():
            async with self._news:
                lines.append(line.decode().rstrip())
                self._news.notify_all()

    async def until(self, seen: Callable[[], Any]) -> Any:
        """Wait until something is printed, and return it."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._news:
            await self._news.wait_for(lambda: bool(seen()))
        return seen()

    async def until_reported(self, times: int) -> None:
        """Wait until it has told so often how it goes."""
        await self.until(lambda: len(self.reported) >= times)

    async def until_answered(self, *stories: str) -> None:
        """Wait until each dossier is rated or rejected."""

        def answered(story: str) -> bool:
            return bool(self.of(story, "product.rated") or self.of(story, "dossier.rejected"))

        await self.until(lambda: all(map(answered, stories)))

    def of(self, story: str, name: str) -> list[dict[str, Any]]:
        """Return the data of the events of a story that were printed."""
        found = [read_line(line) for line in self.lines]
        return [data for event, of, data in found if (event, of) == (f"vn.ocop.{name}.v1", story)]

    async def event(self, story: str, name: str) -> dict[str, Any]:
        """Wait for an event of a story, and return its data."""
        found: list[dict[str, Any]] = await self.until(lambda: self.of(story, name))
        return found[0]


def read_line(line: str) -> tuple[str | None, str | None, Any]:
    """Return type, story and data of an event that was printed; curl's client prints what the broker's API says."""
    content = json.loads(line)
    if isinstance(content, dict):
        return content.get("event"), content.get("story"), content["data"]
    headers = content[0]["properties"]["headers"]
    return headers["ce-type"], headers["ce-correlationid"], json.loads(content[0]["payload"])


def client(name: str, command: tuple[str, ...], **settings: str) -> Client:
    """Return a client that has only these settings."""
    return Client(name, command, {"PATH": os.environ["PATH"], **settings})
