"""A unit of a score sheet: criteria whose points depend on each other."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

from services.evaluation.rulebook.criteria import Criterion


@dataclass(frozen=True, eq=False)
class Unit:
    """A leaf and those that apply only if it scores above 0.

    `stops_at_zero` are the codes of those at which a 0 stops the evaluation. There is one object for each unit of a
    sheet, so that what is found out of a unit can be kept.
    """

    criteria: tuple[Criterion, ...]
    stops_at_zero: frozenset[str]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes of the criteria."""
        return tuple(criterion.code for criterion in self.criteria)

    def points(self, positions: tuple[int, ...]) -> int:
        """Add up the points at these positions, one for each of the criteria."""
        first, *others = (c.points[position] for c, position in zip(self.criteria, positions, strict=True))
        return first + sum(others) if first else 0

    @cached_property
    def floors(self) -> dict[tuple[int, bool], tuple[int, ...]]:
        """The lowest position of each criterion with which a star is possible, 0 where all are.

        By star, and whether the product must declare its quality.
        """
        if not any(each.minimums or each.code in self.stops_at_zero for each in self.criteria):
            return dict.fromkeys(product(range(1, 6), (True, False)), (0,) * len(self.criteria))
        return {
            (star, must_declare): tuple(
                self._floor(criterion, star, must_declare_quality=must_declare) for criterion in self.criteria
            )
            for star in range(1, 6)
            for must_declare in (True, False)
        }

    def _floor(self, criterion: Criterion, star: int, *, must_declare_quality: bool) -> int:
        above_zero = 1 + sum(option.points == 0 for option in criterion.options)
        minimums = criterion.minimums if criterion.binds(must_declare_quality=must_declare_quality) else {}
        return max(
            above_zero if criterion.code in self.stops_at_zero else 0,
            *(lowest for marked, lowest in minimums.items() if marked <= star),
            0,
        )
