"""Advice is the shortest way to the next star, and following it leads there."""

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from services.evaluation.advice import advise
from services.evaluation.answers import Answers
from services.evaluation.rulebook import ScoreSheet
from services.evaluation.scoring import score
from shared.contracts.rating import Advice
from tests.unit.evaluation.reference import ladder, shortest_way
from tests.unit.evaluation.sheets import ALL_SETS, answers, everything_at_its_best, sheet, small_sheets


def advice_for(score_sheet: ScoreSheet, given_answers: Answers) -> Advice | None:
    return advise(score_sheet, given_answers, score(score_sheet, given_answers))


def way_on(score_sheet: ScoreSheet, given_answers: Answers) -> Advice:
    """Return the advice for answers that some advice is possible for; hypothesis tries others where none is."""
    return advice_for(score_sheet, given_answers) or reject()


def first_step(advice: Advice | None) -> list[tuple[str, int, int, int]]:
    assert advice is not None
    return [(step.criterion, step.from_option.option, step.to_option.option, step.points) for step in advice.steps]


def followed(given_answers: Answers, advice: Advice) -> Answers:
    return given_answers.with_options({step.criterion: step.to_option.option for step in advice.steps})


# The brute force: every way upwards is tried and scored.


def ways_up(score_sheet: ScoreSheet, given_answers: Answers) -> Iterator[tuple[Mapping[str, int], int, int]]:
    """Return every way: the positions changed, the option steps, and those of them at what is hard to change."""
    leaves = score_sheet.leaves
    ladders = [ladder(leaf, given_answers, "a") for leaf in leaves]
    for climbs in product(*(range(len(positions)) for positions in ladders)):
        changed = {c.code: p[n] for c, p, n in zip(leaves, ladders, climbs, strict=True) if n}
        hard = sum(n for leaf, n in zip(leaves, climbs, strict=True) if leaf.hard_to_change)
        yield changed, sum(climbs), hard


def best_by_trying_all(
    score_sheet: ScoreSheet, given_answers: Answers, target: int
) -> tuple[Mapping[str, int], int, int]:
    best_rank, best = None, None
    for changed, steps, hard in ways_up(score_sheet, given_answers):
        if best_rank is not None and -steps < best_rank[0]:
            continue
        after = score(score_sheet, given_answers.with_options(changed))
        positions = tuple(changed.get(leaf.code, 0) for leaf in score_sheet.leaves)
        rank = (-steps, after.total, -hard, -len(changed), positions)
        if not after.stops and after.allowed >= target and (best_rank is None or rank > best_rank):
            best_rank, best = rank, (changed, steps, after.total)
    assert best is not None
    return best


@settings(max_examples=4 * settings().max_examples)
@given(data=st.data())
def test_advice_on_small_sheets_is_what_trying_every_way_finds(data: st.DataObject) -> None:
    score_sheet = data.draw(small_sheets())
    given_answers = data.draw(answers(score_sheet))
    advice = way_on(score_sheet, given_answers)
    changed, steps, total = best_by_trying_all(score_sheet, given_answers, advice.target_star)
    assert (advice.option_steps, advice.total_after) == (steps, total)
    assert {step.criterion: step.to_option.option for step in advice.steps} == changed


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_advice_on_a_real_sheet_is_what_going_through_all_ways_finds(number: int, data: st.DataObject) -> None:
    given_answers = data.draw(answers(sheet(number)))
    advice = way_on(sheet(number), given_answers)
    steps, changed = shortest_way(sheet(number), given_answers, advice.target_star)
    assert advice.option_steps == steps
    assert {step.criterion: step.to_option.option for step in advice.steps} == changed


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_following_the_advice_on_a_real_sheet_gives_the_stars_and_points_it_claims(
    number: int, data: st.DataObject
) -> None:
    given_answers = data.draw(answers(sheet(number)))
    rated = score(sheet(number), given_answers)
    advice = way_on(sheet(number), given_answers)
    after = score(sheet(number), followed(given_answers, advice))
    assert (after.total, after.stars) == (advice.total_after, advice.stars_after)
    assert advice.stars_after >= advice.target_star == (rated.stars or 0) + 1
    assert sum(step.points for step in advice.steps) == after.total - rated.total


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_there_is_advice_for_every_product_below_five_stars(number: int, data: st.DataObject) -> None:
    given_answers = data.draw(answers(sheet(number)))
    rated = score(sheet(number), given_answers)
    assert (advise(sheet(number), given_answers, rated) is None) == (rated.stars == 5)


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_no_step_of_the_advice_can_be_left_out(number: int, data: st.DataObject) -> None:
    given_answers = data.draw(answers(sheet(number)))
    advice = way_on(sheet(number), given_answers)
    for left_out in advice.steps:
        steps = {step.criterion: step.to_option.option for step in advice.steps if step is not left_out}
        after = score(sheet(number), given_answers.with_options(steps))
        assert after.stops or after.allowed < advice.target_star


