"""Commands at a terminal: they hear Ctrl-C, and what they show there stays out of what they print."""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tools.examples import FOLDER

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("command", [("score", "-"), ("submit", "--dry-run", "-")], ids=" ".join)
async def test_ctrl_c_is_heard_while_standard_input_has_no_end(command: tuple[str, ...]) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.cli", *command), stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    process.stdin.write(b" " * 2**22)  # far more than a pipe or a socket takes
    await process.stdin.drain()  # so it is being read

    process.send_signal(signal.SIGINT)

    _, errors = await process.communicate()
    assert (process.returncode, errors) == (-signal.SIGINT, b"")  # which a shell calls 130


#: What is imported in the place of a library that takes long to load.
_LOADING = "print('loading', flush=True)\nimport signal\nsignal.pause()\n"


@pytest.mark.parametrize("way", [("-m", "ops.cli"), ("-m", "tools.cli"), ("-m", "tools")], ids=" ".join)
def test_ctrl_c_while_the_command_is_being_loaded_prints_no_traceback(way: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(_LOADING, "ascii")
    command = (sys.executable, *way, "queues")

    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"loading\n"
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate()

    assert (running.returncode, errors) == (-signal.SIGINT, b"")  # which a shell calls 130


def test_where_progress_is_shown_the_lines_still_go_to_standard_output() -> None:
    terminal, of_command = pty.openpty()
    command = (sys.executable, "-m", "ops.cli", "submit", "--dry-run", "--json", str(FOLDER))

    with subprocess.Popen(
        command, cwd=ROOT, env=os.environ | {"TERM": "xterm"}, stdout=subprocess.PIPE, stderr=of_command
    ) as running:
        os.close(of_command)
        shown = until_closed(terminal)
        written, _ = running.communicate()

    assert len([json.loads(line) for line in written.splitlines()]) == len(list(FOLDER.glob("*.json")))
    assert "checked" in shown
    assert "outcome" not in shown


def until_closed(terminal: int) -> str:
    """Read what is written to a terminal, and close it."""
    shown = b""
    with suppress(OSError):  # the last who wrote to it is gone
        while more := os.read(terminal, 4096):
            shown += more
    os.close(terminal)
    return shown.decode()
