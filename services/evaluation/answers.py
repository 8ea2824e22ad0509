"""The answers of an assessment, and what is wrong with those that the score sheet does not know."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

from services.evaluation.rulebook import Criterion, ScoreSheet
from shared.contracts.dossier import AnnouncedDossier, Answer, SelfAssessment
from shared.contracts.fault_codes import AssessmentFault
from shared.contracts.text import Bilingual, Fault


@dataclass(frozen=True)
class Answers:
    """What is known of a product: criterion → position of the chosen option, the first on the sheet is 1.

    `eliminations` are the criteria whose elimination is declared. `must_declare_quality` says whether the law obliges
    the product to declare its quality; see `minimums_if` in the rulebook.
    """

    options: Mapping[str, int]
    eliminations: frozenset[str] = frozenset()
    must_declare_quality: bool = True

    @classmethod
    def of(cls, dossier: AnnouncedDossier) -> Self:
        """Take the answers of a dossier in which `faults` finds none."""
        return cls(
            options={answer.criterion: answer.option for answer in dossier.self_assessment.answers},
            eliminations=frozenset(dossier.self_assessment.eliminations),
            must_declare_quality=dossier.product.must_declare_quality,
        )

    def with_options(self, options: Mapping[str, int]) -> Self:
        """Return these answers with some of the options chosen anew."""
        return replace(self, options={**self.options, **options})


def faults(sheet: ScoreSheet, assessment: SelfAssessment) -> tuple[Fault, ...]:
    """Name everything in a self-assessment that the sheet does not know, each with its place in the dossier."""
    return (
        *answer_faults(sheet, assessment.answers, at="/self_assessment/answers"),
        *elimination_faults(sheet, assessment.eliminations, at="/self_assessment/eliminations"),
    )


def answer_faults(sheet: ScoreSheet, answers: Iterable[Answer], *, at: str) -> Iterator[Fault]:
    """Yield what the sheet does not know of a list of answers; `at` is the list's JSON pointer."""
    answered: set[str] = set()
    for index, answer in enumerate(answers):
        pointer = f"{at}/{index}"
        criterion = sheet.criteria.get(answer.criterion)
        if criterion is None:
            yield _unknown_criterion(f"{pointer}/criterion", sheet, answer.criterion)
        elif criterion.criteria:
            yield _heading(f"{pointer}/criterion", criterion)
        else:
            if criterion.code in answered:
                yield _answered_twice(f"{pointer}/criterion", criterion.code)
            if not 1 <= answer.option <= len(criterion.options):
                yield _unknown_option(f"{pointer}/option", criterion, answer.option)
            answered.add(criterion.code)


def elimination_faults(sheet: ScoreSheet, eliminations: Iterable[str], *, at: str) -> Iterator[Fault]:
    """Yield the eliminations of a list that the sheet does not print; `at` is the list's JSON pointer."""
    for index, code in enumerate(eliminations):
        if code not in sheet.eliminations:
            yield _unknown_elimination(f"{at}/{index}", sheet, code)


def _unknown_criterion(pointer: str, sheet: ScoreSheet, code: str) -> Fault:
    known = ", ".join(leaf.code for leaf in sheet.leaves)
    return _fault(
        pointer,
        AssessmentFault.UNKNOWN_CRITERION,
        vi=f"Phiếu {sheet.code} không có tiêu chí {code}. Các tiêu chí của phiếu: {known}.",
        en=f"Sheet {sheet.code} has no criterion {code}. Its criteria: {known}.",
    )


def _heading(pointer: str, heading: Criterion) -> Fault:
    below = ", ".join(criterion.code for criterion in heading.walk() if criterion.options)
    return _fault(
        pointer,
        AssessmentFault.CRITERION_IS_HEADING,
        vi=f"Mục {heading.code} chỉ là tiêu đề, không chấm điểm trực tiếp. Hãy trả lời từng tiêu chí: {below}.",
        en=f"{heading.code} is a heading and cannot be answered itself. Answer the criteria below it: {below}.",
    )


def _answered_twice(pointer: str, code: str) -> Fault:
    return _fault(
        pointer,
        AssessmentFault.CRITERION_ANSWERED_TWICE,
        vi=f"Tiêu chí {code} được trả lời nhiều lần. Mỗi tiêu chí chỉ chọn một mức.",
        en=f"Criterion {code} is answered more than once. Each criterion takes one option.",
    )


def _unknown_option(pointer: str, criterion: Criterion, option: int) -> Fault:
    last = len(criterion.options)
    return _fault(
        pointer,
        AssessmentFault.UNKNOWN_OPTION,
        vi=f"Tiêu chí {criterion.code} không có mức thứ {option}. Hãy chọn một mức từ 1 đến {last}.",
        en=f"Criterion {criterion.code} has no option {option}. Choose one from 1 to {last}.",
    )


def _unknown_elimination(pointer: str, sheet: ScoreSheet, code: str) -> Fault:
    printed = ", ".join(sheet.eliminations)
    vi_printed = f"Phiếu chỉ có điều kiện loại tại: {printed}." if printed else "Phiếu này không có điều kiện loại nào."
    en_printed = f"It prints them at: {printed}." if printed else "It prints none."
    return _fault(
        pointer,
        AssessmentFault.UNKNOWN_ELIMINATION,
        vi=f"Phiếu {sheet.code} không có điều kiện loại tại {code}. {vi_printed}",
        en=f"Sheet {sheet.code} prints no elimination at {code}. {en_printed}",
    )


def _fault(pointer: str, code: AssessmentFault, *, vi: str, en: str) -> Fault:
    return Fault(pointer=pointer, code=code.value, message=Bilingual(vi=vi, en=en))
