"""The `ocop` command."""

import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from ops.access.commands import app as access
from ops.contracts.commands import app as contracts
from ops.demo import run_demo
from ops.queues import show_queues
from ops.stack import StackError, run_until_interrupted
from ops.up import run_up

LOCAL = Path(os.path.relpath(Path(__file__).parent.parent / ".local"))

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run OCOP on this machine: a private broker, a database, a mail server and the three services.",
)
app.add_typer(access, name="access")
app.add_typer(contracts, name="contracts")


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where its data and logs lie; emptied first")] = LOCAL / "demo",
) -> None:
    """File every dossier of examples/dossiers on a stack of its own, show what comes of it, and stop everything."""
    console = Console()
    _run(run_demo(folder, console if console.is_terminal else Console(width=160)))


@app.command()
def up(folder: Annotated[Path, typer.Option(help="where its data and logs lie, kept between runs")] = LOCAL) -> None:
    """Start the stack and stay up, showing the services' logs, until Ctrl-C."""
    _run(run_up(folder, Console()))


@app.command()
def queues(folder: Annotated[Path, typer.Option(help="the folder of the stack that `up` runs")] = LOCAL) -> None:
    """Show the queues of the stack that is up: messages that wait, and consumers."""
    _run(show_queues(folder, Console()))


def _run(main: Coroutine[Any, Any, int]) -> None:
    try:
        code = run_until_interrupted(main)
    except* StackError as failed:
        for error in failed.exceptions:
            typer.echo(f"ocop: {error}", err=True)
        code = 1
    raise typer.Exit(code)


if __name__ == "__main__":
    app(prog_name="ocop")
