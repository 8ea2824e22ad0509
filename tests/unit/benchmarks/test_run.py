"""A run measures what it can, says what failed, and keeps away from the folder of another run."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import run as module
from benchmarks.arena import Arena
from benchmarks.contestants import CONTESTANTS
from benchmarks.plan import Size, plan_of
from benchmarks.report import Report
from benchmarks.run import Benchmark, Run
from tools.stack import AlreadyRunningError, StackError
from tools.stack.lock import locked


@pytest.fixture
def run_of(tmp_path: Path) -> Callable[..., Run]:
    def of(*chosen: Benchmark) -> Run:
        return Run(
            chosen=frozenset(chosen),
            plan=replace(plan_of(Size.TINY), fresh_for_each=True),
            contestants=CONTESTANTS,
            report=Report(tmp_path / "report.md", title="Benchmarks", facts={}),
            folder=tmp_path / "folder",
            say=lambda _line: None,
        )

    return of


async def test_servers_that_do_not_start_cost_their_own_section_only(
    run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def no_servers(*_: object) -> AsyncIterator[Arena]:
        raise StackError("the broker ended")
        yield  # what makes it a generator

    async def demo(*_: object) -> float:
        return 12.5

    monkeypatch.setattr(module, "opened_arena", no_servers)
    monkeypatch.setattr(module, "measure_demo", demo)
    run = run_of(Benchmark.START, Benchmark.STORED, Benchmark.DEMO)

    assert await run.measure() == 1
    report = run.report.file.read_text("utf-8")
    assert "start: the broker ended" in report
    assert "stored: 50 products: the broker ended" in report
    assert "took 12.5 s" in report
    assert not run.folder.exists()


async def test_an_interrupted_run_leaves_no_folder(run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted(*_: object) -> float:
        raise asyncio.CancelledError

    monkeypatch.setattr(module, "measure_demo", interrupted)
    run = run_of(Benchmark.DEMO)

    with pytest.raises(asyncio.CancelledError):
        await run.measure()

    assert not run.folder.exists()


async def test_the_folder_and_the_report_of_a_run_that_goes_on_stay_as_they_are(run_of: Callable[..., Run]) -> None:
    run = run_of(Benchmark.SCORING)
    (run.folder / "stack").mkdir(parents=True)

    with locked(run.folder), pytest.raises(AlreadyRunningError):
        await run.measure()

    assert (run.folder / "stack").exists()
    assert not run.report.file.exists()
