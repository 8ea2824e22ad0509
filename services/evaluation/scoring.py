"""Scoring: answers and a score sheet → points, band, unmet minimums, stars. Decision 26/2026, Art. 3.3 and Annex II."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.evaluation.answers import Answers
from services.evaluation.rulebook import Criterion, ScoreSheet
from shared.contracts.rating import CriterionPoints, OptionText, PartPoints, Stop, UnmetMinimum
from shared.contracts.text import Bilingual

#: Star → the lowest total that gives it; the bound itself belongs to the band (Decision 26/2026, Art. 3.3).
BANDS = {5: 90, 4: 70, 3: 50, 2: 30, 1: 0}

_NO_OPTION = Bilingual(vi="Chưa đạt mức nào", en="None of the options")


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
    """Give the star of a total, 0 to 100, which is never rounded: 89.99 is band 4 (Decision 26/2026, Art. 3.3)."""
    return next(star for star, at_least in BANDS.items() if total >= at_least)


def score(sheet: ScoreSheet, answers: Answers) -> Score:
    """Score answers that the sheet knows (`answers.faults` finds none). A criterion without an answer counts 0."""
    criteria = tuple(_criterion_points(sheet, leaf, answers) for leaf in sheet.leaves)
    points = {criterion.code: criterion.points for criterion in criteria}
    total = sum(points.values())
    unmet = unmet_minimums(sheet, answers)
    return Score(
        parts=tuple(_sum(part.code, part.name.text, part.max_points, part.criteria, points) for part in sheet.parts),
        groups=tuple(
            _sum(group.code, group.name.text, group.max_points, [group], points)
            for part in sheet.parts
            for group in part.criteria
        ),
        criteria=criteria,
        total=total,
        band=band(total),
        allowed=min([band(total), *(minimum.star - 1 for minimum in unmet)]),
        stops=tuple(_stops(sheet, answers, points)),
        unmet_minimums=unmet,
        unanswered=tuple(c.code for c in criteria if c.applies and c.option is None),
    )


def binding_minimums(criterion: Criterion, answers: Answers) -> Mapping[int, int]:
    """Give star → lowest allowed position of a criterion, none where they do not bind this product."""
    if criterion.minimums_if == "must-declare-quality" and not answers.must_declare_quality:
        return {}
    return criterion.minimums


def unmet_minimums(sheet: ScoreSheet, answers: Answers) -> tuple[UnmetMinimum, ...]:
    """List the marks that the answers do not meet, by star, then in the order of the sheet."""
    found = [
        UnmetMinimum(
            star=star,
            criterion=leaf.code,
            name=leaf.name.text,
            has=option_text(leaf, answers.options.get(leaf.code, 0)),
            needs=option_text(leaf, lowest),
        )
        for leaf in sheet.leaves
        for star, lowest in binding_minimums(leaf, answers).items()
        if answers.options.get(leaf.code, 0) < lowest
    ]
    return tuple(sorted(found, key=lambda minimum: minimum.star))


def option_text(criterion: Criterion, position: int) -> OptionText:
    """Give the option at a position of a criterion; position 0 is none of them."""
    text = criterion.options[position - 1].text if position else _NO_OPTION
    return OptionText(option=position, points=criterion.points_at(position), text=text)


def _criterion_points(sheet: ScoreSheet, leaf: Criterion, answers: Answers) -> CriterionPoints:
    option = answers.options.get(leaf.code)
    applies = leaf.applies_if is None or _answered_points(sheet.criteria[leaf.applies_if], answers) > 0
    return CriterionPoints(
        code=leaf.code,
        option=option,
        points=_answered_points(leaf, answers) if applies else 0,
        max_points=leaf.max_points,
        applies=applies,
    )


def _answered_points(criterion: Criterion, answers: Answers) -> int:
    return criterion.points_at(answers.options.get(criterion.code, 0))


def _sum(
    code: str, name: Bilingual, max_points: int, criteria: Iterable[Criterion], points: Mapping[str, int]
) -> PartPoints:
    leaves = [leaf for criterion in criteria for leaf in criterion.walk() if leaf.options]
    return PartPoints(code=code, name=name, max_points=max_points, points=sum(points[leaf.code] for leaf in leaves))


def _stops(sheet: ScoreSheet, answers: Answers, points: Mapping[str, int]) -> Iterator[Stop]:
    declared = {code: sheet.eliminations[code] for code in answers.eliminations}
    at_zero = {code: elimination for code, elimination in sheet.stops_at_zero.items() if points[code] == 0}
    stops = {**at_zero, **declared}
    for leaf in sheet.leaves:
        if leaf.code in stops:
            elimination = stops[leaf.code]
            yield Stop(criterion=leaf.code, kind=elimination.kind, reason=elimination.text)
