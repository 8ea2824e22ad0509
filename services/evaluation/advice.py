"""Advice: the shortest way to the next star.

A step raises one criterion to a better option; it costs one *option step* for each printed option it climbs. Found
exactly, by dynamic programming over the criteria and the option steps spent: the fewest option steps with which the
total reaches the band, every minimum of that star and of the lower ones is met and no 0 stops the evaluation; then the
most points; then the fewest option steps at what a producer can hardly change; then the fewest criteria; then those
that stand first on the sheet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from services.evaluation.answers import Answers
from services.evaluation.rulebook import Criterion, ScoreSheet, Unit
from services.evaluation.scoring import BANDS, Score, score
from shared.contracts.rating import Advice, Step

#: The ranks of ways that cost the same, in one number: a point outweighs every option step at what is hard to change,
#: and such a step outweighs every criterion that has to be touched.
_POINT, _HARD_STEP, _CRITERION = 1_000_000, -1_000, -1
_NOTHING = -(10**12)

#: Units with where they stand, whose ways are kept: what producers answer to all sheets, in 12 MB at most.
_KEPT = 16_384


class _Way(NamedTuple):
    """One way to answer a unit: the option steps it costs, what it is worth, and a position for each criterion."""

    option_steps: int
    worth: int
    positions: tuple[int, ...]


class Climb(NamedTuple):
    """The shortest way to a star, and how many option steps it has."""

    target_star: int
    steps: tuple[Step, ...]
    option_steps: int


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where the criteria of a unit stand, and the ways on, the highest positions first.

    `least_steps` are the option steps of the cheapest way; what the ways cost is counted beyond them.
    """

    unit: Unit
    start: tuple[int, ...]
    least_steps: int
    ways: tuple[_Way, ...]


def advise(sheet: ScoreSheet, answers: Answers, rated: Score) -> Advice | None:
    """Return the shortest way from this score to the next star.

    For a sheet that a 0 stops, the target is star 1: to lift the stop. None at 5 stars, or where an elimination is
    declared, which no option can lift.
    """
    if answers.eliminations or rated.stars == max(BANDS):
        return None
    way = way_to_next_star(sheet, answers, rated.stars, rated.total)
    after = score(sheet, answers.with_options({step.criterion: step.to_option.option for step in way.steps}))
    return Advice(
        target_star=way.target_star,
        steps=way.steps,
        option_steps=way.option_steps,
        total_after=after.total,
        stars_after=after.allowed,
    )


def way_to_next_star(sheet: ScoreSheet, answers: Answers, stars: int | None, total: int) -> Climb:
    """Return the steps of the advice on answers without eliminations, which have these stars, below 5, and points."""
    target = 1 if stars is None else stars + 1
    standings = _standings(sheet, answers, target)
    chosen = _shortest([standing.ways for standing in standings], BANDS[target] - total)
    return Climb(
        target,
        tuple(step for standing, way in zip(standings, chosen, strict=True) for step in _steps(standing, way)),
        sum(each.least_steps + way.option_steps for each, way in zip(standings, chosen, strict=True)),
    )


def _standings(sheet: ScoreSheet, answers: Answers, target: int) -> list[_Standing]:
    case, options, floors_for = _answered_case(sheet, answers), answers.options, (target, answers.must_declare_quality)
    return [_standing(unit, tuple(map(options.get, unit.codes)), case, unit.floors[floors_for]) for unit in sheet.units]


@lru_cache(_KEPT)
def _standing(unit: Unit, answered: tuple[int | None, ...], case: str, floors: tuple[int, ...]) -> _Standing:
    """Find the ways that reach the floors, as far as they can be part of the shortest."""
    rungs = [_rungs(criterion, option, case) for criterion, option in zip(unit.criteria, answered, strict=True)]
    start = tuple(positions[0] for positions in rungs)
    climbable = (
        [rung for rung in enumerate(positions) if rung[1] >= floor]
        for positions, floor in zip(rungs, floors, strict=True)
    )
    ways = _worth_their_steps(_way(unit, start, climb) for climb in product(*climbable))
    least = min(way.option_steps for way in ways)
    return _Standing(unit, start, least, tuple(way._replace(option_steps=way.option_steps - least) for way in ways))


