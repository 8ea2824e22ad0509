"""What mastering topics does to a product is what scoring the changed answers gives; the best choice is the best."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.reports.choice import Lifted, best_choice, best_choices
from ops.reports.mastery import Cohort, Mastery
from ops.reports.study import Study
from ops.reports.topics import TOPICS, Topics, TopicsError, load_topics
from services.evaluation.answers import Answers
from services.evaluation.assessed import RatedAnswers, answers_in, in_short
from services.evaluation.rulebook import ScoreSheet
from services.evaluation.scoring import score
from tests.unit.evaluation.sheets import ALL_SETS, answers, everything_at_its_best, rulebook, sheet, small_sheets

NUMBER_OF_TOPICS = 3


def topics_in_force() -> Topics:
    return load_topics(rulebook())


def rated(score_sheet: ScoreSheet, given_answers: Answers) -> RatedAnswers:
    found = score(score_sheet, given_answers)
    options, must_declare = in_short(score_sheet, given_answers.options), given_answers.must_declare_quality
    eliminated = bool(given_answers.eliminations)
    code = "01-09574-1-2026"
    return RatedAnswers(code, 1, score_sheet.code, options, eliminated, must_declare, found.stars, found.total, None)


def scored_with(
    sheet: ScoreSheet, given: Answers, topic_of: Mapping[str, int | None], chosen: Iterable[int]
) -> int | None:
    """Return the stars with all criteria of the chosen topics at their best, by evaluation's own code."""
    best = everything_at_its_best(sheet)
    changed = {code: best[code] for code, topic in topic_of.items() if topic in set(chosen)}
    return score(sheet, given.with_options(changed)).stars


chosen_topics = st.sets(st.integers(0, NUMBER_OF_TOPICS - 1))


def stars_with(mastery: Mastery, products: Sequence[RatedAnswers], chosen: Iterable[int]) -> list[int | None]:
    """Return the stars of products with the same stars and duties, once their producers master these topics."""
    first = products[0]
    of = Cohort(
        mastery,
        first.stars,
        [each.answers for each in products],
        bytes(each.total for each in products),
        must_declare_quality=first.must_declare_quality,
    )
    found = [each.stars for each in products]
    for stars, those in of.reached(chosen):
        found = [stars if is_one else before for is_one, before in zip(of.each(those), found, strict=True)]
    return found


@given(score_sheet=small_sheets(), chosen=chosen_topics, data=st.data())
def test_mastering_topics_on_small_sheets_gives_the_stars_of_the_changed_answers(
    score_sheet: ScoreSheet, chosen: set[int], data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(answers(score_sheet), min_size=1, max_size=5))
    topic = st.one_of(st.none(), st.integers(0, NUMBER_OF_TOPICS - 1))
    topic_of = {unit.codes[0]: data.draw(topic) for unit in score_sheet.units}
    topic_of |= {leaf.code: topic_of[condition.code] for condition, leaf in score_sheet.conditional}

    compared(score_sheet, drawn, topic_of, NUMBER_OF_TOPICS, chosen)


@given(number=st.sampled_from(ALL_SETS), chosen=st.sets(st.integers(0, 4)), data=st.data())
def test_mastering_topics_on_a_real_sheet_gives_the_stars_of_the_changed_answers(
    number: int, chosen: set[int], data: st.DataObject
) -> None:
    score_sheet = sheet(number)
    least = data.draw(st.integers(0, 2))  # most drawn answers are poor ones: those that can rise are wanted too
    drawn = data.draw(st.lists(answers(score_sheet), min_size=1, max_size=3))

    raised = [at_least(score_sheet, each, least) for each in drawn]
    compared(score_sheet, raised, topics_in_force().of(score_sheet), 5, chosen)


def at_least(score_sheet: ScoreSheet, drawn: Answers, least: int) -> Answers:
    raised = {
        leaf.code: max(drawn.options.get(leaf.code, 0), len(leaf.options) - 2 + least) for leaf in score_sheet.leaves
    }
    return drawn.with_options(
        {code: at for code, at in raised.items() if 0 < at <= len(score_sheet.criteria[code].options)}
    )


def compared(
    score_sheet: ScoreSheet,
    drawn: Iterable[Answers],
    topic_of: Mapping[str, int | None],
    number_of_topics: int,
    chosen: set[int],
) -> None:
    """Hold what the products reach together against what each of them is scored with."""
    mastery = Mastery(score_sheet, topic_of, number_of_topics)
    of_stars: dict[Any, list[tuple[RatedAnswers, int | None]]] = {}
    for each in drawn:
        of = rated(score_sheet, each)
        if not (of.eliminated or of.stars == 5):
            key = of.stars, of.must_declare_quality
            of_stars.setdefault(key, []).append((of, scored_with(score_sheet, each, topic_of, chosen)))
    for those in of_stars.values():
        assert stars_with(mastery, [of for of, _ in those], chosen) == [expected for _, expected in those]


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_answers_in_short_read_as_they_were_given(number: int, data: st.DataObject) -> None:
    given_answers = data.draw(answers(sheet(number)))

    assert answers_in(sheet(number), rated(sheet(number), given_answers)) == given_answers


def test_nothing_lifts_a_declared_elimination() -> None:
    given_answers = Answers({}, eliminations=frozenset({"6.1"}))
    study = Study(rulebook(), topics_in_force(), [rated(sheet(6), given_answers)])

    assert [each.lifted for each in study.choices] == [0] * 5


