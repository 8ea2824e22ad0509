"""Advice: the shortest way to the next star.

A step raises one criterion to a better option; it costs one *option step* for each printed option it climbs. Found
exactly, by dynamic programming over the criteria and the option steps spent: the fewest option steps with which the
total reaches the band, every minimum of that star and of the lower ones is met and no 0 stops the evaluation; then the
most points; then the fewest option steps at what a producer can hardly change; then the fewest criteria; then those
that stand first on the sheet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from services.evaluation.answers import Answers
from services.evaluation.rulebook import Criterion, ScoreSheet
from services.evaluation.scoring import BANDS, Score, binding_minimums, option_text, score
from shared.contracts.rating import Advice, Step

#: The ranks of ways that cost the same, in one number: a point outweighs every option step at what is hard to change,
#: and such a step outweighs every criterion that has to be touched.
_POINT, _HARD_STEP, _CRITERION = 1_000_000, -1_000, -1
_IMPOSSIBLE = -(10**12)


@dataclass(frozen=True)
class _Way:
    """One way to answer a unit: a position for each of its criteria, what that costs and what it is worth."""

    positions: tuple[int, ...]
    option_steps: int
    worth: int


@dataclass(frozen=True)
class _Unit:
    """A criterion and those that apply only if it scores above 0: their points depend on each other.

    `rungs` are, for each of them, the positions it can take, upwards from where it stands.
    """

    criteria: tuple[Criterion, ...]
    rungs: tuple[tuple[int, ...], ...]

    @cached_property
    def start(self) -> tuple[int, ...]:
        """Where the criteria stand."""
        return tuple(rungs[0] for rungs in self.rungs)

    def points(self, positions: Sequence[int]) -> int:
        """Add up the points at these positions."""
        first, *others = (c.points_at(position) for c, position in zip(self.criteria, positions, strict=True))
        return first + sum(others) if first else 0

    def ways(self, floors: Mapping[str, int]) -> Iterator[_Way]:
        """Give the ways that reach the floors, the highest positions first."""
        lowest = [floors[criterion.code] for criterion in self.criteria]
        for positions in product(*(reversed(rungs) for rungs in self.rungs)):
            if all(position >= floor for position, floor in zip(positions, lowest, strict=True)):
                yield self._way(positions)

    def _way(self, positions: tuple[int, ...]) -> _Way:
        climbs = [rungs.index(position) for rungs, position in zip(self.rungs, positions, strict=True)]
        hard = sum(climb for climb, criterion in zip(climbs, self.criteria, strict=True) if criterion.hard_to_change)
        gain = self.points(positions) - self.points(self.start)
        worth = gain * _POINT + hard * _HARD_STEP + sum(map(bool, climbs)) * _CRITERION
        return _Way(positions, sum(climbs), worth)


def advise(sheet: ScoreSheet, answers: Answers, rated: Score) -> Advice | None:
    """Give the shortest way from this score to the next star.

    For a sheet that a 0 stops, the target is star 1: to lift the stop. None at 5 stars, or where an elimination is
    declared, which no option can lift.
    """
    if answers.eliminations or rated.stars == max(BANDS):
        return None
    target = 1 if rated.stars is None else rated.stars + 1
    units = _units(sheet, answers)
    ways = [tuple(unit.ways(_floors(sheet, answers, target))) for unit in units]
    chosen = _shortest(ways, BANDS[target] - rated.total)
    steps = tuple(step for unit, way in zip(units, chosen, strict=True) for step in _steps(unit, way.positions))
    after = score(sheet, answers.with_options({step.criterion: step.to_option.option for step in steps}))
    return Advice(
        target_star=target,
        steps=steps,
        option_steps=sum(way.option_steps for way in chosen),
        total_after=after.total,
        stars_after=after.allowed,
    )


def _units(sheet: ScoreSheet, answers: Answers) -> list[_Unit]:
    case = _answered_case(sheet, answers)
    units = []
    for leaf in sheet.leaves:
        if leaf.applies_if is None:
            criteria = (leaf, *(other for other in sheet.leaves if other.applies_if == leaf.code))
            units.append(_Unit(criteria, tuple(_rungs(criterion, answers, case) for criterion in criteria)))
    return units


def _rungs(criterion: Criterion, answers: Answers, case: str) -> tuple[int, ...]:
    """Give the positions upwards from where a criterion stands, within its case.

    Without an answer it stands at its 0-point option, or below its lowest option where that one brings points already.
    """
    answered = answers.options.get(criterion.code)
    if answered is None:
        ladder = criterion.ladders.get(case) or criterion.ladders[None]
        return ladder if criterion.points_at(ladder[0]) == 0 else (0, *ladder)
    ladder = criterion.ladders[criterion.options[answered - 1].case]
    return ladder[ladder.index(answered) :]


def _answered_case(sheet: ScoreSheet, answers: Answers) -> str:
    """Give the case (a, b) that the first criterion answered by case has, a where there is none."""
    answered = (
        leaf.options[answers.options[leaf.code] - 1].case for leaf in sheet.leaves if leaf.code in answers.options
    )
    return next(filter(None, answered), "a")


def _floors(sheet: ScoreSheet, answers: Answers, target: int) -> dict[str, int]:
    """Give the lowest position of each criterion with which the target star is possible, 0 where all are."""
    return {
        leaf.code: max(
            1 + _positions_without_points(leaf) if leaf.code in sheet.stops_at_zero else 0,
            *(lowest for star, lowest in binding_minimums(leaf, answers).items() if star <= target),
            0,
        )
        for leaf in sheet.leaves
    }


def _positions_without_points(criterion: Criterion) -> int:
    return sum(option.points == 0 for option in criterion.options)


def _shortest(ways: Sequence[Sequence[_Way]], missing_points: int) -> list[_Way]:
    """Choose one way for each unit: the fewest option steps that bring the missing points, then the greatest worth."""
    tails = [[0]]
    for choices in reversed(ways):
        tails.append(_best(choices, tails[-1]))
    tails.reverse()
    spent = next(steps for steps, worth in enumerate(tails[0]) if _points(worth) >= missing_points)
    chosen = []
    for choices, best, tail in zip(ways, tails, tails[1:], strict=False):
        chosen.append(next(way for way in choices if _worth_with(way, tail, spent) == best[spent]))
        spent -= chosen[-1].option_steps
    return chosen


def _best(choices: Iterable[_Way], tail: Sequence[int]) -> list[int]:
    """Give the greatest worth for each number of option steps, of these choices and what follows them."""
    best = [_IMPOSSIBLE] * (len(tail) + max(way.option_steps for way in choices))
    for way in choices:
        for steps, worth in enumerate(tail, way.option_steps):
            best[steps] = max(best[steps], worth + way.worth)
    return best


def _worth_with(way: _Way, tail: Sequence[int], steps: int) -> int:
    rest = steps - way.option_steps
    return way.worth + tail[rest] if 0 <= rest < len(tail) else _IMPOSSIBLE


def _points(worth: int) -> int:
    return -(-worth // _POINT)


def _steps(unit: _Unit, positions: Sequence[int]) -> Iterator[Step]:
    """Tell a way as steps. Points of a criterion that now applies belong to the step that makes it apply."""
    first, *others = unit.criteria
    for criterion, before, after in zip(unit.criteria, unit.start, positions, strict=True):
        points = criterion.points_at(after) - criterion.points_at(before)
        if criterion is first and not first.points_at(before):
            points += sum(c.points_at(start) for c, start in zip(others, unit.start[1:], strict=True))
        if after != before:
            yield Step(
                criterion=criterion.code,
                name=criterion.name.text,
                from_option=option_text(criterion, before),
                to_option=option_text(criterion, after),
                points=points,
            )
