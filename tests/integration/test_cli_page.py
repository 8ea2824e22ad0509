"""Every command of docs/cli.md that is shown as one to be run does what the page says."""

import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from tests.integration.dossiers import new_dossier
from tests.integration.operator import operator_of
from tests.integration.portal import Portal
from tests.unit.certificate_keys import JWKS, TOKEN
from tools.cli import app
from tools.stack import LocalStack

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")

#: The product of the page, which is another one here.
CODE = "01-09574-1-2026"
#: The commands end with 1 where a dossier is turned back, as one of the page's is.
TURNED_BACK = {"ocop submit dossiers --dry-run", "ocop submit dossiers"}

COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


@pytest.mark.usefixtures("system")
async def test_the_commands_of_the_page_run_in_its_order(stack: LocalStack, portal: Portal, tmp_path: Path) -> None:
    keys = {"OCOP_CERTIFICATE_JWKS": JWKS}
    environment = operator_of(stack).environment | {"PATH": f"{tmp_path}:/usr/bin:/bin"} | keys
    (tmp_path / "token.txt").write_text(TOKEN, "ascii")
    (tmp_path / "ocop").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tools.cli "$@"\n', "utf-8")
    (tmp_path / "ocop").chmod(0o755)
    (tmp_path / "programmes").symlink_to(ROOT / "programmes")
    dossiers = tmp_path / "dossiers"
    dossiers.mkdir()
    filed = {"01-banh-te-hung-van": new_dossier(), "33-faulty-many-rules": new_dossier() | {"samples": 3}}
    for name, dossier in filed.items():
        (dossiers / f"{name}.json").write_text(json.dumps(dossier), "utf-8")
    delivered = await portal.event(await portal.file(new_dossier()), "alert.delivered")

    for command in COMMANDS:
        run = await asyncio.create_subprocess_shell(
            command.replace(CODE, delivered.data["product_code"]),
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output, _ = await run.communicate()
        assert run.returncode == int(command in TURNED_BACK), f"{command}\n{output.decode()}"


@pytest.mark.parametrize(
    "command",
    [
        *("sheets", "score", "submit", "import", "find", "report", "places"),
        *("product", "rating", "alerts", "due", "certificate"),
    ],
)
def test_the_page_shows_what_a_command_does(command: str) -> None:
    assert [shown for shown in COMMANDS if shown.startswith(f"ocop {command} ")]


def test_the_page_has_a_heading_for_every_command() -> None:
    headings = {name for line in re.findall(r"^## (.*)$", PAGE, re.MULTILINE) for name in line.split(", ")}

    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    assert command.commands.keys() - headings == set()
