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
    assert "answered" in shown
    assert "outcome" not in shown


def until_closed(terminal: int) -> str:
    """Read what is written to a terminal, and close it."""
    shown = b""
    with suppress(OSError):  # the last who wrote to it is gone
        while more := os.read(terminal, 4096):
            shown += more
    os.close(terminal)
    return shown.decode()
