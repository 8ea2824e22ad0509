"""How long the questions of a whole register take: `ocop report` over a commune, a province and the country."""

import asyncio
import gc
import json
import random
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import partial
from io import StringIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from subprocess import run
from time import perf_counter, process_time

import yaml

from benchmarks.arena import PROJECT, Arena, Json, Say, python
from benchmarks.plan import Plan
from benchmarks.search import drawn_products, write_products
from ops.operator_settings import OperatorSettings
from ops.reports.commands import write_renewals, write_statistics, write_targets
from ops.reports.lifting import Held, Listing, write_support, write_training
from ops.reports.output import ReportOutput
from ops.reports.topics import load_topics
from ops.reports.town.commands import TownOutput, Wanted, write_town
from services.evaluation.advice import advise
from services.evaluation.answers import Answers
from services.evaluation.assessed import Assessed, in_short
from services.evaluation.ratings import VIEW
from services.evaluation.rulebook import ScoreSheet, load_rulebook
from services.evaluation.scoring import score
from services.registry.gazetteer import FoundPlace, meant
from services.registry.units import PROVINCES
from shared.clock import system_clock
from shared.handling.history import Version
from shared.handling.now import Mark, NowDocuments
from shared.handling.records import history_document
from shared.handling.write_behind import CAUGHT_UP
from shared.storage import Database
from shared.system import SYSTEM

#: documents that are written at once
_BATCH = 200
_PROVINCE = "01"
_SCOPES = {"a commune": "09574", "a province": _PROVINCE, "the country": ""}
#: Loads what a report needs, and asks nothing.
_COMMAND = python("-m", "ops.cli", "report", "statistics", "--help")
_PROGRAMME = PROJECT / "programmes" / "son-tay-2025.yaml"

#: Processes that have loaded the code, and nothing else.
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([__name__])

#: Asks a question as the command does, once it has started, and prints its answer.
Question = Callable[[], Awaitable[int]]


@dataclass(frozen=True)
class Asked:
    """A question, of what, and how many milliseconds it took each time, and how many of them we computed."""

    question: str
    scope: str
    milliseconds: tuple[float, ...]
    computing: tuple[float, ...]


async def measure_reports(arena: Arena, plan: Plan) -> list[Asked]:
    """Write documents of now and packs of so many products and self-assessments, and ask."""
    arena.say(f"{plan.reported:,} products and self-assessments are written …")
    await write_products(arena, plan.reported, seed=plan.seed)
    await _write_assessments(arena, plan.reported, seed=plan.seed)
    settings = OperatorSettings(None, arena.stack.credentials("operator").mongo_url, None, (), None)
    asked = [_asked(*each, plan.report_times, arena.say) for each in _questions(settings, arena.stack.folder)]
    return [*asked, _started(plan.report_times)]


def _questions(settings: OperatorSettings, folder: Path) -> Iterator[tuple[str, str, Question]]:
    held, out = Held(load_topics(load_rulebook()), "topics.yaml"), ReportOutput(as_json=True)
    for scope, code in _SCOPES.items():
        place = meant(code)[0] if code else None
        programme = _programme(folder, place)
        yield "statistics", scope, partial(write_statistics, settings, place, out)
        yield "renewals", scope, partial(write_renewals, settings, place, out, days=30)
        yield "targets", scope, partial(write_targets, settings, programme, out)
        yield "support", scope, partial(write_support, settings, Listing(place), out)
        yield "training", scope, partial(write_training, settings, Listing(place), out, held)
        yield "town", scope, partial(write_town, settings, Wanted(held, programme), TownOutput(out))


def _programme(folder: Path, place: FoundPlace | None) -> Path:
    """Write Sơn Tây's programme for another place, and return its file."""
    codes = [place.code] if place else [f"{code:02}" for code in PROVINCES]
    content = yaml.safe_load(_PROGRAMME.read_text("utf-8")) | {"places": codes}
    file = folder / f"programme-{len(codes)}-{codes[0]}.yaml"
    file.write_text(json.dumps(content, default=str), "utf-8")  # JSON is YAML, and has its codes in quotes
    return file


def _asked(question: str, scope: str, ask: Question, times: int, say: Say) -> Asked:
    taken = [_in_its_own_process(ask) for _ in range(times)]
    milliseconds, computing = zip(*taken, strict=True)
    say(f"{question} of {scope}: {median(milliseconds):.0f} ms")
    return Asked(question, scope, milliseconds, computing)


def _in_its_own_process(ask: Question) -> tuple[float, float]:
    with ProcessPoolExecutor(1, mp_context=_PROCESSES) as process:
        return process.submit(_first_answer, ask).result()


def _first_answer(ask: Question) -> tuple[float, float]:
    """Return how many milliseconds the first answer takes, and how many of them this process computes.

    What a command loads before it asks, its code and the score sheets, is loaded before.
    """
    load_rulebook()
    gc.freeze()  # as the command does
    began, busy = perf_counter(), process_time()
    with redirect_stdout(StringIO()):
        asyncio.run(_answered(ask))
    return (perf_counter() - began) * 1000, (process_time() - busy) * 1000


async def _answered(ask: Question) -> int:
    return await ask()


def _started(times: int) -> Asked:
    """Return how long the command takes to start, by itself."""
    taken = []
    for _ in range(times):
        began = perf_counter()
        run(_COMMAND, cwd=PROJECT, capture_output=True, check=True)  # noqa: S603  # our own command
        taken.append((perf_counter() - began) * 1000)
    return Asked("the command's start", "", tuple(taken), ())


async def _write_assessments(arena: Arena, count: int, *, seed: int) -> None:
    service = "evaluation"
    database = Database(arena.stack.credentials(service).mongo_url or "", service=service)
    try:
        now = NowDocuments[Assessed](database, SYSTEM.collections[service], VIEW)
        await now.prepare()
        assessed = _assessments(count, seed)
        while batch := list(islice(assessed, _BATCH)):
            await now.write(batch)
        await now.pack()
        await now.set_mark(CAUGHT_UP, Mark(system_clock()))
    finally:
        await database.close()


def _assessments(count: int, seed: int) -> Iterator[Json]:
    """Yield the newest self-assessment of each product: its answers are drawn, most of them good."""
    draw = random.Random(seed)  # noqa: S311  # repeatable, not secret
    sheets = {each.product_set: each for each in load_rulebook().sheets.values()}
    for number, product in enumerate(drawn_products(count, seed)):
        state = _assessed(sheets[product.product_set], product.code, draw)
        yield {"recorded_at": system_clock(), "history": history_document(Version(f"{number}", 1, state))}


def _assessed(sheet: ScoreSheet, code: str, draw: random.Random) -> Assessed:
    least = draw.randint(1, 3)
    options = {leaf.code: draw.randint(min(least, len(leaf.options)), len(leaf.options)) for leaf in sheet.leaves}
    answers = Answers(options)
    scored = score(sheet, answers)
    advice = advise(sheet, answers, scored)
    return Assessed(
        outcome="rated",
        stars=scored.stars,
        total=scored.total,
        product_code=code,
        sequence=1,
        score_sheet=sheet.code,
        answers=in_short(sheet, options),
        option_steps=advice.option_steps if advice else None,
    )
