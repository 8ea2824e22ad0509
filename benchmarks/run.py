"""Runs the benchmarks that were asked for, one after the other, and writes the report."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from benchmarks import tables
from benchmarks.arena import Arena, Tell, opened_arena
from benchmarks.chart import Bar, bar_chart
from benchmarks.contestants import OURS, VARIANTS, VHOSTS, Contestant
from benchmarks.growth import measure_backlog, measure_instances, measure_stored
from benchmarks.latency import measure_latency
from benchmarks.machine import broker_version
from benchmarks.plan import Plan
from benchmarks.profile import record_profiles
from benchmarks.report import Report
from benchmarks.scoring import measure_scoring
from benchmarks.start import measure_demo, measure_starts
from benchmarks.throughput import Throughput, measure_throughput


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


#: Benchmarks that share a broker and a database where the plan does not give each its own. `stored` always has its own:
#: the register must hold what it says.
_TOGETHER = (
    (Benchmark.START, Benchmark.LATENCY, Benchmark.INSTANCES, Benchmark.BACKLOG),
    (Benchmark.PROFILE,),
    (Benchmark.STORED,),
)


@dataclass(frozen=True)
class Run:
    """One run: what is measured, of whom, where it is written, and where broker and database lie meanwhile."""

    chosen: frozenset[Benchmark]
    plan: Plan
    contestants: tuple[Contestant, ...]
    report: Report
    folder: Path
    tell: Tell

    async def measure(self) -> int:
        """Measure what is chosen and give the exit code.

        Raises:
            StackError: broker, database or a worker do not start.
            BenchmarkError: a contestant got stuck.
        """
        if Benchmark.SCORING in self.chosen:
            self.report.add("Scoring alone", tables.scoring_table(measure_scoring(self.plan)))
        if Benchmark.THROUGHPUT in self.chosen:
            _add_throughput(self.report, *await self._throughput(self.contestants))
        if Benchmark.SETTINGS in self.chosen:
            variants, _ = await self._throughput(VARIANTS)
            self.report.add("Settings", tables.throughput_table(variants), tables.cost_table(variants))
        each_alone = tuple((each,) for together in _TOGETHER for each in together)
        for together in each_alone if self.plan.fresh_for_each else _TOGETHER:
            if benchmarks := [each for each in together if each in self.chosen]:
                async with opened_arena(self.folder, VHOSTS, self.tell) as arena:
                    for benchmark in benchmarks:
                        self.tell(f"{benchmark} …")
                        await self._measure(benchmark, arena)
        if Benchmark.DEMO in self.chosen:
            seconds = await measure_demo(self.folder, self.plan.demo_runs, self.tell)
            self.report.add("Demo", f"Run {self.plan.demo_runs} of the demo took {seconds:.1f} s.\n")
        return 0

    async def _throughput(self, contestants: tuple[Contestant, ...]) -> tuple[list[Throughput], str]:
        """Measure contestants, and tell the broker's version.

        A database that has much behind it is slower; where the plan can afford it, nobody inherits another's.
        """
        groups = [(each,) for each in contestants] if self.plan.fresh_for_each else [contestants]
        measured: list[Throughput] = []
        broker = ""
        for group in groups:
            async with opened_arena(self.folder, VHOSTS, self.tell) as arena:
                measured += await measure_throughput(arena, group, self.plan)
                broker = await broker_version(arena)
        return measured, broker

    async def _measure(self, benchmark: Benchmark, arena: Arena) -> None:
        report, plan = self.report, self.plan
        match benchmark:
            case Benchmark.START:
                report.add("Start", tables.start_table(await measure_starts(arena, plan)))
            case Benchmark.LATENCY:
                report.add("Latency", tables.latency_table(await measure_latency(arena, plan)))
            case Benchmark.INSTANCES:
                report.add("Instances", tables.instances_table(await measure_instances(arena, plan)))
            case Benchmark.STORED:
                report.add("Products in the register", tables.stored_table(await measure_stored(arena, plan)))
            case Benchmark.BACKLOG:
                report.add("Backlog", tables.backlog_table(await measure_backlog(arena, plan)))
            case Benchmark.PROFILE:
                files = await record_profiles(arena, plan, report.file.parent)
                report.add("Profiles", "".join(f"- [{file.stem}]({file.name})\n" for file in files))


def _add_throughput(report: Report, measured: list[Throughput], broker: str) -> None:
    report.add(
        "Throughput",
        tables.throughput_table(measured),
        f"Broker: {broker}. A round is a backlog, from the first dossier taken to the last alert told.\n",
    )
    bars = [
        Bar(each.contestant.title, each.median, each.slowest, each.fastest, each.contestant is OURS)
        for each in measured
    ]
    title = "Dossiers fully handled a second (median, slowest to fastest round)"
    report.add_chart("throughput", bar_chart(title, bars), title)
    report.add("Cost", tables.cost_table(measured), tables.memory_table(measured))
