"""`ocop demo` and `ocop up`: all of it on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from ops.commands import LOCAL, require, run, wide_console
from tools.demo import run_demo
from tools.extra import CAN_RUN_STACK
from tools.up import run_up


def demo(
    folder: Annotated[Path, typer.Option(help="where its data and logs lie; emptied first")] = LOCAL / "demo",
) -> None:
    """File every dossier of examples/dossiers on a stack of its own, show what comes of it, and stop everything.

    Example: ocop demo
    """
    require(CAN_RUN_STACK, "ocop demo")
    run(run_demo(folder, wide_console(160)))


def up(folder: Annotated[Path, typer.Option(help="where its data and logs lie, kept between runs")] = LOCAL) -> None:
    """Start the stack and stay up, showing the services' logs, until Ctrl-C.

    Example: ocop up
    """
    require(CAN_RUN_STACK, "ocop up")
    run(run_up(folder, wide_console()))
