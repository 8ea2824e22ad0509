"""The command: what to measure, how much of it, and where the report goes."""

import asyncio
import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from benchmarks.arena import PROJECT, BenchmarkError
from benchmarks.contestants import CONTESTANTS
from benchmarks.machine import described, free_gib
from benchmarks.plan import Size, plan_of
from benchmarks.report import Report
from benchmarks.run import USUAL, Benchmark, Run
from ops.interrupt import run_until_interrupted
from tools.stack import StackError

LOCAL = Path(os.path.relpath(PROJECT / ".local"))

_REPORT = LOCAL / "benchmarks.md"
_FOLDER = LOCAL / "benchmarks"

ContestantName = StrEnum("ContestantName", {each.name.upper(): each.name for each in CONTESTANTS})  # type: ignore[misc]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(  # noqa: PLR0917  # the options of a command, which are given by name
    what: Annotated[list[Benchmark] | None, typer.Argument(help="without any: all but profile")] = None,
    size: Annotated[Size, typer.Option(help="tiny: two minutes, small: an hour, full: two hours")] = Size.SMALL,
    only: Annotated[
        list[ContestantName] | None, typer.Option(help="contestants of `throughput` and `latency`; can be repeated")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="rounds of each contestant, each time it is started")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="draws dossiers and answers")] = None,
    report: Annotated[Path, typer.Option(help="the Markdown file to write; its chart goes beside it")] = _REPORT,
    folder: Annotated[
        Path, typer.Option(help="where broker and database run; what they keep is removed at the end")
    ] = _FOLDER,
) -> None:
    """Measure the services and what other tools do with the same dossiers, on a private broker and database.

    Ctrl-C stops everything that was started and removes its data; the report keeps what was measured until then.
    """
    began = time.monotonic()

    def say(line: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.1f} s  {line}")

    if sys.platform != "linux":
        raise typer.BadParameter("CPU and memory are read from /proc, which Linux alone has")
    plan = plan_of(size, seed=seed, rounds=rounds)
    if (free := free_gib(folder)) < plan.disk_gib:
        needed = f"{size} needs {plan.disk_gib} GiB there and {free:.1f} are free: choose another, or a smaller --size"
        raise typer.BadParameter(needed, param_hint="--folder")
    run = Run(
        chosen=frozenset(what or USUAL),
        plan=plan,
        contestants=tuple(each for each in CONTESTANTS if not only or each.name in set(only)),
        report=Report(report, title=f"Benchmarks, {size}", facts=described(plan, folder)),
        folder=folder,
        say=say,
    )
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    code = 1
    try:
        code = run_until_interrupted(run.measure())
    except* (StackError, BenchmarkError) as failed:
        for error in failed.exceptions:
            typer.echo(f"benchmarks: {error}", err=True)
    typer.echo(f"The report: {report}")
    raise typer.Exit(code)
