"""The statistics count what the events of the same products say, counted here by other code."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from ops.language import Language, speaking
from ops.reports.report import Report, spoken
from ops.reports.statistics import statistics
from services.registry.facts import Facts, facts_of
from services.registry.identity import KnownProduct
from tests.unit.ops.reports.told import Told, drawn
from tests.unit.registry.products import held, product

TODAY = date(2026, 11, 29)
LIVES = drawn(27, products=40, steps=30)
TOLD = [each.told for each in LIVES]
REPORT = statistics([each.facts for each in LIVES], TODAY)


def rows(report: Report, section: str) -> list[dict[str, Any]]:
    (found,) = (each for each in report.sections if each.name == section)
    return [dict(each) for each in found.named()]


def counted(told: Iterable[Told]) -> tuple[int, ...]:
    those = list(told)
    stars = Counter(each.stars for each in those)
    certified = sum(number for star, number in stars.items() if star)
    return len(those), certified, stars[3], stars[4], stars[5], sum(each.stage is not None for each in those)


def measures(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[each] for each in ("products", "certified", "stars_3", "stars_4", "stars_5", "open_rounds"))


def test_what_was_drawn_has_something_of_everything() -> None:
    assert {each.stars for each in TOLD} >= {0, 3, 4, 5}
    assert len({each.stage for each in TOLD}) >= 4
    assert {origin for each in TOLD for _, origin in each.certificates} == {"first", "upgrade", "re-evaluation"}
    assert {each.standing for each in TOLD} >= {None, "in-force", "expired"}


def test_communes_and_provinces() -> None:
    for row in rows(REPORT, "communes"):
        assert measures(row) == counted(each for each in TOLD if each.code[3:8] == row["commune_code"])
    for row in rows(REPORT, "provinces"):
        assert measures(row) == counted(each for each in TOLD if each.code[:2] == row["province_code"])
    assert [row["province_code"] for row in rows(REPORT, "provinces")] == ["01", "25"]


def test_sets_groups_and_kinds_of_producers() -> None:
    for row in rows(REPORT, "sets"):
        assert measures(row) == counted(each for each in TOLD if str(each.product_set) == row["product_set"])
    assert {row["group"]: measures(row) for row in rows(REPORT, "groups")}["I"] == counted(TOLD)
    for row in rows(REPORT, "producers"):
        assert measures(row) == counted(each for each in TOLD if each.kind == row["kind"])
    assert [row["producers"] for row in rows(REPORT, "producers")] == [len(TOLD)]


def test_groups_and_sets_are_named_in_the_language_that_is_spoken() -> None:
    names = [rows(REPORT, section)[0]["name"] for section in ("groups", "sets")]

    assert names == ["Food", "Fresh vegetables, tubers, fruit, nuts and seeds"]
    with speaking(Language.VI):
        assert [*map(spoken, names)] == ["Thực phẩm", "Rau, củ, quả, hạt tươi"]


def test_stars_and_the_states_of_certificates() -> None:
    assert {row["stars"]: row["products"] for row in rows(REPORT, "stars")} == {
        stars: sum(each.stars == stars for each in TOLD) for stars in (0, 3, 4, 5)
    }
    named = {"None yet": None}
    assert {
        named.get(row["status"], row["status"]): row["products"] for row in rows(REPORT, "certificates")
    } == Counter(each.standing for each in TOLD)


def test_where_open_rounds_are() -> None:
    open_now = Counter((each.stage, each.registration) for each in TOLD if each.stage)
    found = {
        (row["stage"].value, kind.replace("_", "-")): row[kind]
        for row in rows(REPORT, "rounds")
        for kind in ("first", "upgrade", "re_evaluation")
        if row[kind]
    }
    assert found == open_now


def test_months_of_recognition_with_what_for() -> None:
    issued = [(each["issued_on"][:7], each["stars"], origin) for told in TOLD for each, origin in told.certificates]
    for row in rows(REPORT, "months"):
        those = [each for each in issued if each[0] == row["month"]]
        assert row["certificates"] == len(those)
        assert (row["stars_3"], row["upgrade"]) == (
            sum(stars == 3 for _, stars, _ in those),
            sum(origin == "upgrade" for *_, origin in those),
        )
    assert sum(row["certificates"] for row in rows(REPORT, "months")) == len(issued)


@pytest.mark.parametrize("section", ["communes", "groups", "sets", "stars", "certificates"])
def test_each_product_is_counted_once_wherever_products_are_counted(section: str) -> None:
    (found,) = (each for each in REPORT.sections if each.name == section)
    place = [each.name for each in found.columns].index("products")

    assert found.totals
    assert found.totals[place] == len(LIVES)


def test_a_product_of_which_little_is_on_record_is_counted_and_said_so() -> None:
    lost = facts_of(KnownProduct(code="01-09574-9-2026", lost=True))
    report = statistics([lost, facts_of(product(certificates=(held(4),)))], TODAY)

    assert rows(report, "sets")[-1] == {"product_set": None, "name": "Not on record"} | dict(
        zip(("products", "certified", "stars_3", "stars_4", "stars_5", "open_rounds"), (1, 0, 0, 0, 0, 0), strict=True)
    )
    assert rows(report, "groups")[-1]["products"] == 1


def test_a_register_with_nothing_in_it_has_statistics() -> None:
    none: list[Facts] = []

    assert all(row["products"] == 0 for row in rows(statistics(none, TODAY), "sets"))
