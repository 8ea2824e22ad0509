"""Runs the benchmarks that were asked for, one after the other, and writes the report."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path

from benchmarks import tables
from benchmarks.arena import Arena, BenchmarkError, Say, opened_arena
from benchmarks.channels import measure_channels
from benchmarks.chart import Bar, bar_chart
from benchmarks.contestants import OURS, VARIANTS, VHOSTS, Contestant
from benchmarks.councils import measure_councils
from benchmarks.country.measuring import measure_country
from benchmarks.country.offices import integrations
from benchmarks.country.table import country_tables
from benchmarks.goals import Results, goals_table
from benchmarks.growth import Instances, Stretch, measure_backlog, measure_instances, measure_stored
from benchmarks.latency import AT_THE_SAME_LOAD, LOW_LOAD, latency_at
from benchmarks.machine import broker_version
from benchmarks.plan import Plan
from benchmarks.profile import record_profiles
from benchmarks.reading import measure_reading
from benchmarks.registries import PLACES, Registries, measure_registries
from benchmarks.report import Report
from benchmarks.reports import measure_reports
from benchmarks.scoring import measure_scoring
from benchmarks.search import measure_search
from benchmarks.start import measure_demo, measure_starts
from benchmarks.throughput import Throughput, measure_throughput
from tools.stack import StackError
from tools.stack.lock import locked

#: Opens broker and database for one measurement: fresh ones, or those that all of a small run share.
Servers = Callable[[], AbstractAsyncContextManager[Arena]]


class Benchmark(StrEnum):
    """What can be measured."""

    SCORING = "scoring"
    READING = "reading"
    START = "start"
    DEMO = "demo"
    THROUGHPUT = "throughput"
    SETTINGS = "settings"
    LATENCY = "latency"
    INSTANCES = "instances"
    REGISTRIES = "registries"
    COUNCILS = "councils"
    CHANNELS = "channels"
    COUNTRY = "country"
    STORED = "stored"
    SEARCH = "search"
    REPORTS = "reports"
    BACKLOG = "backlog"
    PROFILE = "profile"


#: What a run without a choice measures. Profiles slow what they watch, and not everybody may make them.
USUAL = frozenset(Benchmark) - {Benchmark.PROFILE}


@dataclass(frozen=True)
class Run:
    """One run: what is measured, of whom, where it is written, and where broker and database lie meanwhile.

    What fails is printed and stands in the report; the rest is measured all the same.
    """

    chosen: frozenset[Benchmark]
    plan: Plan
    contestants: tuple[Contestant, ...]
    report: Report
    folder: Path
    say: Say
    failures: list[str] = field(default_factory=list)
    results: Results = field(default_factory=Results)

    async def measure(self) -> int:
        """Measure what is chosen and return the exit code: 1 where something could not be measured.

        Raises:
            AlreadyRunningError: another run has the folder.
        """
        await asyncio.to_thread(self.folder.mkdir, parents=True, exist_ok=True)
        try:
            with locked(self.folder):
                await self._measure()
        finally:
            with suppress(OSError):  # what else lies there stays
                await asyncio.to_thread(self.folder.rmdir)
        return 1 if self.failures else 0

    async def _measure(self) -> None:
        if Benchmark.SCORING in self.chosen:
            self.say(f"{Benchmark.SCORING} …")
            self.report.put("Scoring alone", tables.scoring_table(await measure_scoring(self.plan)))
        if Benchmark.READING in self.chosen:
            self.say(f"{Benchmark.READING} …")
            self.report.put("Reading alone", tables.reading_table(await measure_reading(self.plan)))
        if self.plan.fresh_for_each:
            await self._measure_on(self._opened)
        else:
            async with self._opened() as shared:
                await self._measure_on(lambda: nullcontext(shared))
        if Benchmark.STORED in self.chosen:
            await self._measure_stored()
        if Benchmark.COUNTRY in self.chosen:
            knowing_offices = partial(opened_arena, self.folder / "stack", (), self.say, integrations=integrations())
            await self._try(knowing_offices, Benchmark.COUNTRY, self._measure_country)
        if Benchmark.SEARCH in self.chosen:
            what = f"{Benchmark.SEARCH}: {self.plan.searched:,} products"
            await self._try(self._opened, what, self._measure_search)
        if Benchmark.REPORTS in self.chosen:
            what = f"{Benchmark.REPORTS}: {self.plan.reported:,} products"
            await self._try(self._opened, what, self._measure_reports)
        if Benchmark.DEMO in self.chosen:
            with self._failures_noted(Benchmark.DEMO):
                seconds = await measure_demo(self.folder / "ocop-demo", self.plan.demo_runs, self.say)
                self.report.put("Demo", f"Run {self.plan.demo_runs} of the demo took {seconds:.1f} s.\n")

    async def _measure_on(self, servers: Servers) -> None:
        if Benchmark.THROUGHPUT in self.chosen:
            await self._measure_rounds(servers, Benchmark.THROUGHPUT, self.contestants, self._put_throughput)
        if Benchmark.SETTINGS in self.chosen:
            await self._measure_rounds(servers, Benchmark.SETTINGS, VARIANTS[: self.plan.variants], self._put_settings)
        if Benchmark.START in self.chosen:
            await self._try(servers, Benchmark.START, self._measure_starts)
        if Benchmark.LATENCY in self.chosen:
            await self._measure_latency(servers)
        if Benchmark.INSTANCES in self.chosen:
            await self._measure_instances(servers)
        if Benchmark.REGISTRIES in self.chosen:
            await self._measure_registries(servers)
        others = {
            Benchmark.COUNCILS: self._measure_councils,
            Benchmark.CHANNELS: self._measure_channels,
            Benchmark.BACKLOG: self._measure_backlog,
            Benchmark.PROFILE: self._record_profiles,
        }
        for benchmark in (each for each in others if each in self.chosen):
            await self._try(servers, benchmark, others[benchmark])

    def _opened(self) -> AbstractAsyncContextManager[Arena]:
        return opened_arena(self.folder / "stack", VHOSTS, self.say)

    async def _try(self, servers: Servers, what: str, measure: Callable[[Arena], Awaitable[None]]) -> None:
        """Measure on these servers; a failure, also of the servers, is noted and goes no further."""
        self.say(f"{what} …")
        with self._failures_noted(what):
            async with servers() as arena:
                await measure(arena)

    @contextmanager
    def _failures_noted(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # whatever it is, an hour of other figures must not go with it
            known = isinstance(error, BenchmarkError | StackError)
            said = str(error) if known else "".join(traceback.format_exception(error))
            self.say(f"{what} failed: {said}")
            self.failures.append(f"{what}: {said}")
            self.report.put("Failed", *(f"```\n{failure}\n```\n" for failure in self.failures))

    async def _measure_rounds(
        self,
        servers: Servers,
        benchmark: Benchmark,
        contestants: tuple[Contestant, ...],
        put: Callable[[Sequence[Throughput], str], None],
    ) -> None:
        """Measure contestants, there and back, so that a machine that drifts does not favour the first or the last."""
        measured: dict[str, Throughput] = {}

        async def measure(contestant: Contestant, number: int, arena: Arena) -> None:
            run = f"{benchmark}-{contestant.name}-{number}"
            again = await measure_throughput(arena, contestant, self.plan, run=run)
            before = measured.get(contestant.name)
            measured[contestant.name] = before.with_rounds_of(again) if before else again
            put([measured[each.name] for each in contestants if each.name in measured], await broker_version(arena))

        for number in range(self.plan.passes if benchmark is Benchmark.THROUGHPUT else 1):
            for contestant in contestants[::-1] if number % 2 else contestants:
                await self._try(servers, f"{benchmark}: {contestant.title}", partial(measure, contestant, number))

    def _put_goals(self) -> None:
        self.report.put("Goals", goals_table(self.results))

    def _put_throughput(self, measured: Sequence[Throughput], broker: str) -> None:
        title = "Dossiers fully handled a second (median, slowest to fastest round)"
        bars = [
            Bar(each.contestant.title, each.median, each.slowest, each.fastest, each.contestant is OURS)
            for each in measured
        ]
        self.report.put(
            "Throughput",
            tables.throughput_table(measured),
            f"Broker: {broker}. A round is a backlog, from the first dossier taken to the last alert recorded.\n",
            self.report.chart("throughput", bar_chart(title, bars), title),
        )
        self.report.put("Cost", tables.cost_table(measured), tables.memory_table(measured))
        self.results.throughput = measured
        self._put_goals()

    def _put_settings(self, measured: Sequence[Throughput], _: str) -> None:
        self.report.put("Settings", tables.throughput_table(measured), tables.cost_table(measured))

    async def _measure_starts(self, arena: Arena) -> None:
        self.report.put("Start", tables.start_table(await measure_starts(arena, self.plan)))

    async def _measure_latency(self, servers: Servers) -> None:
        """Measure at half of the services' throughput, which is measured first, and at a low load."""
        load: list[float] = []

        async def measure_load(arena: Arena) -> None:
            load.append((await measure_throughput(arena, OURS, self.plan, run="load")).median / 2)

        async def measure(contestant: Contestant, arena: Arena) -> None:
            self.results.latencies += await latency_at(arena, contestant, [*load, LOW_LOAD], self.plan)
            self.report.put("Latency", tables.latency_table(self.results.latencies))
            self._put_goals()

        await self._try(servers, f"{Benchmark.LATENCY}: the load", measure_load)
        asked = [each for each in AT_THE_SAME_LOAD if each.name not in self.plan.latency_without]
        for contestant in (each for each in asked if load and each in self.contestants):
            await self._try(servers, f"{Benchmark.LATENCY}: {contestant.title}", partial(measure, contestant))

    async def _measure_instances(self, servers: Servers) -> None:
        results: list[Instances] = []

        async def measure(count: int, arena: Arena) -> None:
            results.append(await measure_instances(arena, self.plan, count))
            self.report.put("Instances", tables.instances_table(results))

        for count in self.plan.instances:
            await self._try(servers, f"{Benchmark.INSTANCES}: {count} of each", partial(measure, count))

    async def _measure_registries(self, servers: Servers) -> None:
        """Measure one, two and four registries, on one commune and on several."""
        results: list[Registries] = []

        async def measure(registries: int, communes: int, arena: Arena) -> None:
            results.append(await measure_registries(arena, self.plan, registries, communes))
            self.report.put("Registries on few communes", tables.registries_table(results))

        for communes in PLACES:
            for registries in self.plan.registries:
                what = f"{Benchmark.REGISTRIES}: {registries} on {communes} communes"
                await self._try(servers, what, partial(measure, registries, communes))

    async def _measure_councils(self, arena: Arena) -> None:
        self.report.put("A council's session", tables.councils_table(await measure_councils(arena, self.plan)))

    async def _measure_channels(self, arena: Arena) -> None:
        self.report.put(
            "Mail beside a receiver that hangs", tables.channels_table(await measure_channels(arena, self.plan))
        )

    async def _measure_stored(self) -> None:
        """Measure with fuller and fuller registers, each on servers of its own; latency at the first one's load."""
        results = self.results.stored

        async def measure(products: int, arena: Arena) -> None:
            offered = results[0].latency.offered if results else None
            results.append(await measure_stored(arena, self.plan, products, offered=offered))
            self.report.put("Products in the register", tables.stored_table(results))
            self._put_goals()

        for products in self.plan.stored:
            await self._try(self._opened, f"{Benchmark.STORED}: {products:,} products", partial(measure, products))

    async def _measure_country(self, arena: Arena) -> None:
        self.report.put("A day of the country", *country_tables(await measure_country(arena, self.plan)))

    async def _measure_search(self, arena: Arena) -> None:
        answered = await measure_search(arena, self.plan, self.plan.searched)
        self.report.put(f"Search among {self.plan.searched:,} products", tables.search_table(answered))

    async def _measure_reports(self, arena: Arena) -> None:
        asked = await measure_reports(arena, self.plan)
        self.report.put(f"Reports on {self.plan.reported:,} products", tables.reports_table(asked))

    async def _measure_backlog(self, arena: Arena) -> None:
        stretches: list[Stretch] = []
        async for stretch in measure_backlog(arena, self.plan):
            stretches.append(stretch)
            self.report.put("Backlog", tables.backlog_table(stretches))

    async def _record_profiles(self, arena: Arena) -> None:
        files = await record_profiles(arena, self.plan, self.report.file.parent)
        self.report.put("Profiles", "".join(f"- [{file.stem}]({file.name})\n" for file in files))