def test_one_unmet_minimum_is_one_step() -> None:
    advice = way_on(sheet(1), Answers(everything_at_its_best(sheet(1)) | {"2.3": 2}))
    assert first_step(advice) == [("2.3", 2, 3, 1)]
    assert (advice.target_star, advice.option_steps, advice.total_after, advice.stars_after) == (4, 1, 100, 5)


def test_there_is_nothing_to_advise_at_five_stars() -> None:
    assert advice_for(sheet(6), Answers(everything_at_its_best(sheet(6)))) is None


def test_no_advice_lifts_a_declared_elimination() -> None:
    chosen = everything_at_its_best(sheet(6)) | {"2.3": 1}
    assert advice_for(sheet(6), Answers(chosen, eliminations=frozenset({"2.1"}))) is None


def test_bottled_water_is_first_freed_from_its_zeros() -> None:
    chosen = everything_at_its_best(sheet(16)) | {"6.1": 1}
    del chosen["6.4"]
    advice = way_on(sheet(16), Answers(chosen))
    assert first_step(advice) == [("6.1", 1, 2, 3), ("6.4", 1, 2, 1)]
    assert (advice.target_star, advice.total_after, advice.stars_after) == (1, 96, 5)


def test_essential_oils_without_a_form_start_below_the_lowest_option() -> None:
    chosen = everything_at_its_best(sheet(20))
    del chosen["6"]
    assert first_step(advice_for(sheet(20), Answers(chosen))) == [("6", 0, 1, 1)]


def test_a_story_brings_the_points_of_its_structure_too() -> None:
    advice = way_on(sheet(6), Answers(everything_at_its_best(sheet(6)) | {"5.1": 1}))
    assert first_step(advice) == [("5.1", 1, 5, 7)]
    assert (advice.option_steps, advice.total_after) == (4, 100)


@pytest.mark.parametrize(
    ("security", "step"),
    [
        pytest.param(2, ("8", 0, 1, 1), id="case a"),
        pytest.param(4, ("8", 0, 3, 1), id="case b"),
    ],
)
def test_an_unanswered_tourism_criterion_takes_the_case_answered_elsewhere(
    security: int, step: tuple[str, int, int, int]
) -> None:
    chosen = everything_at_its_best(sheet(26)) | {"9": security, "12": 1, "13": 1}
    del chosen["8"], chosen["15"]
    assert score(sheet(26), Answers(chosen)).total == 89
    assert first_step(advice_for(sheet(26), Answers(chosen))) == [step]


def test_an_answered_tourism_criterion_stays_in_its_case() -> None:
    chosen = everything_at_its_best(sheet(26), case="b") | {"8": 1, "13": 1, "14": 1, "16": 1, "17": 1}
    assert score(sheet(26), Answers(chosen)).total == 89
    assert first_step(advice_for(sheet(26), Answers(chosen))) == [("8", 1, 2, 2)]


def test_of_equal_ways_the_one_that_leaves_the_representative_alone_is_told() -> None:
    chosen = everything_at_its_best(sheet(6)) | {"3.2": 1, "3.3": 1, "4.2": 1, "5.2": 1, "6.2": 1}
    assert score(sheet(6), Answers(chosen)).total == 89
    assert first_step(advice_for(sheet(6), Answers(chosen))) == [("3.3", 1, 2, 1)]


def test_an_unanswered_criterion_is_told_from_its_0_point_option() -> None:
    chosen = everything_at_its_best(sheet(6)) | {"6.2": 1, "6.3": 1, "10": 1, "11": 2}
    del chosen["4.2"]
    assert score(sheet(6), Answers(chosen)).total == 89
    assert first_step(advice_for(sheet(6), Answers(chosen))) == [("4.2", 1, 2, 1)]


def test_of_equal_ways_the_one_that_touches_fewest_criteria_is_told() -> None:
    chosen = everything_at_its_best(sheet(6)) | {"3.3": 2, "4.2": 1, "6.2": 1, "6.3": 1, "10": 1, "11": 2}
    assert score(sheet(6), Answers(chosen)).total == 88
    assert first_step(advice_for(sheet(6), Answers(chosen))) == [("4.2", 1, 3, 2)]
