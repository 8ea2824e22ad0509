"""Points, bands, minimums, stops: Decision 26/2026, Art. 3.3 and the notes of the sheets."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.answers import Answers
from services.evaluation.scoring import band, score
from tests.unit.evaluation.reference import scored_anew
from tests.unit.evaluation.sheets import ALL_SETS, answers, everything_at_its_best, options, sheet

#: Sheet 6, with every minimum of the star met and the total on its lower bound.
RICE_AT_50 = options(
    "1.1=3 1.2=3 1.3=3 1.4=3 1.5=4 1.6=3 1.7=2 2.1=4 2.2=4 2.3=3 2.4=2 3.1=3 3.2=2 3.3=3 3.4=2 3.5=3 4.1=3 4.2=2 4.3=1 "
    "5.1=1 5.2=1 5.3=2 6.1=1 6.2=1 6.3=1 6.4=1 6.5=1 7=1 8=1 9=1 10=1 11=1"
)
RICE_AT_70 = RICE_AT_50 | options("4.1=4 4.2=3 5.1=5 6.1=3 6.4=3 6.5=3 7=3 9=2")
RICE_AT_90 = RICE_AT_70 | options("4.2=4 4.3=5 5.2=3 5.3=4 6.2=4 6.3=2 6.4=4 6.5=4 7=4")


@pytest.mark.parametrize(
    ("total", "star"),
    [
        (0, 1),
        (29, 1),
        (30, 2),
        (49, 2),
        (50, 3),
        (69, 3),
        (70, 4),
        (89, 4),
        (90, 5),
        (100, 5),
        (Decimal("89.99"), 4),
        (Decimal("89.9999999999999999999999999"), 4),
        (Decimal("90.0"), 5),
        (Fraction(269, 3), 4),
        (Fraction(270, 3), 5),
        (Fraction(149, 3), 2),
    ],
)
def test_the_lower_bound_belongs_to_the_band_and_nothing_is_rounded(total: int | Fraction | Decimal, star: int) -> None:
    assert band(total) == star


@pytest.mark.parametrize("number", ALL_SETS)
@pytest.mark.parametrize("case", ["a", "b"])
def test_every_sheet_at_its_best_gives_100_points_and_5_stars(number: int, case: str) -> None:
    rated = score(sheet(number), Answers(everything_at_its_best(sheet(number), case=case)))
    assert (rated.total, rated.band, rated.stars) == (100, 5, 5)
    assert (rated.stops, rated.unmet_minimums, rated.unanswered) == ((), (), ())
    assert [part.points for part in rated.parts] == [40, 25, 35]


@pytest.mark.parametrize(
    ("chosen", "total", "stars"),
    [
        pytest.param(RICE_AT_50, 50, 3, id="50"),
        pytest.param(RICE_AT_50 | {"1.2": 2}, 49, 2, id="one option below 50"),
        pytest.param(RICE_AT_70, 70, 4, id="70"),
        pytest.param(RICE_AT_70 | {"1.2": 2}, 69, 3, id="one option below 70"),
        pytest.param(RICE_AT_90, 90, 5, id="90"),
        pytest.param(RICE_AT_90 | {"1.2": 2}, 89, 4, id="one option below 90"),
    ],
)
def test_stars_on_the_bounds(chosen: dict[str, int], total: int, stars: int) -> None:
    rated = score(sheet(6), Answers(chosen))
    assert (rated.total, rated.stars) == (total, stars)


def test_one_unmet_4_star_minimum_holds_99_points_at_3_stars() -> None:
    rated = score(sheet(1), Answers(everything_at_its_best(sheet(1)) | {"2.3": 2}))
    assert (rated.total, rated.band, rated.stars) == (99, 5, 3)
    (unmet,) = rated.unmet_minimums
    assert (unmet.star, unmet.criterion, unmet.has.option, unmet.needs.option) == (4, "2.3", 2, 3)


def test_an_unmet_minimum_of_a_lower_star_binds_the_higher_ones() -> None:
    best = everything_at_its_best(sheet(6))
    rated = score(sheet(6), Answers(best | {"2.2": 2}))  # packaging: 3 stars need the third option
    assert (rated.band, rated.stars) == (5, 2)
    assert [(unmet.star, unmet.criterion) for unmet in rated.unmet_minimums] == [(3, "2.2")]


def test_an_unanswered_criterion_counts_0_is_listed_and_meets_no_minimum() -> None:
    best = everything_at_its_best(sheet(6))
    del best["2.3"]
    rated = score(sheet(6), Answers(best))
    assert (rated.total, rated.stars, rated.unanswered) == (97, 2, ("2.3",))
    assert [(unmet.star, unmet.has.option) for unmet in rated.unmet_minimums] == [(3, 0), (4, 0)]


def test_a_sheet_without_answers_gives_one_star() -> None:
    rated = score(sheet(6), Answers({}))
    assert (rated.total, rated.band, rated.stars) == (0, 1, 1)
    assert rated.unanswered == tuple(leaf.code for leaf in sheet(6).leaves if leaf.code != "5.2")


def test_groups_are_the_headings_and_the_criteria_of_part_c() -> None:
    rated = score(sheet(6), Answers(RICE_AT_50))
    assert [group.code for group in rated.groups] == [str(number) for number in range(1, 12)]
    assert [(group.points, group.max_points) for group in rated.groups[:3]] == [(18, 18), (10, 10), (12, 12)]


@pytest.mark.parametrize("criterion", ["6.1", "6.2", "6.3", "6.4"])
@pytest.mark.parametrize("answered", [True, False])
def test_a_zero_in_any_sensory_criterion_stops_bottled_water(criterion: str, answered: bool) -> None:
    chosen = everything_at_its_best(sheet(16))
    del chosen[criterion]
    rated = score(sheet(16), Answers(chosen | ({criterion: 1} if answered else {})))
    assert (rated.stars, rated.band) == (None, 5)
    assert [(stop.criterion, stop.kind) for stop in rated.stops] == [(criterion, "stop-evaluation")]


@pytest.mark.parametrize("number", [19, 20])
def test_no_declaration_form_stops_cosmetics_and_essential_oils(number: int) -> None:
    chosen = everything_at_its_best(sheet(number))
    del chosen["6"]
    assert score(sheet(number), Answers(chosen)).stars is None
    assert score(sheet(number), Answers(chosen | {"6": 2})).stops == ()


def test_the_first_option_of_sheet_19_says_there_is_no_form_that_of_sheet_20_that_there_is() -> None:
    cosmetics = score(sheet(19), Answers(everything_at_its_best(sheet(19)) | {"6": 1}))
    oils = score(sheet(20), Answers(everything_at_its_best(sheet(20)) | {"6": 1}))
    assert cosmetics.stars is None
    assert (oils.stops, oils.total) == ((), 96)


def test_foreign_matter_stops_only_when_declared() -> None:
    chosen = everything_at_its_best(sheet(6)) | {"6.1": 1}
    assert score(sheet(6), Answers(chosen)).stops == ()
    (stop,) = score(sheet(6), Answers(chosen, eliminations=frozenset({"6.1"}))).stops
    assert (stop.criterion, stop.kind) == ("6.1", "stop-evaluation")


@pytest.mark.parametrize(
    ("number", "criterion", "kind"),
    [
        (1, "1.1", "requirement"),
        (1, "2.1", "exclusion"),
        (6, "2.1", "elimination"),
        (7, "1.1", "elimination"),
        (11, "6.1.1", "stop-evaluation"),
        (21, "6.2", "elimination"),
        (25, "1.1", "requirement"),
    ],
)
def test_a_declared_elimination_takes_the_stars_and_leaves_the_points(number: int, criterion: str, kind: str) -> None:
    best = everything_at_its_best(sheet(number))
    rated = score(sheet(number), Answers(best, eliminations=frozenset({criterion})))
    assert (rated.total, rated.band, rated.stars) == (100, 5, None)
    assert [(stop.criterion, stop.kind) for stop in rated.stops] == [(criterion, kind)]


def test_a_zero_and_a_declaration_at_one_criterion_are_one_stop() -> None:
    chosen = everything_at_its_best(sheet(19)) | {"6": 1}
    assert len(score(sheet(19), Answers(chosen, eliminations=frozenset({"6"}))).stops) == 1


@pytest.mark.parametrize("number", range(1, 26))
def test_the_structure_of_a_story_counts_only_where_there_is_one(number: int) -> None:
    chosen = everything_at_its_best(sheet(number)) | {"5.1": 1}
    rated = score(sheet(number), Answers(chosen))
    structure = next(criterion for criterion in rated.criteria if criterion.code == "5.2")
    assert (structure.option, structure.points, structure.applies) == (3, 0, False)
    assert (rated.total, rated.unanswered) == (93, ())


def test_a_structure_without_story_is_not_listed_as_unanswered() -> None:
    chosen = everything_at_its_best(sheet(6))
    del chosen["5.1"], chosen["5.2"]
    assert score(sheet(6), Answers(chosen)).unanswered == ("5.1",)


@pytest.mark.parametrize(("must_declare", "stars"), [(True, 2), (False, 5)])
def test_quality_minimums_of_handicrafts_bind_only_where_the_law_asks_for_a_declaration(
    must_declare: bool, stars: int
) -> None:
    chosen = everything_at_its_best(sheet(21))
    del chosen["7"]
    rated = score(sheet(21), Answers(chosen, must_declare_quality=must_declare))
    assert (rated.total, rated.stars) == (96, stars)


def test_a_handicraft_that_need_not_declare_its_quality_keeps_the_points() -> None:
    assert score(sheet(21), Answers(everything_at_its_best(sheet(21)), must_declare_quality=False)).total == 100


@pytest.mark.parametrize(("option", "points"), [(1, 1), (2, 3), (3, 1), (4, 3)])
def test_tourism_options_of_both_cases_keep_their_printed_positions(option: int, points: int) -> None:
    chosen = everything_at_its_best(sheet(26)) | {"8": option}
    assert score(sheet(26), Answers(chosen)).total == 97 + points


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_a_score_says_what_is_said_when_every_sentence_is_put_together_anew(number: int, data: st.DataObject) -> None:
    given_answers = data.draw(answers(sheet(number)))
    rated, anew = score(sheet(number), given_answers), scored_anew(sheet(number), given_answers)
    assert {name: getattr(rated, name) for name in anew} == anew


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_parts_and_groups_add_up_and_stars_never_exceed_the_band(number: int, data: st.DataObject) -> None:
    rated = score(sheet(number), data.draw(answers(sheet(number))))
    assert sum(part.points for part in rated.parts) == sum(group.points for group in rated.groups) == rated.total
    assert sum(criterion.points for criterion in rated.criteria) == rated.total
    assert rated.allowed <= rated.band
