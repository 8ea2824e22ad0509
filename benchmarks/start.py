"""How long from the command to ready: each service, and the demo."""

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from benchmarks.arena import PROJECT, Arena, BenchmarkError, Say, python
from benchmarks.contestants import Worker, services
from benchmarks.plan import Plan
from benchmarks.running import says_ready
from tools.stack import Processes
from tools.stack.leftovers import end_leftovers

#: seconds between two looks at /ready
_LOOK_SECONDS = 0.01
#: seconds after which a service is taken never to be ready
_PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Starts:
    """Seconds of each start of one service."""

    service: str
    seconds: tuple[float, ...]


async def measure_starts(arena: Arena, plan: Plan) -> list[Starts]:
    """Start each service alone, several times, on the running broker and database."""
    return [await _starts(arena, worker, plan.starts) for worker in services(arena)]


async def measure_demo(folder: Path, runs: int, say: Say) -> float:
    """Run the demo so many times in an empty folder and return the seconds of the last run, from command to prompt."""
    processes = Processes(folder)
    seconds = 0.0
    try:
        for run in range(1, runs + 1):
            begun = monotonic()
            command = python("-m", "tools.cli", "demo", "--folder", str(folder / "stack"))
            demo = await processes.start("demo", command, dict(os.environ), working_folder=PROJECT)
            if await demo.wait():
                raise BenchmarkError(f"the demo failed: {demo.last_lines()}")
            seconds = monotonic() - begun
            say(f"demo, run {run}: {seconds:.1f} s")
    finally:
        await processes.stop_all()
        end_leftovers(folder / "stack")
        shutil.rmtree(folder)
    return seconds


async def _starts(arena: Arena, worker: Worker, count: int) -> Starts:
    measured = Starts(worker.name, tuple([await _start(arena, worker) for _ in range(count)]))
    arena.say(f"{worker.name} is ready after {min(measured.seconds):.2f}-{max(measured.seconds):.2f} s")
    return measured


async def _start(arena: Arena, worker: Worker) -> float:
    begun = monotonic()
    process = await arena.stack.processes.start(
        worker.name, worker.command, worker.environment, working_folder=arena.stack.folder
    )
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not await asyncio.to_thread(says_ready, worker.http_port or 0):  # noqa: ASYNC110  # another process
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError:
        raise BenchmarkError(f"{worker.name} is not ready: {process.last_lines()}") from None
    finally:
        seconds = monotonic() - begun
        await process.stop()
    return seconds
