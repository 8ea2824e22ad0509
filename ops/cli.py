"""The `ocop` command."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.access.commands import app as access
from ops.commands import LOCAL, run
from ops.contracts.commands import app as contracts
from ops.dead_letters.commands import app as dead
from ops.demo import run_demo
from ops.doctor.commands import doctor
from ops.journal.commands import journal
from ops.queues.commands import queues
from ops.trace.commands import trace
from ops.up import run_up
from ops.watch.commands import watch

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run OCOP on this machine: a private broker, a database, a mail server and the three services.",
)
app.add_typer(access, name="access")
app.add_typer(contracts, name="contracts")
app.add_typer(dead, name="dead")
app.command()(journal)
app.command()(queues)
app.command()(doctor)
app.command()(trace)
app.command()(watch)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="where its data and logs lie; emptied first")] = LOCAL / "demo",
) -> None:
    """File every dossier of examples/dossiers on a stack of its own, show what comes of it, and stop everything."""
    console = Console()
    run(run_demo(folder, console if console.is_terminal else Console(width=160)))


@app.command()
def up(folder: Annotated[Path, typer.Option(help="where its data and logs lie, kept between runs")] = LOCAL) -> None:
    """Start the stack and stay up, showing the services' logs, until Ctrl-C."""
    run(run_up(folder, Console()))


if __name__ == "__main__":
    app(prog_name="ocop")
