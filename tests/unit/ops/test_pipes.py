"""A command whose reader goes away before it is done, as `head` does, ends quietly and with one exit code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import pytest
import typer

from ops.cli import app
from ops.commands import run

ROOT = Path(__file__).parents[3]
DOSSIER = str(ROOT / "examples/dossiers/01-banh-te-hung-van.json")


@contextmanager
def nobody_reads() -> Iterator[None]:
    """Let standard output be a pipe whose reader has gone."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output, redirect_stdout(output):
        yield


@pytest.mark.parametrize(
    "arguments",
    [
        ("sheets", "show", "6"),
        ("sheets", "show", "6", "--json"),
        ("score", DOSSIER),
        ("score", "--json", DOSSIER),
        ("submit", "--dry-run", DOSSIER),
        ("--version",),
        ("--help",),
        ("sheets", "--help"),
        ("sheets", "show", "--help"),
    ],
    ids=" ".join,
)
def test_every_command_ends_as_programs_do_by_sigpipe(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with nobody_reads(), pytest.raises(SystemExit) as ended:
        app(list(arguments), prog_name="ocop")

    assert ended.value.code == 141
    assert capsys.readouterr().err == ""


def test_so_does_one_that_writes_line_by_line_in_the_event_loop() -> None:
    async def journal() -> int:
        sys.stdout.write("an event\n")
        sys.stdout.flush()
        return 0

    with nobody_reads(), pytest.raises(typer.Exit) as ended:
        run(journal())

    assert ended.value.exit_code == 141
