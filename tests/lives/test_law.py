"""The oracle itself: the cases of LIFECYCLE.md, section 8, and that it shares nothing with the services."""

import ast
from datetime import date
from pathlib import Path

import pytest

from tests.lives.law import dossiers, falling_due
from tests.lives.law.days import last_day, working_days_after
from tests.lives.law.life import Certificate, Life
from tests.lives.law.sheet import Made, Sheet, made_of, sheet_of

LAW = Path(__file__).parent / "law"


def sheet_of_totals() -> Sheet:
    """A sheet on which an option is its own number of points, without marks."""
    return Sheet("-", {"1": tuple(range(1, 101))}, {"1": (None,) * 100}, {})


def made(*totals: int) -> Made:
    return made_of(sheet_of_totals(), [{"1": total} for total in totals], {})


def test_the_oracle_imports_nothing_of_the_project_but_itself() -> None:
    trees = [ast.parse(file.read_text("utf-8")) for file in LAW.glob("*.py")]
    froms = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names = {
        alias.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    ours = {
        name for name in froms | names if name and name.split(".")[0] in {"services", "shared", "ops", "tools", "tests"}
    }
    assert {name for name in ours if not name.startswith("tests.lives.law")} == set()
    assert ours


def test_the_sheets_are_worth_100_points() -> None:
    for number in (3, 6, 22):
        sheet = sheet_of(number)
        assert sheet.total({code: len(points) for code, points in sheet.points.items()}) == 100


@pytest.mark.parametrize(
    ("totals", "shown", "stars"),
    [
        ((90, 90, 89), "89.66", 4),
        ((90, 90, 90), "90.00", 5),
        ((90, 90, 90, 90, 90, 90, 89), "89.85", 4),
        ((70,), "70.00", 4),
    ],
)
def test_a_band_is_decided_on_the_exact_average(totals: tuple[int, ...], shown: str, stars: int) -> None:
    result = made(*totals)
    assert (result.shown, result.stars) == (shown, stars)


def test_a_mark_that_is_missed_leaves_the_star_below() -> None:
    sheet = sheet_of(6)
    best = {code: len(points) for code, points in sheet.points.items()}
    missed = next(code for code, marks in sheet.marks.items() if 5 in marks[1:])
    options = best | {missed: sheet.marks[missed].index(5)}
    result = made_of(sheet, [options], {})
    assert (result.band, result.stars) == (5, 4)


@pytest.mark.parametrize(
    ("issued_on", "ends_on"),
    [
        (date(2026, 8, 31), date(2029, 8, 31)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2026, 5, 22), date(2029, 5, 22)),
    ],
)
def test_a_certificate_is_valid_for_36_months(issued_on: date, ends_on: date) -> None:
    assert last_day(issued_on) == ends_on


@pytest.mark.parametrize(
    ("received_on", "due_on"), [(date(2026, 8, 17), date(2026, 9, 9)), (date(2027, 1, 20), date(2027, 2, 17))]
)
def test_a_commune_has_15_working_days(received_on: date, due_on: date) -> None:
    assert working_days_after(received_on, 15) == due_on


@pytest.mark.parametrize(
    ("filed_on", "answer"),
    [
        (date(2030, 8, 31), "dossier.rejected"),
        (date(2030, 9, 1), "product.rated"),
        (date(2030, 10, 31), "product.rated"),
        (date(2030, 11, 1), "dossier.rejected"),
    ],
)
def test_a_re_evaluation_has_its_window(filed_on: date, answer: str) -> None:
    life = Life(certificates=[Certificate("1", 4, "province", date(2028, 2, 29), date(2031, 2, 28))])
    assert dossiers.file(life, "re-evaluation", filed_on)[0][0] == answer


def test_a_certificate_that_nobody_renews_is_announced_on_each_of_its_days() -> None:
    life = Life(certificates=[Certificate("1", 4, "province", date(2026, 8, 31), date(2029, 8, 31))])
    days = []
    while day := falling_due.next_day(life):
        days += [(day, kind) for kind, *_ in falling_due.fall_due(life, day)]
    assert [str(day) for day, kind in days if kind == "certificate.renewal-due"] == [
        "2029-02-02",
        "2029-03-04",
        "2029-04-03",
        "2029-04-23",
        "2029-05-02",
        "2029-05-04",
    ]
    assert [(str(day), kind) for day, kind in days][6:] == [
        ("2029-08-01", "certificate.expiring"),
        ("2029-09-01", "certificate.expired"),
    ]
