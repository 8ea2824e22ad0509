"""Scoring: answers and a score sheet → points, band, unmet minimums, stars. Decision 26/2026, Art. 3.3 and Annex II."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from operator import attrgetter

from services.evaluation.answers import Answers
from services.evaluation.rulebook import Criterion, ScoreSheet
from shared.contracts.rating import CriterionPoints, PartPoints, Stop, UnmetMinimum

#: Star → the lowest total that gives it; the bound itself belongs to the band (Decision 26/2026, Art. 3.3).
BANDS = {5: 90, 4: 70, 3: 50, 2: 30, 1: 0}


@dataclass(frozen=True)
class Score:
    """A score sheet filled in, added up and read.

    `band` is the star of the total alone, `allowed` the one that the minimums leave of it. Each mark that is not met
    stands in `unmet_minimums` once, with its own star: it binds every higher star too.
    """

    parts: tuple[PartPoints, ...]
    groups: tuple[PartPoints, ...]
    criteria: tuple[CriterionPoints, ...]
    total: int
    band: int
    allowed: int
    stops: tuple[Stop, ...]
    unmet_minimums: tuple[UnmetMinimum, ...]
    unanswered: tuple[str, ...]

    @property
    def stars(self) -> int | None:
        """The stars of the product, None where the sheet stops the evaluation."""
        return None if self.stops else self.allowed


def band(total: int | Fraction | Decimal) -> int:
    """Return the star of a total, 0 to 100, which is never rounded: 89.99 is band 4 (Decision 26/2026, Art. 3.3)."""
    return next(star for star, at_least in BANDS.items() if total >= at_least)


def score(sheet: ScoreSheet, answers: Answers) -> Score:
    """Score answers that the sheet knows (`answers.faults` finds none). A criterion without an answer counts 0."""
    options, idle = answers.options, _idle(sheet, answers.options)
    criteria = [leaf.filled_in[options.get(leaf.code), leaf.code not in idle] for leaf in sheet.leaves]
    points = {criterion.code: criterion.points for criterion in criteria}
    total = sum(points.values())
    unmet = unmet_minimums(sheet, answers)
    groups = [[_added_up(group, points) for group in part.criteria] for part in sheet.parts]
    return Score(
        parts=tuple(
            part.added_up[sum(group.points for group in below)] for part, below in zip(sheet.parts, groups, strict=True)
        ),
        groups=tuple(chain.from_iterable(groups)),
        criteria=tuple(criteria),
        total=total,
        band=band(total),
        allowed=min([band(total), *(minimum.star - 1 for minimum in unmet)]),
        stops=tuple(_stops(sheet, answers, points)),
        unmet_minimums=unmet,
        unanswered=tuple(c.code for c in criteria if c.option is None and c.applies),
    )


def unmet_minimums(sheet: ScoreSheet, answers: Answers) -> tuple[UnmetMinimum, ...]:
    """List the marks that the answers do not meet, by star, then in the order of the sheet."""
    found = [
        unmet
        for leaf in sheet.marked
        for unmet in leaf.shortfalls[answers.options.get(leaf.code, 0)]
        if leaf.binds(must_declare_quality=answers.must_declare_quality)
    ]
    return tuple(sorted(found, key=attrgetter("star")))


def _idle(sheet: ScoreSheet, options: Mapping[str, int]) -> set[str]:
    """Return the leaves that do not apply: the criterion that they depend on scores 0."""
    return {leaf.code for condition, leaf in sheet.conditional if not condition.points[options.get(condition.code, 0)]}


def _added_up(group: Criterion, points: Mapping[str, int]) -> PartPoints:
    return group.added_up[sum(map(points.__getitem__, group.leaf_codes))]


def _stops(sheet: ScoreSheet, answers: Answers, points: Mapping[str, int]) -> Iterator[Stop]:
    declared = {code: sheet.eliminations[code] for code in answers.eliminations}
    at_zero = {code: elimination for code, elimination in sheet.stops_at_zero.items() if points[code] == 0}
    stops = {**at_zero, **declared}
    for leaf in sheet.leaves:
        if leaf.code in stops:
            elimination = stops[leaf.code]
            yield Stop(criterion=leaf.code, kind=elimination.kind, reason=elimination.text)
