"""The commands and the code of docs/integrating.md are those of the clients."""

import asyncio
import os
import re
import shlex
import shutil
import signal
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from shared.clock import system_clock
from shared.legal_date import legal_date
from tests.integration.clients.client import CLIENTS, NODE_MODULES, ROOT
from tests.integration.clients.site import ALL, Site
from tests.integration.portal import PATIENCE_SECONDS
from tools.examples import FOLDER

PAGE = ROOT / "docs" / "integrating.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("command", "".join(blocks("sh")).splitlines())
async def test_a_command_of_the_page_does_what_it_says(site: Site, tmp_path: Path, command: str) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "examples" / "clients" / "node" / "node_modules").symlink_to(NODE_MODULES)
    program = next(name for name in ALL if f"/{name}/" in command)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = command.replace("-2026", f"-{legal_date(system_clock()).year}")
    if " ask " in command:  # the page has filed a dossier by now
        await site.clients[program].run("file", str(FOLDER / "01-banh-te-hung-van.json"))

    run = await asyncio.create_subprocess_exec(
        *shlex.split(command), cwd=tmp_path, env={**site.clients[program].environment, "PATH": path}, stdout=PIPE
    )

    assert run.stdout
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert await run.stdout.readline()
        if command.endswith("follow"):
            run.send_signal(signal.SIGINT)
        await run.stdout.read()
        assert (await run.wait() == 0) is not command.endswith("follow")


def test_the_code_of_the_page_is_that_of_the_client() -> None:
    program = (CLIENTS / "python" / "ocop_client.py").read_text("utf-8")

    assert len(blocks("python")) >= 5
    assert [block for block in blocks("python") if block not in program] == []
