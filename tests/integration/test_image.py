"""The command where there is no clone: in the image."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.operator import ROOT, Ran, ended

RUN = """
from ops.cli import app
app(prog_name="ocop")
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the Dockerfile copies."""
    folder = tmp_path_factory.mktemp("image")
    for source, target in re.findall(r"^COPY (\w\S*) (\S+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE):
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


async def ocop(image: Path, *arguments: str) -> Ran:
    return await ended(
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", RUN, *arguments),
            cwd=image,
            env=os.environ | {"PYTHONPATH": str(image)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    )


async def test_what_needs_a_clone_says_so_in_one_sentence(image: Path) -> None:
    ran = await ocop(image, "access", "publish")

    assert (ran.code, ran.text) == (1, "")
    assert ran.errors == "ocop: `ocop access publish` needs a clone of the repository, and what `make` installs there\n"


@pytest.mark.parametrize("command", ["up", "demo", "stack restart broker", "contracts publish"])
async def test_what_developers_run_is_not_there(image: Path, command: str) -> None:
    ran = await ocop(image, *command.split())

    assert (ran.code, ran.text) == (2, "")
    assert "No such command" in ran.errors


async def test_the_help_offers_none_of_it(image: Path) -> None:
    ran = await ocop(image, "--help")

    offered = re.findall(r"^│ (\w+) ", ran.text, re.MULTILINE)
    assert {"queues", "doctor", "watch", "trace", "journal", "dead", "access"} <= set(offered)
    assert not {"up", "demo", "stack", "contracts"} & set(offered)
