"""The charts of the town's page look as those that are kept: whoever changes one keeps it anew, and looks at it."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

from ops.reports.report import Report, Section
from ops.reports.town.drawing import _SHADES
from tests.unit.ops.reports import a_town
from tests.unit.ops.reports.pictures import KEPT, SEEN, difference, kept, pictures

DRAWN = ("targets", "stars", "groups", "communes", "quarters", "distances", "topics")


@cache
def of_the_town() -> Report:
    return a_town.report()


def changed(name: str, column: str, by: int) -> Report:
    """Return the report with the last number of a column that is not 0 changed."""
    section = of_the_town().section(name)
    place = [each.name for each in section.columns].index(column)
    rows = [list(row) for row in section.rows]
    row = next(row for row in reversed(rows) if row[place])
    row[place] = int(str(row[place])) + by
    return with_section(replace(section, rows=rows))


def with_section(section: Section) -> Report:
    return replace(of_the_town(), sections=[section])


def test_the_sections_with_numbers_to_compare_are_drawn_and_each_is_kept() -> None:
    assert set(pictures(of_the_town())) == set(DRAWN) == {each.stem for each in KEPT.glob("*.png")}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_looks_as_it_is_kept(name: str) -> None:
    (picture,) = pictures(with_section(of_the_town().section(name))).values()

    assert difference(picture, kept(name)) < SEEN


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("targets", "reached"),
        ("stars", "products"),
        ("groups", "stars_3"),
        ("communes", "stars_4"),
        ("quarters", "renewing"),
        ("distances", "steps_3"),
        ("topics", "products"),
    ],
)
def test_one_product_more_is_seen(name: str, column: str) -> None:
    (picture,) = pictures(changed(name, column, by=1)).values()

    assert difference(picture, kept(name)) > SEEN


def test_shades_are_told_apart_without_colour() -> None:
    luminances = [_luminance(each) for each in _SHADES]

    assert (
        min((lighter + 0.05) / (darker + 0.05) for lighter, darker in pairwise(luminances)) > 1.4
    )  # contrast as WCAG 2.2 reckons it; each part has a dark edge besides
    assert luminances == sorted(luminances, reverse=True)


def _luminance(shade: str) -> float:
    parts = [int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(each * weight for each, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))
