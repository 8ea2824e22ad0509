"""`ocop stack`: what happens if a part of the stack that `ocop up` runs goes away."""

from pathlib import Path
from typing import Annotated

import typer

from ops.commands import LOCAL, beginning, require, run, wrong_usage
from shared.system import SYSTEM
from tools.extra import CAN_RUN_STACK
from tools.stack.control import request
from tools.stack.keeping import Outage

app = typer.Typer(no_args_is_help=True, help="Outages of the stack that `ocop up` runs, to try what they do.")

_PARTS = ("broker", "database", "mail", *SYSTEM.names)


@app.callback()
def _stack() -> None:
    """Outages of the stack that `ocop up` runs, to try what they do."""


@app.command()
def restart(
    part: Annotated[str, typer.Argument(help=" or ".join(_PARTS), autocompletion=beginning(lambda: _PARTS))],
    kill: Annotated[bool, typer.Option("--kill", help="end it at once, as a crash does")] = False,
    outage: Annotated[float, typer.Option(metavar="SECONDS", min=0, help="how long it stays away")] = 0,
    folder: Annotated[Path, typer.Option(help="the folder of the stack")] = LOCAL,
) -> None:
    """Stop a part of the stack, start it again on the same ports, and wait until it is ready.

    Example: ocop stack restart broker --outage 30
    """
    require(CAN_RUN_STACK, "ocop stack restart")
    if part not in _PARTS:
        raise wrong_usage(f"there is no {part}: {', '.join(_PARTS)}")
    run(_restart(folder, Outage(part, kill=kill, seconds=outage)))


async def _restart(folder: Path, outage: Outage) -> int:
    await request(folder, outage)
    typer.echo(f"{outage.part} is back, and ready")
    return 0
