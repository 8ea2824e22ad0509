"""`make demo` as a user runs it."""

import asyncio
import shutil
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tools.demo import run_demo
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
    assert "All 35 outcomes are those of the table in examples/dossiers/README.md" in shown
    assert list(marked_processes(tmp_path)) == []
    assert not (tmp_path / "lock").exists()


@pytest.mark.usefixtures("logging_as_it_was")
async def test_an_outcome_that_is_not_as_the_table_says_is_shown_and_ends_the_demo_with_1(tmp_path: Path) -> None:
    """Three examples of which one is another once more, and a table in which one total is wrong."""
    kept = ("01-banh-te-hung-van", "02-banh-te-thanh-binh", "35-faulty-registered-twice")
    examples, written = tmp_path / "examples", StringIO()
    examples.mkdir()
    for name in kept:
        shutil.copy(FOLDER / f"{name}.json", examples)
    table = (FOLDER / "README.md").read_text("utf-8").replace("| 70 | 4★ |", "| 71 | 4★ |").splitlines(keepends=True)
    rows = (line for line in table if line.startswith(("| File", "| ---", *(f"| {name}" for name in kept))))
    (examples / "README.md").write_text("".join(rows), "utf-8")

    code = await run_demo(tmp_path / "stack", Console(file=written, width=160), examples)

    difference = written.getvalue().partition("README.md says:\n")[2].splitlines()
    assert code == 1
    assert difference[0] == "02-banh-te-thanh-binh: Total is 70, by the table 71"
    assert "The services stop" in difference[1]


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
