"""What a product's stars become when its producer masters topics: all their criteria at their best option.

For each star a sheet is a table: what each answer to a unit leaves to gain, and whether it keeps the star away. So
what a choice of topics does is a sum for each product, and the stars are those that scoring the changed answers gives.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from itertools import product
from operator import itemgetter
from typing import NamedTuple

from services.evaluation.assessed import POSITIONS, RatedAnswers
from services.evaluation.rulebook import Criterion, ScoreSheet, Unit
from services.evaluation.scoring import BANDS


class Distance(NamedTuple):
    """What stands between a product and a star.

    `missing` are points, `gains` those that each topic brings; `needed` the topics without which a minimum is unmet or
    a 0 stops the evaluation, a bit each, one more for what no topic lifts.
    """

    missing: int
    gains: tuple[int, ...]
    needed: int

    def is_closed_by(self, chosen: int) -> bool:
        """Return whether the star is reached with these topics, a bit each."""
        if self.needed & ~chosen:
            return False
        return self.missing <= sum(gain for place, gain in enumerate(self.gains) if chosen >> place & 1)


class _Answer(NamedTuple):
    """What an answer to a unit leaves to gain, and the bit of its topic where it keeps the star away."""

    gain: int
    keeps_away: int


class _UnitTable(NamedTuple):
    """A unit for one star: where its answers stand, the place of its topic, and what each answer means."""

    answer_in: Callable[[str], Hashable]
    topic: int
    meaning: Mapping[Hashable, _Answer]


class Mastery:
    """The topics on one score sheet. `topics`: criterion → the place of its topic, None for none."""

    def __init__(self, sheet: ScoreSheet, topics: Mapping[str, int | None], number_of_topics: int) -> None:
        self.sheet = sheet
        self._topics = topics
        self._number = number_of_topics
        self._tables = cache(self._tables_for)

    def distance(self, rated: RatedAnswers, star: int) -> Distance:
        """Return what stands between a product and a star, unless an elimination is declared, which nothing lifts."""
        answers, needed = rated.answers, 1 << self._number if rated.eliminated else 0
        gains = [0] * (self._number + 1)
        for answer_in, topic, meaning in self._tables(star, rated.must_declare_quality):
            gain, keeps_away = meaning[answer_in(answers)]
            gains[topic] += gain
            needed |= keeps_away
        return Distance(max(0, BANDS[star] - rated.total), tuple(gains[:-1]), needed)

    def stars_with(self, rated: RatedAnswers, chosen: int) -> int | None:
        """Return the stars of a product whose producer has mastered these topics, a bit each."""
        stars = rated.stars
        for star in range((stars or 0) + 1, max(BANDS) + 1):
            if not self.distance(rated, star).is_closed_by(chosen):
                break
            stars = star
        return stars

    def raised(self, rated: RatedAnswers, topic: int) -> list[Criterion]:
        """Return the criteria of a topic that are not at their best option."""
        answered = zip(self.sheet.leaves, map(POSITIONS.index, rated.answers), strict=True)
        own = ((leaf, position) for leaf, position in answered if self._topics[leaf.code] == topic)
        return [leaf for leaf, position in own if leaf.points[position] < leaf.max_points]

    def _tables_for(self, star: int, must_declare_quality: bool) -> tuple[_UnitTable, ...]:  # a key
        return tuple(self._table(unit, unit.floors[star, must_declare_quality]) for unit in self.sheet.units)

    def _table(self, unit: Unit, floors: tuple[int, ...]) -> _UnitTable:
        codes = [leaf.code for leaf in self.sheet.leaves]
        topic = self._topics[unit.codes[0]]
        place = self._number if topic is None else topic
        meaning = {_written(at): _answer(unit, at, floors, 1 << place) for at in _all_positions(unit)}
        return _UnitTable(itemgetter(*map(codes.index, unit.codes)), place, meaning)


def _all_positions(unit: Unit) -> Iterator[tuple[int, ...]]:
    return product(*(range(len(criterion.points)) for criterion in unit.criteria))


def _written(positions: tuple[int, ...]) -> Hashable:
    """Return how positions stand among answers: as one character, or several."""
    first, *others = (POSITIONS[position] for position in positions)
    return (first, *others) if others else first


def _answer(unit: Unit, positions: tuple[int, ...], floors: tuple[int, ...], bit: int) -> _Answer:
    best = tuple(criterion.points.index(criterion.max_points) for criterion in unit.criteria)
    is_below = any(position < floor for position, floor in zip(positions, floors, strict=True))
    return _Answer(unit.points(best) - unit.points(positions), bit if is_below else 0)
