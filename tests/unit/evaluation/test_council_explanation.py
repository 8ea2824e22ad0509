"""A result is explained line by line, and recomputed, from the records of its product alone."""

from copy import deepcopy
from typing import Any

from services.evaluation.council.explanation import Explanation, explain
from services.evaluation.rulebook import load_rulebook
from tests.unit.evaluation.councils import Chamber, answers_as_filed, answers_to


async def rescored() -> list[dict[str, Any]]:
    """Return the records of a product that was scored anew: 95, 85, 84, then 88 in the place of 95."""
    chamber = await Chamber.opened()
    await chamber.sit(95, 85, 84)
    await chamber.conclude()
    await chamber.score("m1", 88)
    await chamber.conclude()
    return chamber.bench.documents("ratings")


def of(documents: list[dict[str, Any]]) -> Explanation:
    (found,) = explain(documents, load_rulebook())
    return found


async def test_every_line_of_a_result_that_was_rescored() -> None:
    found = of(await rescored())

    assert found.agrees
    assert [line.en.split(" [")[0] for line in found.lines] == [
        (
            "Provincial council, session S1 (meeting), 2026-11-27: Bánh tẻ, 25-07918-1-2026, round 1, sheet QD26-06 "
            "(26/2026/QĐ-TTg)."
        ),
        "Regulation: Default regulation of provincial OCOP councils (province-default), number mặc định, 2026-05-22.",
        "Card of m1 (Sở Nông nghiệp và Môi trường): 95 points; replaced by a later card, not counted.",
        "Card of m2 (Sở 2): 85 points; counted.",
        "Card of m3 (Sở 3): 84 points; counted.",
        "Card of m1 (Sở Nông nghiệp và Môi trường): 88 points; counted.",
        "An earlier conclusion: a spread of 11 points, above 10 (m1 95, m2 85, m3 84): rescoring was asked for.",
        "Quorum: 3 of 3 members; the regulation asks for at least 3/4 of the members, that is 3.",
        "Presided: m1 (chair); the regulation asks for the chair or a deputy.",
        "Spread between highest and lowest: 4 points, not above 10.",
        (
            "Average: (88 + 85 + 84) / 3 = 257/3 = 85.66 (cut, not rounded); 70 points or more: the band of 4 stars "
            "(Art. 3.3)."
        ),
        (
            "Minimums (* marks) are judged on the option that the council agreed on, else the one that most members "
            "chose (of equals the lower); 0 criteria were agreed on."
        ),
        "Eliminations (by the council's conclusion): none.",
        "Result: 4 stars (the points give 4, the minimums leave 4).",
        "Recomputed: it is what was announced.",
    ]
    assert all(line.vi and line.vi != line.en for line in found.lines)


async def test_each_rule_is_told_with_its_source() -> None:
    quorum = next(line for line in of(await rescored()).lines if line.en.startswith("Quorum"))

    assert "[R: Tây Ninh" in quorum.en
    assert "[R: Tây Ninh" in quorum.vi


async def test_it_does_not_matter_in_which_order_the_records_are_read() -> None:
    documents = await rescored()

    assert of(documents[::-1]) == of(documents)


async def test_a_result_that_was_changed_on_record_is_found_out() -> None:
    documents = deepcopy(await rescored())
    documents[-1]["announced"][0]["data"]["stars"] = 5

    found = of(documents)

    assert (found.agrees, found.differences) == (False, ("stars",))
    assert "DIFFERS" in found.lines[-1].en


async def test_a_card_that_was_changed_on_record_is_found_out() -> None:
    documents = deepcopy(await rescored())
    card = next(each for each in documents if each.get("card", {}).get("member") == "m2")
    card["card"]["answers"] = answers_as_filed(answers_to(91))

    assert of(documents).differences == ("average", "spread")


async def test_the_regulation_of_its_day_explains_it_whatever_is_in_force_since() -> None:
    documents = deepcopy(await rescored())
    documents[-1]["sitting"]["regulation"]["spread"]["largest"] = 3

    assert "above 3; after 1 rescoring(s) the conclusion stands" in next(
        line.en for line in of(documents).lines if line.en.startswith("Spread")
    )


async def test_a_result_by_other_sheets_is_told_and_not_recomputed() -> None:
    documents = deepcopy(await rescored())
    documents[-1]["announced"][0]["data"]["legal_document"] = "148/QĐ-TTg"

    (line,) = of(documents).lines

    assert "148/QĐ-TTg" in line.en
