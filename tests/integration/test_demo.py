"""`make demo` as a user runs it."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.examples import FOLDER
from tools.stack.leftovers import marked_processes

ROOT = Path(__file__).parents[2]


async def demo(folder: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools.cli", "demo", "--folder", str(folder)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


async def test_the_demo_shows_every_example_and_a_mail_and_stops_all_it_started(tmp_path: Path) -> None:
    run = await demo(tmp_path)

    output, _ = await run.communicate()

    shown = output.decode()
    assert run.returncode == 0, shown
    for example in FOLDER.glob("*.json"):
        assert example.stem in shown
    assert "★★★★★" in shown
    assert "Kính gửi" in shown
    assert "Message" not in shown.partition("A mail as it arrived")[0]
    assert list(marked_processes(tmp_path)) == []
    assert not (tmp_path / "lock").exists()


@pytest.mark.parametrize("moment", ["SecantusDB is ready", "registry is ready", "are filed"])
async def test_ctrl_c_leaves_nothing_behind(tmp_path: Path, moment: str) -> None:
    run = await demo(tmp_path)
    assert run.stdout is not None
    while moment not in (line := (await run.stdout.readline()).decode()):
        assert line, "it ended"

    run.send_signal(signal.SIGINT)
    await run.communicate()

    assert run.returncode == 128 + signal.SIGINT
    assert list(marked_processes(tmp_path)) == []
    assert not (tmp_path / "lock").exists()
