"""Scoring and advice once more, plain and slow: nothing is kept from one product to the next, and no way left out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from services.evaluation.answers import Answers
from services.evaluation.rulebook import Criterion, ScoreSheet
from services.evaluation.rulebook.sheets import Part
from services.evaluation.scoring import BANDS
from shared.contracts.rating import CriterionPoints, OptionText, PartPoints, UnmetMinimum
from shared.contracts.text import Bilingual


def scored_anew(sheet: ScoreSheet, answers: Answers) -> dict[str, object]:
    """Return what a score says in sentences and points, each put together anew."""
    criteria = tuple(_criterion(sheet, leaf, answers) for leaf in sheet.leaves)
    points = {criterion.code: criterion.points for criterion in criteria}
    unmet = [minimum for leaf in sheet.leaves for minimum in _unmet(leaf, answers)]
    groups = [group for part in sheet.parts for group in part.criteria]
    return {
        "parts": tuple(_sum(part, part.criteria, points) for part in sheet.parts),
        "groups": tuple(_sum(group, [group], points) for group in groups),
        "criteria": criteria,
        "total": sum(points.values()),
        "unmet_minimums": tuple(sorted(unmet, key=lambda minimum: minimum.star)),
    }


def _criterion(sheet: ScoreSheet, leaf: Criterion, answers: Answers) -> CriterionPoints:
    applies = not leaf.applies_if or _points(sheet.criteria[leaf.applies_if], answers.options.get(leaf.applies_if)) > 0
    option = answers.options.get(leaf.code)
    points = _points(leaf, option) if applies else 0
    return CriterionPoints(code=leaf.code, option=option, points=points, max_points=leaf.max_points, applies=applies)


def _points(criterion: Criterion, option: int | None) -> int:
    return criterion.options[option - 1].points if option else 0


def _name(printed: Part | Criterion) -> Bilingual:
    return Bilingual(vi=printed.name.vi, en=printed.name.en)


def _sum(printed: Part | Criterion, below: Iterable[Criterion], points: Mapping[str, int]) -> PartPoints:
    total = sum(points.get(criterion.code, 0) for above in below for criterion in above.walk())
    return PartPoints(code=printed.code, name=_name(printed), points=total, max_points=printed.max_points)


def _unmet(leaf: Criterion, answers: Answers) -> Iterator[UnmetMinimum]:
    if leaf.minimums_if and not answers.must_declare_quality:
        return
    position = answers.options.get(leaf.code, 0)
    for lowest, option in enumerate(leaf.options, 1):
        if option.star and position < lowest:
            has, needs = _text(leaf, position), _text(leaf, lowest)
            yield UnmetMinimum(star=option.star, criterion=leaf.code, name=_name(leaf), has=has, needs=needs)


def _text(leaf: Criterion, position: int) -> OptionText:
    if not position:
        return OptionText(option=0, points=0, text=Bilingual(vi="Chưa đạt mức nào", en="None of the options"))
    option = leaf.options[position - 1]
    return OptionText(option=position, points=option.points, text=Bilingual(vi=option.vi, en=option.en))


def ladder(criterion: Criterion, answers: Answers, case: str) -> list[int]:
    """Return the positions a criterion can take, its present one first."""
    answered = answers.options.get(criterion.code, 0)
    if answered:
        case = criterion.options[answered - 1].case or case
    positions = [i for i, option in enumerate(criterion.options, 1) if option.case in (None, case) and i >= answered]
    return positions if answered or criterion.options[positions[0] - 1].points == 0 else [0, *positions]


#: Points, option steps at what is hard to change, criteria touched, option steps at each: the greatest is the best.
_Rank = tuple[int, int, int, tuple[int, ...]]


def shortest_way(sheet: ScoreSheet, answers: Answers, target: int) -> tuple[int, dict[str, int]]:
    """Return the option steps of the shortest way, and the options that it changes.

    Goes through the sheet once and keeps, for every number of option steps, the best way so far.
    """
    case = next((c for leaf in sheet.leaves for c in [_case(leaf, answers)] if c), "a")
    ladders = {leaf.code: ladder(leaf, answers, case) for leaf in sheet.leaves}
    leaves = [leaf for leaf in sheet.leaves if not leaf.applies_if]
    units = [[leaf, *(other for other in sheet.leaves if other.applies_if == leaf.code)] for leaf in leaves]
    best: dict[int, _Rank] = {0: (0, 0, 0, ())}
    for unit in units:
        ways = list(_ways(sheet, unit, answers, target, ladders))
        best = _ranked((before + steps, _joined(rank, way)) for before, rank in best.items() for steps, way in ways)
    steps = min(steps for steps, rank in best.items() if rank[0] >= BANDS[target])
    climbs = dict(zip((criterion.code for unit in units for criterion in unit), best[steps][3], strict=True))
    return steps, {code: ladders[code][climb] for code, climb in climbs.items() if climb}


def _case(leaf: Criterion, answers: Answers) -> str | None:
    answered = answers.options.get(leaf.code)
    return leaf.options[answered - 1].case if answered else None


def _ways(
    sheet: ScoreSheet, unit: list[Criterion], answers: Answers, target: int, ladders: Mapping[str, list[int]]
) -> Iterator[tuple[int, _Rank]]:
    """Return every way to answer a unit with which the target is possible: its option steps, and its rank."""
    for climbs in product(*(range(len(ladders[criterion.code])) for criterion in unit)):
        options = {c.code: ladders[c.code][climb] for c, climb in zip(unit, climbs, strict=True)}
        points = [_points(criterion, options[criterion.code]) for criterion in unit]
        stops = any(c.code in sheet.stops_at_zero and not n for c, n in zip(unit, points, strict=True))
        reached = replace(answers, options=options)
        if not stops and all(minimum.star > target for criterion in unit for minimum in _unmet(criterion, reached)):
            hard = sum(climb for criterion, climb in zip(unit, climbs, strict=True) if criterion.hard_to_change)
            yield sum(climbs), (sum(points) if points[0] else 0, -hard, -sum(map(bool, climbs)), climbs)


def _joined(rank: _Rank, way: _Rank) -> _Rank:
    return rank[0] + way[0], rank[1] + way[1], rank[2] + way[2], rank[3] + way[3]


def _ranked(ways: Iterable[tuple[int, _Rank]]) -> dict[int, _Rank]:
    best: dict[int, _Rank] = {}
    for steps, rank in ways:
        best[steps] = max(rank, best.get(steps, rank))
    return best
