"""What mastering topics does to a product is what scoring the changed answers gives; the best choice is the best."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.reports.choice import best_choice, bits_of, lifted, smallest_that_lifts
from ops.reports.mastery import Distance, Mastery
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
    sheet: ScoreSheet, given: Answers, topic_of: dict[str, int | None], chosen: Iterable[int]
) -> int | None:
    """Return the stars with all criteria of the chosen topics at their best, by evaluation's own code."""
    best = everything_at_its_best(sheet)
    changed = {code: best[code] for code, topic in topic_of.items() if topic in set(chosen)}
    return score(sheet, given.with_options(changed)).stars


chosen_topics = st.sets(st.integers(0, NUMBER_OF_TOPICS - 1))


@given(score_sheet=small_sheets(), chosen=chosen_topics, data=st.data())
def test_mastering_topics_on_small_sheets_gives_the_stars_of_the_changed_answers(
    score_sheet: ScoreSheet, chosen: set[int], data: st.DataObject
) -> None:
    given_answers = data.draw(answers(score_sheet))
    topic = st.one_of(st.none(), st.integers(0, NUMBER_OF_TOPICS - 1))
    topic_of = {unit.codes[0]: data.draw(topic) for unit in score_sheet.units}
    topic_of |= {leaf.code: topic_of[condition.code] for condition, leaf in score_sheet.conditional}

    mastery = Mastery(score_sheet, topic_of, NUMBER_OF_TOPICS)

    stars = mastery.stars_with(rated(score_sheet, given_answers), bits_of(chosen))
    assert stars == scored_with(score_sheet, given_answers, topic_of, chosen)


@given(number=st.sampled_from(ALL_SETS), chosen=st.sets(st.integers(0, 4)), data=st.data())
def test_mastering_topics_on_a_real_sheet_gives_the_stars_of_the_changed_answers(
    number: int, chosen: set[int], data: st.DataObject
) -> None:
    score_sheet, topics = sheet(number), topics_in_force()
    least = data.draw(st.integers(0, 2))  # most drawn answers are poor ones: those that can rise are wanted too
    drawn = data.draw(answers(score_sheet))
    raised = {
        leaf.code: max(drawn.options.get(leaf.code, 0), len(leaf.options) - 2 + least) for leaf in score_sheet.leaves
    }
    given_answers = drawn.with_options(
        {code: at for code, at in raised.items() if 0 < at <= len(score_sheet.criteria[code].options)}
    )
    topic_of = topics.of(score_sheet)

    stars = Mastery(score_sheet, topic_of, 5).stars_with(rated(score_sheet, given_answers), bits_of(chosen))

    assert stars == scored_with(score_sheet, given_answers, topic_of, chosen)


@given(number=st.sampled_from(ALL_SETS), data=st.data())
def test_answers_in_short_read_as_they_were_given(number: int, data: st.DataObject) -> None:
    given_answers = data.draw(answers(sheet(number)))

    assert answers_in(sheet(number), rated(sheet(number), given_answers)) == given_answers


def test_nothing_lifts_a_declared_elimination() -> None:
    given_answers = Answers({}, eliminations=frozenset({"6.1"}))
    mastery = Mastery(sheet(6), topics_in_force().of(sheet(6)), 5)

    assert mastery.stars_with(rated(sheet(6), given_answers), 0b11111) is None


def test_a_class_on_intellectual_property_lifts_what_its_minimum_alone_holds_back() -> None:
    given_answers = Answers(everything_at_its_best(sheet(6)) | {"3.5": 1})
    topics = topics_in_force()
    mastery = Mastery(sheet(6), topics.of(sheet(6)), 5)
    alone = {
        topic.code: mastery.stars_with(rated(sheet(6), given_answers), 1 << n) for n, topic in enumerate(topics.topics)
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


distances = st.builds(
    Distance,
    st.integers(0, 12),
    st.tuples(*[st.integers(0, 6)] * 5),
    st.integers(0, 0b111111) | st.just(0),
)


@given(standing=st.lists(distances, max_size=30), size=st.integers(1, 5))
def test_the_best_choice_is_what_trying_every_choice_finds(standing: list[Distance], size: int) -> None:
    def by_hand(chosen: tuple[int, ...]) -> int:
        return sum(
            sum(each.gains[topic] for topic in chosen) >= each.missing
            and {place for place in range(6) if each.needed & 2**place} <= set(chosen)
            for each in standing
        )

    found = best_choice(Counter(standing), 5, size)

    assert found.is_exact
    assert found.lifted == by_hand(found.topics) == max(map(by_hand, combinations(range(5), size)))


def test_beyond_a_thousand_choices_topics_are_taken_one_by_one_and_it_says_so() -> None:
    gains = [tuple(int(place == topic) for place in range(14)) for topic in range(14)]
    standing = {Distance(1, each, 0): number for number, each in enumerate(gains, 1)}

    found = best_choice(standing, 14, 5)

    assert (found.topics, found.lifted, found.is_exact) == ((13, 12, 11, 10, 9), 14 + 13 + 12 + 11 + 10, False)


@given(distance=distances, among=st.sets(st.integers(0, 4)))
def test_the_fewest_topics_that_lift_are_the_fewest(distance: Distance, among: set[int]) -> None:
    found = smallest_that_lifts(distance, sorted(among))
    smaller = [each for size in range(len(found)) for each in combinations(sorted(among), size)]

    if found:
        assert lifted({distance: 1}, found) == 1
        assert sum(lifted({distance: 1}, each) for each in smaller if each) == 0
    else:
        assert not lifted({distance: 1}, among) or (not distance.missing and not distance.needed)


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
