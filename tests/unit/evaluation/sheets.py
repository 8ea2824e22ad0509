"""The rulebook in force, ways to answer its sheets, and small sheets drawn by hypothesis."""

from hypothesis import strategies as st

from services.evaluation.answers import Answers
from services.evaluation.rulebook import Rulebook, ScoreSheet, load_rulebook

ALL_SETS = range(1, 27)


def rulebook() -> Rulebook:
    return load_rulebook()


def sheet(product_set: int) -> ScoreSheet:
    return rulebook().sheets[product_set]


def everything_at_its_best(score_sheet: ScoreSheet, *, case: str = "a") -> dict[str, int]:
    ladders = {leaf.code: leaf.ladders.get(case) or leaf.ladders[None] for leaf in score_sheet.leaves}
    return {code: ladder[-1] for code, ladder in ladders.items()}


def options(line: str) -> dict[str, int]:
    """Read `1.1=3 1.2=1`, one option a criterion."""
    return {code: int(option) for code, option in (answer.split("=") for answer in line.split())}


@st.composite
def answers(draw: st.DrawFn, score_sheet: ScoreSheet) -> Answers:
    """Return any answers that the sheet knows; some criteria may stay without one."""
    chosen = {leaf.code: draw(st.integers(0, len(leaf.options))) for leaf in score_sheet.leaves}
    return Answers(
        options={code: option for code, option in chosen.items() if option},
        must_declare_quality=draw(st.booleans()),
    )


@st.composite
def small_sheets(draw: st.DrawFn) -> ScoreSheet:
    """Return a sheet of five criteria with every rule that a sheet can have, few enough to try all ways out of it."""
    in_a, in_b = draw(st.integers(1, 39)), draw(st.integers(1, 24))
    story = _plain(draw, "3", in_b)
    parts = {
        "A": (40, [_plain(draw, "1", in_a), _plain(draw, "2", 40 - in_a)]),
        "B": (
            25,
            [story, _depending(draw, "4", 25 - in_b, on="3") if draw(st.booleans()) else _cased(draw, 25 - in_b)],
        ),
        "C": (35, [_plain(draw, "5", 35)]),
    }
    name = {"vi": "Phiếu nhỏ", "en": "Small sheet"}
    return ScoreSheet.model_validate(
        {
            "code": "small",
            "product_set": 1,
            "name": name,
            "group": {"code": "I", **name},
            "annex_1_item": "I.1",
            "lead_ministries": [name],
            "samples": 5,
            "parts": [
                {"code": code, "name": name, "max_points": points, "criteria": criteria}
                for code, (points, criteria) in parts.items()
            ],
        }
    )


def _plain(draw: st.DrawFn, code: str, max_points: int) -> dict[str, object]:
    points = _points(draw, max_points)
    stars = draw(st.lists(st.sampled_from([3, 4, 5]), unique=True, max_size=min(2, len(points))).map(sorted))
    places = sorted(draw(st.permutations(range(len(points))))[: len(stars)])
    marks = {place: star for place, star in zip(places, stars, strict=True) if points[place]}
    criterion = _criterion(code, max_points, [_option(value, star=marks.get(i)) for i, value in enumerate(points)])
    criterion["hard_to_change"] = draw(st.booleans())
    if draw(st.booleans()) and marks:
        criterion["minimums_if"] = "must-declare-quality"
    if draw(st.sampled_from([True, *[False] * 9])):
        stop = {"kind": "stop-evaluation", "stops_at_zero": [code], "vi": "Dừng đánh giá.", "en": "Evaluation stops."}
        criterion["elimination"] = stop
    return criterion


def _depending(draw: st.DrawFn, code: str, max_points: int, *, on: str) -> dict[str, object]:
    return {
        **_criterion(code, max_points, [_option(points) for points in _points(draw, max_points)]),
        "applies_if": on,
        "hard_to_change": draw(st.booleans()),
    }


def _cased(draw: st.DrawFn, max_points: int) -> dict[str, object]:
    printed = [_option(points, case=case) for case in "ab" for points in _points(draw, max_points)]
    return _criterion("4", max_points, printed)


def _points(draw: st.DrawFn, max_points: int) -> list[int]:
    """Draw points that rise by much the same from option to option, so that many ways on cost and bring the same."""
    points = [max_points]
    for climb in draw(st.lists(st.sampled_from([0, 5, 5, 10, 40]), max_size=2)):
        points.insert(0, max(0, points[0] - climb))
    return points


def _criterion(code: str, max_points: int, printed: list[dict[str, object]]) -> dict[str, object]:
    name = {"vi": f"Tiêu chí {code}", "en": f"Criterion {code}"}
    return {"code": code, "name": name, "max_points": max_points, "options": printed}


def _option(points: int, **rest: object) -> dict[str, object]:
    return {"points": points, "vi": f"{points} điểm", "en": f"{points} points", **rest}
