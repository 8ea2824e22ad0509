"""The `ocop` command of a clone: the operator's, and what developers run beside it."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ops.cli import app
from ops.commands import IN_CLONE, LOCAL, require, run
from tools.contracts.commands import app as contracts
from tools.demo import run_demo
from tools.up import run_up

__all__ = ["app"]

#: Whether a broker, a database and a mail server of this machine's own can be started: the extra `local` is installed.
CAN_RUN_STACK = all(find_spec(module) for module in ("secantus", "aiosmtpd"))

app.add_typer(contracts, name="contracts", hidden=not IN_CLONE)


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
