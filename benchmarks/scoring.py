"""The rules alone, on one core: how many ratings and how much advice a second."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TypeVar

from benchmarks.latency import percentile
from benchmarks.plan import Plan
from services.evaluation.advice import advise
from services.evaluation.answers import Answers
from services.evaluation.rulebook import ScoreSheet, load_rulebook
from services.evaluation.scoring import score

T = TypeVar("T")


@dataclass(frozen=True)
class Timed:
    """How long each call took, in milliseconds."""

    milliseconds: tuple[float, ...]

    @property
    def per_second(self) -> float:
        """Calls a second."""
        return 1000 * len(self.milliseconds) / sum(self.milliseconds)

    def percentile(self, share: float) -> float:
        """Return the milliseconds that so large a share (0 to 1) of the calls did not exceed."""
        return percentile(self.milliseconds, share)


@dataclass(frozen=True)
class Scoring:
    """Ratings, and the advice on them."""

    ratings: Timed
    advice: Timed


async def measure_scoring(plan: Plan) -> Scoring:
    """Rate drawn answers to all 26 sheets and advise on each; whatever the sheets cache is there beforehand."""
    assessments = _assessments(plan)
    await _rate_and_advise(assessments[: len(assessments) // 10 or 1])
    return await _rate_and_advise(assessments)


async def _rate_and_advise(assessments: list[tuple[ScoreSheet, Answers]]) -> Scoring:
    """Rate and advise, and drop each result at once, as a service does: kept, they would keep the collector busy."""
    ratings, advice = [], []
    for sheet, answers in assessments:
        await asyncio.sleep(0)  # for Ctrl-C to be heard
        rated, took = _timed(partial(score, sheet, answers))
        ratings.append(took)
        advice.append(_timed(partial(advise, sheet, answers, rated))[1])
    return Scoring(Timed(tuple(ratings)), Timed(tuple(advice)))


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    begun = perf_counter()
    result = call()
    return result, 1000 * (perf_counter() - begun)


def _assessments(plan: Plan) -> list[tuple[ScoreSheet, Answers]]:
    """Draw answers: any option of each criterion, or none."""
    draw = random.Random(plan.seed)  # noqa: S311  # repeatable, not secret
    sheets = list(load_rulebook().sheets.values())
    return [(sheet, _answers(sheet, draw)) for sheet in draw.choices(sheets, k=plan.assessments)]


def _answers(sheet: ScoreSheet, draw: random.Random) -> Answers:
    chosen = {leaf.code: draw.randint(0, len(leaf.options)) for leaf in sheet.leaves}
    return Answers(options={code: option for code, option in chosen.items() if option})
