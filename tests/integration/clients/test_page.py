"""The commands of docs/integrating.md and of the clients' own page do what they say; its code is that of a client."""

import asyncio
import os
import re
import shutil
import signal
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from shared.clock import system_clock
from shared.legal_date import legal_date
from tests.integration.clients.client import Client
from tests.integration.clients.programs import CLIENTS, NODE_MODULES, ROOT, go_environment
from tests.integration.clients.site import ALL, Site
from tests.integration.portal import PATIENCE_SECONDS
from tools.examples import FOLDER

PAGE = (ROOT / "docs" / "integrating.md").read_text("utf-8")
OTHERS = {"go": "Go", "java": "Java", "php": "PHP"}


def blocks(language: str, page: str = PAGE) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


def section(heading: str) -> str:
    """Return a section of the clients' page."""
    page = (CLIENTS / "README.md").read_text("utf-8")
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


@pytest.mark.parametrize("command", "".join(blocks("sh")).splitlines())
async def test_a_command_of_the_page_does_what_it_says(site: Site, tmp_path: Path, command: str) -> None:
    copy_examples(tmp_path)
    (tmp_path / "examples" / "clients" / "node" / "node_modules").symlink_to(NODE_MODULES)
    some = site.clients[next(name for name in ALL if f"/{name}/" in command)]
    if " ask " in command:  # the page has filed a dossier by now
        await some.run("file", str(FOLDER / "01-banh-te-hung-van.json"))

    await does_what_it_says(command, some, tmp_path)


@pytest.mark.parametrize(("name", "heading"), OTHERS.items())
async def test_the_commands_of_the_clients_page_do_what_they_say(
    site: Site, tmp_path: Path, name: str, heading: str
) -> None:
    copy_examples(tmp_path)
    some, page = site.clients[name], section(heading)
    *settings, compiling = "".join(blocks("shell", page)).splitlines() or [""]
    await done("\n".join((*settings, compiling)), some, tmp_path)
    await site.clients["python"].run("file", str(FOLDER / "01-banh-te-hung-van.json"))

    for command in "".join(blocks("sh", page)).splitlines():
        await does_what_it_says(command, some, tmp_path, "\n".join(settings))


def copy_examples(folder: Path) -> None:
    """Copy what the pages name, with the folder that a clone compiles into."""
    (folder / ".local").mkdir()
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("node_modules"))


async def does_what_it_says(command: str, some: Client, folder: Path, settings: str = "") -> None:
    """Run a command of a page, and expect a line; what would go on for ever is stopped then."""
    command = command.replace("-2026", f"-{legal_date(system_clock()).year}")
    run = await typed(f"{settings}\nexec {command}", some, folder)
    assert run.stdout
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await run.stdout.readline()
        goes_on = command.endswith("follow") or " table " in command
        if goes_on:
            run.send_signal(signal.SIGINT)
        await run.stdout.read()
        assert (await run.wait() == 0) is not goes_on


async def done(script: str, some: Client, folder: Path) -> None:
    """Run what a page has done before its commands."""
    run = await typed(script, some, folder)
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await run.wait() == 0


async def typed(script: str, some: Client, folder: Path) -> asyncio.subprocess.Process:
    """Start a script as somebody types it, with the settings of a client."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**some.environment, "PATH": path, "GOCACHE": go_environment()["GOCACHE"]}
    return await asyncio.create_subprocess_exec("bash", "-ec", script, cwd=folder, env=environment, stdout=PIPE)


def test_the_code_of_the_page_is_that_of_the_client() -> None:
    program = "".join(file.read_text("utf-8") for file in (CLIENTS / "python").glob("*.py"))

    assert len(blocks("python")) >= 5
    assert [block for block in blocks("python") if block not in program] == []


async def test_the_client_in_go_is_formatted_by_go() -> None:
    run = await asyncio.create_subprocess_exec("gofmt", "-d", str(CLIENTS / "go"), stdout=PIPE)
    differences, _ = await run.communicate()

    assert (run.returncode, differences.decode()) == (0, "")
