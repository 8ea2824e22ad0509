"""The `ocop` command."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.access.commands import app as access
from ops.commands import CAN_RUN_STACK, IN_CLONE, LOCAL, require, run
from ops.contracts.commands import app as contracts
from ops.dead_letters.commands import app as dead
from ops.demo import run_demo
from ops.doctor.commands import doctor
from ops.dossiers.commands import score, submit
from ops.history.journal import journal
from ops.history.refile import refile
from ops.history.show import alert, product, rating
from ops.history.trace import trace
from ops.queues.commands import queues
from ops.sheets.commands import app as sheets
from ops.up import run_up
from ops.watch.commands import watch
from shared.version import VERSION

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.add_typer(access, name="access")
app.add_typer(contracts, name="contracts", hidden=not IN_CLONE)
app.add_typer(dead, name="dead")
app.add_typer(sheets, name="sheets")
app.add_typer(product, name="product")
app.add_typer(rating, name="rating")
app.add_typer(alert, name="alert")
app.command()(score)
app.command()(submit)
app.command()(doctor)
app.command()(queues)
app.command()(watch)
app.command()(trace)
app.command()(journal)
app.command()(refile)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"ocop {VERSION}")
        raise typer.Exit


@app.callback()
def ocop(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="show which OCOP this is")
    ] = False,
) -> None:
    """Operate OCOP: look at its queues and stories, settle dead letters, and run it on this machine."""


@app.command(hidden=not CAN_RUN_STACK)
def demo(
    folder: Annotated[Path, typer.Option(help="where its data and logs lie; emptied first")] = LOCAL / "demo",
) -> None:
    """File every dossier of examples/dossiers on a stack of its own, show what comes of it, and stop everything.

    Example: ocop demo
    """
    require(CAN_RUN_STACK, "ocop demo")
    console = Console()
    run(run_demo(folder, console if console.is_terminal else Console(width=160)))


@app.command(hidden=not CAN_RUN_STACK)
def up(folder: Annotated[Path, typer.Option(help="where its data and logs lie, kept between runs")] = LOCAL) -> None:
    """Start the stack and stay up, showing the services' logs, until Ctrl-C.

    Example: ocop up
    """
    require(CAN_RUN_STACK, "ocop up")
    run(run_up(folder, Console()))


if __name__ == "__main__":
    app(prog_name="ocop")