def test_a_class_on_intellectual_property_lifts_what_its_minimum_alone_holds_back() -> None:
    given_answers = Answers(everything_at_its_best(sheet(6)) | {"3.5": 1})
    topics = topics_in_force()
    mastery = Mastery(sheet(6), topics.of(sheet(6)), 5)
    alone = {
        topic.code: stars_with(mastery, [rated(sheet(6), given_answers)], [n])[0]
        for n, topic in enumerate(topics.topics)
    }

    assert score(sheet(6), given_answers).stars == 3
    assert alone == {
        "raw-material-areas": 3,
        "quality-food-safety": 3,
        "value-chains": 3,
        "intellectual-property": 5,
        "design-packaging": 3,
    }
    assert [each.code for each in mastery.raised(rated(sheet(6), given_answers), 3)] == ["3.5"]


def lifts(needs: Iterable[frozenset[int]]) -> Lifted:
    """Return how many products topics lift, each of which needs some of them."""
    return lambda chosen: sum(each <= set(chosen) for each in needs)


@given(needs=st.lists(st.frozensets(st.integers(0, 4), min_size=1), max_size=30), size=st.integers(1, 5))
def test_the_best_choice_is_what_trying_every_choice_finds(needs: list[frozenset[int]], size: int) -> None:
    found = best_choice(lifts(needs), 5, size)

    assert found.is_exact
    assert found.lifted == lifts(needs)(found.topics) == max(map(lifts(needs), combinations(range(5), size)))


def test_beyond_a_thousand_choices_topics_are_taken_one_by_one_and_it_says_so() -> None:
    needs = [frozenset({topic}) for topic in range(14) for _ in range(topic + 1)]

    found = best_choice(lifts(needs), 14, 5)

    assert (found.topics, found.lifted, found.is_exact) == ((13, 12, 11, 10, 9), 14 + 13 + 12 + 11 + 10, False)


def test_one_class_more_never_lifts_fewer_though_fewer_classes_were_all_tried() -> None:
    together, alone = [frozenset(range(4))] * 10, [frozenset({topic}) for topic in range(4, 13)]

    found = best_choices(lifts([*together, *alone]), 13)

    assert [(each.lifted, each.is_exact) for each in found[3:6]] == [(10, True), (11, False), (12, False)]


@given(number=st.sampled_from(ALL_SETS), among=st.permutations(range(5)), data=st.data())
def test_each_sits_in_the_fewest_classes_that_lift_it_of_equal_ones_the_first(
    number: int, among: list[int], data: st.DataObject
) -> None:
    score_sheet, topics, chosen = sheet(number), topics_in_force(), among[: data.draw(st.integers(1, 5))]
    given_answers = at_least(score_sheet, data.draw(answers(score_sheet)), 1)
    product = rated(score_sheet, given_answers)

    seats = Study(rulebook(), topics, [product]).seats(chosen).listed(9)

    ways = (each for size in range(1, len(chosen) + 1) for each in combinations(chosen, size))
    scored = ((each, scored_with(score_sheet, given_answers, topics.of(score_sheet), each)) for each in ways)
    fewest, stars = next(((each, stars) for each, stars in scored if stars != product.stars), ((), None))
    assert [(each.topic, each.stars_after) for each in seats] == [(topic, stars) for topic in fewest]
    assert all(each.beside == tuple(other for other in fewest if other != each.topic) for each in seats)


WRONG = {
    "a criterion that no sheet has": (
        'code: "1.1", sheets: "5-22"',
        'code: "1.9", sheets: "5-22"',
        "sheet 5 has no criterion 1.9",
    ),
    "a heading": ('code: "6.5", sheets: "21-22"', 'code: "6", sheets: "21-22"', "sheet 21 has no criterion 6"),
    "another name": ("Gia tăng giá trị", "Gia tăng", "criterion 1.3 of sheet 1 is “Gia tăng giá trị”, not “Gia tăng”"),
    "a criterion twice": ('sheets: "5-22"', 'sheets: "5-22, 9"', "criterion 1.1 of sheet 9 has two entries"),
    "a criterion left out": ('sheets: "5-22"', 'sheets: "5-21"', "criterion 1.1 of sheet 22 has no entry"),
    "an unknown topic": ("topic: intellectual-property", "topic: patents", "patents is no topic"),
    "a topic twice": ("code: intellectual-property", "code: value-chains", "topic value-chains stands twice"),
    "no YAML": ("lifts:", "lifts: [", "topics.yaml: "),
    "an unknown field": ("lifts:", "lift:", "topics.yaml: lifts: Field required"),
}


@pytest.mark.parametrize(("written", "instead", "said"), WRONG.values(), ids=WRONG)
def test_a_file_of_topics_says_what_is_wrong(tmp_path: Path, written: str, instead: str, said: str) -> None:
    file = tmp_path / "topics.yaml"
    text = TOPICS.read_text("utf-8")
    assert written in text
    file.write_text(text.replace(written, instead), "utf-8")

    with pytest.raises(TopicsError) as error:  # its text is compared below
        load_topics(rulebook(), file)

    assert said in str(error.value)


def test_every_criterion_of_every_sheet_has_one_entry_with_a_reason() -> None:
    topics = topics_in_force()

    assert set(topics.criteria) == {(number, leaf.code) for number in ALL_SETS for leaf in sheet(number).leaves}
    assert len({each.why.vi for each in topics.criteria.values()}) > 40
