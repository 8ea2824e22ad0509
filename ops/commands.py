"""What the commands share: the stack's folder, running until Ctrl-C, exit codes."""

import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ops.errors import CommandError
from ops.interrupt import LoopFactory, run_until_interrupted
from ops.pipes import stop_printing
from ops.typed import as_typed
from shared.errors import SettingsError

_CLONE = Path(__file__).parent.parent
#: The folder of the stack that `make up` runs: in the clone or, where the command is installed, in the present folder.
LOCAL = Path(os.path.relpath(_CLONE if (_CLONE / "pyproject.toml").exists() else ".")) / ".local"

#: Whether this is a clone of the repository, in which files may be made anew.
IN_CLONE = (Path(__file__).parents[1] / "pyproject.toml").exists()

#: Of commands that need a broker: it may also be one that no stack of this machine runs.
StackFolder = Annotated[
    Path | None,
    typer.Option("--folder", help="the folder of a stack that `up` runs, whose broker is meant whatever the settings"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="one JSON object a line, for programs")]


def run(main: Coroutine[Any, Any, int], *, loop_factory: LoopFactory = None) -> None:
    """Run a command to its end or to Ctrl-C, by a faster event loop where it has very many messages.

    Raises:
        Exit: with its exit code, 1 where it could not do its work, 2 where a setting or its file cannot be used, 141
            where nobody reads what it prints any more, 128 + the number of the signal that interrupted it.
    """
    try:
        code = run_until_interrupted(main, loop_factory=loop_factory)
    except* CommandError as failed:
        for error in failed.exceptions:
            typer.echo(as_typed(f"ocop: {error}"), err=True)
        code = 1
    except* SettingsError as unusable:
        for fault in unusable.exceptions:
            typer.echo(f"ocop: {fault}", err=True)
        code = 2
    except* BrokenPipeError:
        code = stop_printing()
    raise typer.Exit(code)


def run_first(main: Coroutine[Any, Any, int]) -> None:
    """Run the first part of a command, and go on after it. Raise Exit where it did not end well."""
    try:
        run(main)
    except typer.Exit as ended:
        if ended.exit_code:
            raise


def beginning(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return what a shell is offered to complete a value: the names that begin like it."""

    def offered(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return offered


def write_line(fields: Mapping[str, Any]) -> None:
    """Write an object to standard output as one line of JSON, at once: somebody may wait for it at a pipe's end."""
    sys.stdout.write(f"{json_line(fields)}\n")
    sys.stdout.flush()


def json_line(fields: Mapping[str, Any]) -> str:
    """Return an object as one line of JSON, its times as in ISO 8601."""
    return json.dumps(fields, ensure_ascii=False, default=datetime.isoformat)


class Output(Console):
    """Standard output, whose reader may go away."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError: the command ends as any other does then."""
        raise BrokenPipeError


def wide_console(width: int = 180) -> Console:
    """Return a console as wide as the terminal, or so wide where there is none."""
    console = Output()
    return console if console.is_terminal else Output(width=width)


def require(there: bool, command: str) -> None:
    """Make sure that a developer's command can do its work here. Raise Exit (code 1), having said what it needs."""
    if not there:
        typer.echo(f"ocop: `{command}` needs a clone of the repository, and what `make` installs there", err=True)
        raise typer.Exit(1)


def wrong_usage(message: str) -> typer.Exit:
    """Print what is wrong with the command line. Return the exit with code 2, to be raised."""
    typer.echo(f"ocop: {message}", err=True)
    return typer.Exit(2)


def agree(question: str, *, about: str) -> None:
    """Ask the person at the terminal.

    Raises:
        Exit: with 2 where nobody can be asked, with 1 where the answer is no.
    """
    if not sys.stdin.isatty():
        raise wrong_usage(f"these are {about}, and nobody can be asked: add --yes")
    typer.confirm(question, abort=True, err=True)


def moment(text: str | None) -> datetime | None:
    """Read a time, of UTC unless it says otherwise. Raise Exit (code 2) where it is none."""
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise wrong_usage(f"{text!r} is no time: write 2026-11-24 or 2026-11-24T06:00:00+07:00") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
