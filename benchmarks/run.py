"""Runs the benchmarks that were asked for, one after the other, and writes the report."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from benchmarks import tables
from benchmarks.arena import Arena, BenchmarkError, Tell, opened_arena
from benchmarks.chart import Bar, bar_chart
from benchmarks.contestants import OURS, VARIANTS, VHOSTS, Contestant
from benchmarks.growth import Stored, measure_backlog, measure_instances, measure_stored
from benchmarks.latency import measure_latency
from benchmarks.machine import broker_version
from benchmarks.plan import Plan
from benchmarks.profile import record_profiles
from benchmarks.report import Report
from benchmarks.scoring import measure_scoring
from benchmarks.start import measure_demo, measure_starts
from benchmarks.throughput import Throughput, measure_throughput
from ops.stack import StackError

Item = TypeVar("Item")


class Benchmark(StrEnum):
    """What can be measured."""

    SCORING = "scoring"
    START = "start"
    DEMO = "demo"
    THROUGHPUT = "throughput"
    SETTINGS = "settings"
    LATENCY = "latency"
    INSTANCES = "instances"
    STORED = "stored"
    BACKLOG = "backlog"
    PROFILE = "profile"


#: What a run without a choice measures. Profiles slow what they watch, and not everybody may make them.
USUAL = frozenset(Benchmark) - {Benchmark.PROFILE}


#: Benchmarks that share a broker and a database where the plan does not give each its own.
_TOGETHER = (Benchmark.START, Benchmark.LATENCY, Benchmark.INSTANCES, Benchmark.BACKLOG, Benchmark.PROFILE)


@dataclass(frozen=True)
class Run:
    """One run: what is measured, of whom, where it is written, and where broker and database lie meanwhile.

    A benchmark or a contestant that fails is told of and stands in the report; the others are measured all the same.
    """

    chosen: frozenset[Benchmark]
    plan: Plan
    contestants: tuple[Contestant, ...]
    report: Report
    folder: Path
    tell: Tell
    failures: list[str] = field(default_factory=list)

    async def measure(self) -> int:
        """Measure what is chosen and give the exit code: 1 where something could not be measured.

        Raises:
            StackError: broker or database do not start.
        """
        if Benchmark.SCORING in self.chosen:
            self.tell(f"{Benchmark.SCORING} …")
            self.report.put("Scoring alone", tables.scoring_table(await measure_scoring(self.plan)))
        if Benchmark.THROUGHPUT in self.chosen:
            await self._throughput(self.contestants, self._put_throughput)
        if Benchmark.SETTINGS in self.chosen:
            await self._throughput(VARIANTS, self._put_settings)
        shared = [each for each in _TOGETHER if each in self.chosen]
        for benchmarks in _groups(shared, apart=self.plan.fresh_for_each):
            async with opened_arena(self.folder, VHOSTS, self.tell) as arena:
                for benchmark in benchmarks:
                    self.tell(f"{benchmark} …")
                    with self._failures_noted(benchmark):
                        await self._measure(benchmark, arena)
        if Benchmark.STORED in self.chosen:
            await self._stored()
        if Benchmark.DEMO in self.chosen:
            with self._failures_noted(Benchmark.DEMO):
                seconds = await measure_demo(self.folder, self.plan.demo_runs, self.tell)
                self.report.put("Demo", f"Run {self.plan.demo_runs} of the demo took {seconds:.1f} s.\n")
        return 1 if self.failures else 0

    @contextmanager
    def _failures_noted(self, what: str) -> Iterator[None]:
        try:
            yield
        except (BenchmarkError, StackError) as error:
            self.tell(f"{what} failed: {error}")
            self.failures.append(f"{what}: {error}")
            self.report.put("Failed", *(f"```\n{failure}\n```\n" for failure in self.failures))

    async def _throughput(
        self, contestants: tuple[Contestant, ...], put: Callable[[Sequence[Throughput], str], None]
    ) -> None:
        """Measure contestants, there and back, so that a machine that drifts does not favour the first or the last.

        A database that has much behind it is slower; where the plan can afford it, nobody inherits another's.
        """
        measured: dict[str, Throughput] = {}
        for number in range(self.plan.passes):
            order = contestants[::-1] if number % 2 else contestants
            for group in _groups(order, apart=self.plan.fresh_for_each):
                async with opened_arena(self.folder, VHOSTS, self.tell) as arena:
                    for contestant in group:
                        with self._failures_noted(contestant.title):
                            run = f"throughput-{contestant.name}-{number}"
                            again = await measure_throughput(arena, contestant, self.plan, run=run)
                            measured.setdefault(contestant.name, Throughput(contestant, again.idle_bytes)).add(again)
                    put(
                        [measured[each.name] for each in contestants if each.name in measured],
                        await broker_version(arena),
                    )

    def _put_throughput(self, measured: Sequence[Throughput], broker: str) -> None:
        title = "Dossiers fully handled a second (median, slowest to fastest round)"
        bars = [
            Bar(each.contestant.title, each.median, each.slowest, each.fastest, each.contestant is OURS)
            for each in measured
        ]
        self.report.put(
            "Throughput",
            tables.throughput_table(measured),
            f"Broker: {broker}. A round is a backlog, from the first dossier taken to the last alert told.\n",
            self.report.chart("throughput", bar_chart(title, bars), title),
        )
        self.report.put("Cost", tables.cost_table(measured), tables.memory_table(measured))

    def _put_settings(self, measured: Sequence[Throughput], _: str) -> None:
        self.report.put("Settings", tables.throughput_table(measured), tables.cost_table(measured))

    async def _measure(self, benchmark: Benchmark, arena: Arena) -> None:
        """Measure one benchmark; its section of the report grows with what comes."""
        report, plan = self.report, self.plan
        match benchmark:
            case Benchmark.START:
                report.put("Start", tables.start_table(await measure_starts(arena, plan)))
            case Benchmark.LATENCY:
                latencies = []
                async for latency in measure_latency(arena, plan):
                    latencies.append(latency)
                    report.put("Latency", tables.latency_table(latencies))
            case Benchmark.INSTANCES:
                instances = []
                async for several in measure_instances(arena, plan):
                    instances.append(several)
                    report.put("Instances", tables.instances_table(instances))
            case Benchmark.BACKLOG:
                stretches = []
                async for stretch in measure_backlog(arena, plan):
                    stretches.append(stretch)
                    report.put("Backlog", tables.backlog_table(stretches))
            case Benchmark.PROFILE:
                files = await record_profiles(arena, plan, report.file.parent)
                report.put("Profiles", "".join(f"- [{file.stem}]({file.name})\n" for file in files))

    async def _stored(self) -> None:
        """Measure with fuller and fuller registers, each on servers of its own; latency at the first one's load."""
        results: list[Stored] = []
        for products in self.plan.stored:
            async with opened_arena(self.folder, VHOSTS, self.tell) as arena:
                with self._failures_noted(f"{Benchmark.STORED}, {products:,} products"):
                    offered = results[0].latency.offered if results else None
                    results.append(await measure_stored(arena, self.plan, products, offered=offered))
                    self.report.put("Products in the register", tables.stored_table(results))


def _groups(all: Sequence[Item], *, apart: bool) -> list[Sequence[Item]]:
    """Give those that share servers: each alone, or all together."""
    return [all[number : number + 1] for number in range(len(all))] if apart else [all] if all else []
