"""Every command of docs/dead-letters.md does what the page says."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.integration.dossiers import new_dossier
from tests.integration.operator import dead_dossier, integration, operator_of
from tests.integration.portal import SOURCE, TYPE, Portal
from tools.stack import LocalStack

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dead-letters.md").read_text("utf-8")

#: The dead letters of the page.
GARBAGE, FAILED, UNROUTED = (
    "7d1f2c1e-8a9b-4c6d-9e0f-1a2b3c4d5e6f",
    "0b8e6f0a-52a1-4a77-9d3c-6f1f0c2f9a11",
    "c2a9d7b4-3e58-4d0f-8a6b-91e4f7a2d350",
)


def commands() -> Iterator[str]:
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL):
        yield from block.splitlines()


async def test_the_commands_of_the_page_run_in_its_order(stack: LocalStack, portal: Portal, tmp_path: Path) -> None:
    environment = operator_of(stack).environment | {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    (tmp_path / "ocop").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ops.cli "$@"\n', "utf-8")
    (tmp_path / "ocop").chmod(0o755)
    await dead_dossier(portal, b"garbage", id=GARBAGE)
    await dead_dossier(portal, new_dossier(), id=FAILED)
    headers = {"ce-specversion": "1.0", "ce-id": UNROUTED, "ce-source": SOURCE, "ce-type": TYPE}
    async with integration(stack) as sender:
        await sender.send(b"{}", headers=headers, routing_key="dossier.file.v1")

    for command in commands():
        run = await asyncio.create_subprocess_shell(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        output, _ = await run.communicate()
        assert run.returncode == 0, f"{command}\n{output.decode()}"
        if "replay" in command:
            assert re.search(r"^[1-9]\d* replayed$", output.decode(), re.MULTILINE), command
        if f"replay {UNROUTED}" not in command and "replay" in command:
            await portal.event(FAILED, "product.rated")

    assert (tmp_path / "dossier.bin").read_bytes() == b"garbage"
    assert GARBAGE in (tmp_path / "discarded.jsonl").read_text("utf-8")


def test_the_page_shows_every_command() -> None:
    shown = {" ".join(command.split()[1:3]) for command in commands()}

    assert {"dead list", "dead show", "dead replay", "dead discard"} <= shown
    assert any(command.startswith("ocop journal") for command in commands())
