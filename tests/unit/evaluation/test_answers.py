"""Every answer that the sheet does not know is named, all at once."""

import pytest

from services.evaluation.answers import faults
from shared.contracts.dossier import Answer, SelfAssessment
from shared.contracts.text import Fault
from tests.unit.evaluation.sheets import ALL_SETS, everything_at_its_best, sheet


def found(product_set: int, answers: list[tuple[str, int]], eliminations: tuple[str, ...] = ()) -> tuple[Fault, ...]:
    given = tuple(Answer(criterion=criterion, option=option) for criterion, option in answers)
    return faults(sheet(product_set), SelfAssessment(answers=given, eliminations=eliminations))


@pytest.mark.parametrize("number", ALL_SETS)
def test_answers_and_eliminations_of_the_sheet_are_fine(number: int) -> None:
    best = everything_at_its_best(sheet(number))
    assert found(number, list(best.items()), tuple(sheet(number).eliminations)) == ()


@pytest.mark.parametrize(
    ("answer", "pointer", "code"),
    [
        pytest.param(("9.9", 1), "criterion", "unknown-criterion", id="no such criterion"),
        pytest.param(("1", 1), "criterion", "criterion-is-heading", id="a heading"),
        pytest.param(("1.1", 0), "option", "unknown-option", id="zero"),
        pytest.param(("1.1", -1), "option", "unknown-option", id="negative"),
        pytest.param(("1.1", 4), "option", "unknown-option", id="beyond the last"),
    ],
)
def test_an_answer_that_the_sheet_does_not_know_is_named(answer: tuple[str, int], pointer: str, code: str) -> None:
    (fault,) = found(6, [("1.2", 1), answer])
    assert (fault.pointer, fault.code) == (f"/self_assessment/answers/1/{pointer}", code)


def test_a_heading_inside_a_group_cannot_be_answered() -> None:
    (fault,) = found(11, [("6.1", 1)])
    assert fault.code == "criterion-is-heading"
    assert "6.1.1" in fault.message.vi
    assert "6.1.1" in fault.message.en


def test_the_sentence_names_what_is_allowed() -> None:
    (fault,) = found(6, [("1.1", 7)])
    assert fault.message.vi == "Tiêu chí 1.1 không có mức thứ 7. Hãy chọn một mức từ 1 đến 3."
    assert fault.message.en == "Criterion 1.1 has no option 7. Choose one from 1 to 3."


def test_a_criterion_answered_twice_is_named_at_the_second_answer() -> None:
    (fault,) = found(6, [("1.1", 1), ("1.2", 1), ("1.1", 1)])
    assert (fault.pointer, fault.code) == ("/self_assessment/answers/2/criterion", "criterion-answered-twice")


def test_an_elimination_that_the_sheet_does_not_print_is_named() -> None:
    (fault,) = found(6, [], ("2.1", "1.1"))
    assert (fault.pointer, fault.code) == ("/self_assessment/eliminations/1", "unknown-elimination")
    assert "2.1, 6.1" in fault.message.en


def test_the_tourism_sheet_prints_no_elimination() -> None:
    (fault,) = found(26, [], ("1.1",))
    assert fault.message.en == "Sheet QD26-26 prints no elimination at 1.1. It prints none."


def test_all_faults_are_found_at_once() -> None:
    codes = [fault.code for fault in found(6, [("1.1", 9), ("1.1", 9), ("2", 1), ("8.8", 1)], ("3.1",))]
    assert codes == [
        "unknown-option",
        "criterion-answered-twice",
        "unknown-option",
        "criterion-is-heading",
        "unknown-criterion",
        "unknown-elimination",
    ]
