"""`ocop rating explain`: a council's result line by line, as it is printed and written for programs."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from ops.history.explaining import Language, explained, explanation_as_json, print_explanation
from ops.operator_settings import AccessError
from services.evaluation.council.explanation import Explanation
from tests.unit.evaluation.councils import Chamber


async def records() -> list[dict[str, Any]]:
    chamber = await Chamber.opened()
    await chamber.sit(88, 85, 84)
    await chamber.conclude()
    return chamber.bench.documents("ratings")


async def result() -> Explanation:
    (found,) = explained(await records())
    return found


def printed(explanation: Explanation, language: Language) -> str:
    output = StringIO()
    print_explanation(Console(file=output, width=80), explanation, language)
    return output.getvalue()


async def test_in_english_only_english_lines_stand_there() -> None:
    explanation = await result()

    shown = printed(explanation, Language.EN)

    assert shown.splitlines() == [*(line.en for line in explanation.lines), ""]
    assert "(88 + 85 + 84) / 3 = 257/3 = 85.66" in shown


async def test_in_vietnamese_only_vietnamese_lines_stand_there() -> None:
    explanation = await result()

    assert printed(explanation, Language.VI).splitlines() == [*(line.vi for line in explanation.lines), ""]


async def test_in_both_each_line_is_followed_by_its_english() -> None:
    explanation = await result()

    shown = printed(explanation, Language.BOTH).splitlines()

    assert shown[:2] == [explanation.lines[0].vi, f"    {explanation.lines[0].en}"]


async def test_programs_get_the_average_as_a_fraction_and_no_recipient() -> None:
    said = explanation_as_json(await result())

    assert said["average"] == {"numerator": 257, "denominator": 3, "shown": "85.66"}
    assert (said["stars"], said["agrees"], said["differences"]) == (4, True, [])
    assert "sealed_recipient" not in said


async def test_a_result_that_differs_says_in_which_field() -> None:
    documents = await records()
    documents[-1]["announced"][0]["data"]["stars"] = 5

    (found,) = explained(documents)

    assert explanation_as_json(found)["differences"] == ["stars"]
    assert "DIFFERS" in printed(found, Language.EN)


async def test_records_of_another_version_are_named() -> None:
    documents = await records()
    del documents[-1]["sitting"]

    with pytest.raises(AccessError, match="is of another version"):
        explained(documents)
