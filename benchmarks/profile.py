"""Flame graphs of the services under load, by py-spy: where the CPU time of each goes."""

import asyncio
import shutil
import sys
from itertools import islice
from pathlib import Path

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import OURS
from benchmarks.dossiers import new_filings
from benchmarks.plan import Plan
from benchmarks.running import running
from benchmarks.throughput import warm

#: samples a second
_RATE = 250


async def record_profiles(arena: Arena, plan: Plan, folder: Path) -> list[Path]:
    """Profile each service with py-spy while one backlog is drained. Return the files it wrote.

    Only the thread that holds the interpreter's lock is counted: that is what one core does at a time.

    Raises:
        BenchmarkError: py-spy is not allowed to look into other processes, or the backlog got stuck.
    """
    filings = new_filings(plan.seed, "profile")
    async with running(arena, OURS) as services:
        count = 2 * plan.dossiers_at(await warm(services, filings, plan))
        await services.forget()
        async with services.held():
            await services.file(list(islice(filings, count)))
        files = {name: folder / f"flame-{name}.svg" for name in services.processes}
        await asyncio.gather(
            *(_record(started[0].pid, files[name], plan) for name, started in services.processes.items())
        )
        await services.until_alerted(count)
    return list(files.values())


async def _record(pid: int, file: Path, plan: Plan) -> None:
    command = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy"
    options = ("--gil", "--rate", str(_RATE), "--duration", str(max(round(plan.round_seconds), 1)))
    recorder = await asyncio.create_subprocess_exec(
        *(command, "record", *options, "--pid", str(pid), "--output", str(file)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await recorder.communicate()
    if recorder.returncode:
        said = " ".join(errors.decode(errors="replace").splitlines()[:2])
        raise BenchmarkError(f"py-spy could not watch process {pid}: {said}")