def _rungs(criterion: Criterion, answered: int | None, case: str) -> tuple[int, ...]:
    """Return the positions upwards from where a criterion stands, within its case.

    Without an answer it stands at its 0-point option, or below its lowest option where that one brings points already.
    """
    if answered is None:
        ladder = criterion.ladders.get(case) or criterion.ladders[None]
        return ladder if criterion.points[ladder[0]] == 0 else (0, *ladder)
    ladder = criterion.ladders[criterion.options[answered - 1].case]
    return ladder[ladder.index(answered) :]


def _answered_case(sheet: ScoreSheet, answers: Answers) -> str:
    """Return the case (a, b) that the first criterion answered by case has, a where there is none."""
    answered = (
        leaf.options[answers.options[leaf.code] - 1].case for leaf in sheet.cased if leaf.code in answers.options
    )
    return next(filter(None, answered), "a")


def _way(unit: Unit, start: tuple[int, ...], climb: tuple[tuple[int, int], ...]) -> _Way:
    """Return the way of a climb: for each criterion the option steps, and the position to which they lead."""
    steps, positions = zip(*climb, strict=True)
    hard = sum(n for n, criterion in zip(steps, unit.criteria, strict=True) if criterion.hard_to_change)
    gain = unit.points(positions) - unit.points(start)
    worth = gain * _POINT + hard * _HARD_STEP + sum(map(bool, steps)) * _CRITERION
    return _Way(sum(steps), worth, positions)


def _worth_their_steps(ways: Iterable[_Way]) -> list[_Way]:
    """Leave out what costs as much as another or more and is worth no more; give the highest positions first."""
    best: list[_Way] = []
    for way in sorted(ways, key=lambda way: (-way.option_steps, way.worth, way.positions), reverse=True):
        if not best or way.worth > best[-1].worth:
            best.append(way)
    return sorted(best, key=lambda way: way.positions, reverse=True)


def _shortest(ways: Sequence[Sequence[_Way]], missing_points: int) -> list[_Way]:
    """Choose one way for each unit: the fewest option steps that bring the missing points, then the greatest worth."""
    tables: list[list[int]] = [[] for _ in range(len(ways) + 1)]
    last_first = list(zip(reversed(ways), tables[-2::-1], tables[:0:-1], strict=True))
    for spent in range(1 + sum(max(choices).option_steps for choices in ways)):
        tables[-1].append(0)
        for choices, table, behind in last_first:
            table.append(_best(choices, behind, spent))
        if _points(tables[0][spent]) >= missing_points:
            return _chosen(ways, tables, spent)
    raise ValueError("no way leads there")


def _best(choices: Sequence[_Way], behind: Sequence[int], spent: int) -> int:
    """Return the greatest worth of these choices and what follows them, with no more than these option steps spent."""
    best = _NOTHING
    for option_steps, worth, _ in choices:
        if option_steps <= spent:
            best = max(best, worth + behind[spent - option_steps])
    return best


def _chosen(ways: Sequence[Sequence[_Way]], tables: Sequence[Sequence[int]], spent: int) -> list[_Way]:
    """Follow the greatest worth from unit to unit; of equal ways, that with the highest positions."""
    chosen = []
    for choices, table, behind in zip(ways, tables, tables[1:], strict=False):
        way = next(way for way in choices if _best((way,), behind, spent) == table[spent])
        chosen.append(way)
        spent -= way.option_steps
    return chosen


def _points(worth: int) -> int:
    return -(-worth // _POINT)


def _steps(standing: _Standing, way: _Way) -> Iterator[Step]:
    """Return a way as steps. Points of a criterion that now applies belong to the step that makes it apply."""
    first, *others = standing.unit.criteria
    for criterion, before, after in zip(standing.unit.criteria, standing.start, way.positions, strict=True):
        points = criterion.points[after] - criterion.points[before]
        if criterion is first and not first.points[before]:
            points += sum(c.points[start] for c, start in zip(others, standing.start[1:], strict=True))
        if after != before:
            yield Step(
                criterion=criterion.code,
                name=criterion.name.text,
                from_option=criterion.option_texts[before],
                to_option=criterion.option_texts[after],
                points=points,
            )
