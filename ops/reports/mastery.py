"""What the stars of products become when their producers master topics: all their criteria at their best option.

For each star a sheet is a table: what each answer to a unit leaves to gain, and whether it keeps the star away. So
what a choice of topics does is a sum for each product, and the stars are those that scoring the changed answers gives.

Very many products are reckoned at once: in one number that has a byte for each of them, so that one addition adds for
all. No byte overflows, since a sheet has 100 points.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, reduce
from itertools import product
from typing import NamedTuple

from ops.reports.columns import joined
from services.evaluation.assessed import POSITIONS, RatedAnswers
from services.evaluation.rulebook import Criterion, ScoreSheet, Unit
from services.evaluation.scoring import BANDS

#: What a character of an answer is.
_AS_POSITIONS = bytes.maketrans(POSITIONS.encode("ascii"), bytes(range(len(POSITIONS))))
#: The bit of a byte that says yes: what is gained is enough where it brings what is missing up to that.
_YES = 0x80
_BYTES = 0x100


class _Answered(NamedTuple):
    """Where the answers to a unit stand, and how many positions each has: a way to answer is a number of that radix."""

    places: tuple[int, ...]
    sizes: tuple[int, ...]

    def of(self, positions: bytes, leaves: int) -> bytes:
        """Return how each product answered, of which each has so many positions."""
        first, *others = (positions[place::leaves] for place in self.places)
        pairs = zip(others, self.sizes[1:], strict=True)
        return reduce(lambda ways, other: joined(ways, other[0], below=other[1]), pairs, first)


class _Meaning(NamedTuple):
    """What answers to a unit mean for one star: a byte for each.

    `topic` is the place of its topic, `gains` what is left to gain, `keeps_away` whether it keeps the star away, None
    where none does.
    """

    topic: int
    gains: bytes
    keeps_away: bytes | None


class _Distances(NamedTuple):
    """How far products are from a star: `gained` has `_YES`, less what is missing, `gains` what each topic brings.

    `kept_away` has whom the answers to a topic keep from it, and at last those that no topic lifts.
    """

    gained: int
    gains: list[int]
    kept_away: list[int]


class Mastery:
    """The topics on one score sheet. `topics`: criterion → the place of its topic, None for none."""

    def __init__(self, sheet: ScoreSheet, topics: Mapping[str, int | None], number_of_topics: int) -> None:
        self.sheet = sheet
        self.number_of_topics = number_of_topics
        self._topics = topics
        self._answered = [_answered(sheet, unit) for unit in sheet.units]
        self.meanings = cache(self._meanings)

    def answered(self, answers: bytes) -> list[bytes]:
        """Return for each unit how each product answered it."""
        positions = answers.translate(_AS_POSITIONS)
        return [unit.of(positions, len(self.sheet.leaves)) for unit in self._answered]

    def raised(self, rated: RatedAnswers, topic: int) -> list[Criterion]:
        """Return the criteria of a topic that are not at their best option."""
        answered = zip(self.sheet.leaves, map(POSITIONS.index, rated.answers), strict=True)
        own = ((leaf, position) for leaf, position in answered if self._topics[leaf.code] == topic)
        return [leaf for leaf, position in own if leaf.points[position] < leaf.max_points]

    def _meanings(self, star: int, must_declare_quality: bool) -> list[_Meaning]:  # a key
        return [
            _Meaning(self._topic(unit), gains, _keeps_away(unit, unit.floors[star, must_declare_quality]))
            for unit, gains in zip(self.sheet.units, self._gains, strict=True)
        ]

    @cached_property
    def _gains(self) -> list[bytes]:
        return [*map(_gains, self.sheet.units)]

    def _topic(self, unit: Unit) -> int:
        topic = self._topics[unit.codes[0]]
        return self.number_of_topics if topic is None else topic


class Cohort:
    """Products that one sheet rated with the same stars.

    Args:
        mastery: what the topics do on their sheet.
        stars: what they have.
        must_declare_quality: whether they have to.
        answers: those of each. None has a declared elimination, which nothing lifts.
        totals: the points of each.
    """

    def __init__(
        self, mastery: Mastery, stars: int | None, answers: Iterable[str], totals: bytes, *, must_declare_quality: bool
    ) -> None:
        self.stars = stars
        self._mastery = mastery
        self._must_declare_quality = must_declare_quality
        self._answered = mastery.answered("".join(answers).encode("ascii"))
        self._totals = totals
        self._all = _number(bytes([_YES]) * len(totals))
        self._distances = cache(self._distances_to)

    def lifted(self, chosen: Iterable[int]) -> int:
        """Return whom these topics lift: as a set, a bit of its byte for each."""
        return self._reached((self.stars or 0) + 1, frozenset(chosen))

    def reached(self, chosen: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield the stars that those reach whom these topics lift, with who reaches these and no more."""
        topics, star = frozenset(chosen), (self.stars or 0) + 1
        those = self._reached(star, topics)
        while those:
            further = those & self._reached(star + 1, topics) if star < max(BANDS) else 0
            yield star, those & ~further
            those, star = further, star + 1

    def each(self, those: int) -> bytes:
        """Return for each product whether it is among those, 0 for no."""
        return those.to_bytes(len(self._totals), "little")

    def _reached(self, star: int, topics: frozenset[int]) -> int:
        """Return who reaches a star with these topics."""
        gained, gains, (*kept_away, always) = self._distances(star)
        for topic, away in enumerate(kept_away):
            if topic in topics:
                gained += gains[topic]
            else:
                always |= away
        enough = gained & self._all
        return enough ^ (enough & always)

    def _distances_to(self, star: int) -> _Distances:
        gains, kept_away = ([0] * (self._mastery.number_of_topics + 1) for _ in range(2))
        meanings = self._mastery.meanings(star, self._must_declare_quality)
        for answered, meaning in zip(self._answered, meanings, strict=True):
            gains[meaning.topic] += _number(answered.translate(meaning.gains))
            if meaning.keeps_away:
                kept_away[meaning.topic] |= _number(answered.translate(meaning.keeps_away))
        missing = (max(0, BANDS[star] - total) for total in range(_BYTES))
        gained = _number(self._totals.translate(bytes(_YES - each for each in missing)))
        return _Distances(gained, gains, kept_away)


def _answered(sheet: ScoreSheet, unit: Unit) -> _Answered:
    codes = [leaf.code for leaf in sheet.leaves]
    return _Answered(tuple(map(codes.index, unit.codes)), tuple(len(criterion.points) for criterion in unit.criteria))


def _gains(unit: Unit) -> bytes:
    """Return what each way to answer a unit leaves to gain."""
    best = unit.points(tuple(criterion.points.index(criterion.max_points) for criterion in unit.criteria))
    return bytes(best - unit.points(each) for each in _ways(unit)).ljust(_BYTES, b"\0")


def _keeps_away(unit: Unit, floors: tuple[int, ...]) -> bytes | None:
    """Return which ways to answer a unit are below these floors, None where none is."""
    if not any(floors):
        return None
    below = (any(at < floor for at, floor in zip(each, floors, strict=True)) for each in _ways(unit))
    return bytes(_YES * each for each in below).ljust(_BYTES, b"\0")


def _ways(unit: Unit) -> Iterator[tuple[int, ...]]:
    """Yield the positions of all ways to answer a unit, by their numbers."""
    return product(*(range(len(criterion.points)) for criterion in unit.criteria))


def _number(those: bytes) -> int:
    return int.from_bytes(those, "little")
