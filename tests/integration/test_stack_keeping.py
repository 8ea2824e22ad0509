"""What dies of a stack is started again, what is to go away comes back, and Ctrl-C in between leaves nothing behind."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tools.stack import Part, Process, Processes, StackError
from tools.stack.commands import app
from tools.stack.control import controlled, request
from tools.stack.keeping import MOST_RESTARTS, Keeper, Outage
from tools.stack.leftovers import marked_processes

#: seconds; far more than a shell takes
PATIENCE_SECONDS = 20


class Site:
    """Parts that are shells, kept running; `said` is what their keeper said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: asyncio.Queue[str] = asyncio.Queue()
        self.processes = Processes(folder)
        self.parts = [self.part(name) for name in ("broker", "registry")]
        self.keeper = Keeper(self.parts, self.said.put_nowait)

    def part(self, name: str) -> Part:
        script = f'test -e "{self.folder}/broken" && exit 3; echo ready; exec sleep 600'

        async def launch() -> Process:
            return await self.processes.start(name, ["sh", "-c", script], dict(os.environ))

        async def answers() -> bool:
            return "ready" in part.process.last_lines()

        part = Part(name, name.capitalize(), launch, answers, "The others wait.")
        return part

    async def until_said(self, words: str) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while words not in (line := await self.said.get()):
                pass
        return line


@asynccontextmanager
async def kept(site: Site) -> AsyncIterator[asyncio.Task[Part]]:
    for part in site.parts:
        await part.start()
    async with controlled(site.folder, site.keeper.take_away):
        keeping = asyncio.create_task(site.keeper.run())
        try:
            yield keeping
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await site.processes.stop_all()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


async def test_what_dies_is_started_again_and_that_is_said(site: Site) -> None:
    async with kept(site):
        broker, before = site.parts[0], site.parts[0].process.pid
        os.kill(before, signal.SIGKILL)

        died = await site.until_said("broker was killed (SIGKILL)")
        assert await site.until_said("started again") == "The others wait. It is started again."
        await site.until_said("Broker is ready again")

        assert died.endswith("broker.log.1")
        assert (broker.process.exit_code, broker.process.pid != before) == (None, True)


async def test_what_dies_too_often_ends_all_and_is_named(site: Site) -> None:
    async with kept(site) as keeping:
        (site.folder / "broken").touch()
        os.kill(site.parts[1].process.pid, signal.SIGTERM)

        async with asyncio.timeout(PATIENCE_SECONDS):
            dead = await keeping

    assert (dead.name, dead.process.exit_code) == ("registry", 3)
    lines = [site.said.get_nowait() for _ in range(site.said.qsize())]
    assert sum("started again" in line for line in lines) == MOST_RESTARTS


async def test_an_outage_that_is_asked_for_lasts_and_counts_as_no_death(site: Site) -> None:
    async with kept(site) as keeping:
        for _ in range(MOST_RESTARTS + 2):
            await request(site.folder, Outage("broker", kill=True))
        await request(site.folder, Outage("registry", seconds=0.01))

        lines = [site.said.get_nowait() for _ in range(site.said.qsize())]
        assert "\nBroker was killed as asked, and is away. The others wait." in lines
        assert "\nRegistry was stopped as asked, and is away for 0.01 s. The others wait." in lines
        assert not any("It is started again" in line for line in lines)
        assert not keeping.done()


async def test_who_asks_for_what_cannot_be_is_told_why(site: Site) -> None:
    async with kept(site):
        away = asyncio.create_task(request(site.folder, Outage("broker", seconds=600)))
        await site.until_said("Broker was stopped")

        with pytest.raises(StackError, match="Broker is away, or starting, already"):
            await request(site.folder, Outage("broker"))
        with pytest.raises(StackError, match="there is no brocker: broker, registry"):
            await request(site.folder, Outage("brocker"))

        (site.folder / "broken").touch()
        with pytest.raises(StackError, match=r"registry ended \(exit code 3\) before it was ready"):
            await request(site.folder, Outage("registry"))
        away.cancel()


async def test_stopped_in_the_middle_of_an_outage_it_leaves_nothing_behind_and_says_so_to_who_asked(site: Site) -> None:
    async with kept(site):
        asked = asyncio.create_task(request(site.folder, Outage("broker", seconds=600)))
        await site.until_said("Broker was stopped")

    with pytest.raises(StackError, match="stopped meanwhile"):
        await asked
    assert list(marked_processes(site.folder)) == []
    assert not (site.folder / "control").exists()


@pytest.mark.parametrize(
    ("part", "code", "said"),
    [
        ("broker", 1, "ocop: nothing is up in {folder}: start it with `make up`"),
        ("brocker", 2, "ocop: there is no brocker: broker, database, mail, registry, evaluation, notifications"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, part: str, code: int, said: str) -> None:
    ran = CliRunner().invoke(app, ["restart", part, "--folder", str(tmp_path)])

    assert (ran.exit_code, ran.stderr) == (code, f"{said.format(folder=tmp_path)}\n")
