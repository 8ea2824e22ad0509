"""The cases of LIFECYCLE.md, section 8, and what leads to a result, rescoring, or neither."""

from typing import Any

import pytest

from services.evaluation.rulebook import load_rulebook
from shared.contracts.catalogue import (
    COUNCIL_CONCLUDED,
    COUNCIL_INCOMPLETE,
    COUNCIL_RESCORE_REQUESTED,
    COUNCIL_RESULT,
    FILING_REJECTED,
    SCORECARD_FILED,
)
from shared.contracts.rounds import Stage
from shared.handling.outcome import Retry
from tests.unit.evaluation.councils import (
    CENTRE,
    CODE,
    SET,
    Chamber,
    answers_as_filed,
    answers_to,
    codes,
    concluded,
    scorecard,
)


async def concluded_on(*totals: int, **changed: Any) -> tuple[str, dict[str, Any]]:
    """Let as many members score, conclude, and return kind and data of the answer."""
    chamber = await Chamber.opened()
    await chamber.sit(*totals, members=max(len(totals), 2))
    answer = await chamber.conclude([f"m{n}" for n in range(1, len(totals) + 1)], **changed)
    return answer.type, answer.data


async def test_90_90_89_is_shown_as_8966_and_has_four_stars() -> None:
    kind, result = await concluded_on(90, 90, 89)

    assert kind == COUNCIL_RESULT.type
    assert result["average"] == {"numerator": 269, "denominator": 3, "shown": "89.66"}
    assert (result["band"], result["stars"], result["spread"], result["spread_stands"]) == (4, 4, 1, False)


async def test_629_sevenths_is_never_rounded_up() -> None:
    _, result = await concluded_on(90, 90, 90, 90, 90, 90, 89)

    assert result["average"] == {"numerator": 629, "denominator": 7, "shown": "89.85"}
    assert result["stars"] == 4


async def test_90_90_90_has_five_stars_where_every_minimum_is_met() -> None:
    _, result = await concluded_on(90, 90, 90)

    assert (result["average"]["shown"], result["band"], result["stars"]) == ("90.00", 5, 5)
    assert result["unmet_minimums"] == []


async def test_90_with_one_minimum_of_five_stars_unmet_has_four_stars() -> None:
    marked, lowest = next(
        (leaf.code, leaf.minimums[5])
        for leaf in load_rulebook().sheets[SET].marked
        if 5 in leaf.minimums and leaf.minimums[5] - 1 >= leaf.minimums.get(4, 0) > 0
    )

    _, result = await concluded_on(90, 90, 90, agreed=[{"criterion": marked, "option": lowest - 1}])

    assert (result["band"], result["stars"]) == (5, 4)
    assert [(each["criterion"], each["star"]) for each in result["unmet_minimums"]] == [(marked, 5)]


async def test_a_spread_of_eleven_asks_for_rescoring() -> None:
    kind, asked = await concluded_on(95, 85, 84)

    assert kind == COUNCIL_RESCORE_REQUESTED.type
    assert (asked["spread"], asked["allowed"]) == (11, 10)
    assert asked["totals"] == [{"member": f"m{n}", "total": total} for n, total in ((1, 95), (2, 85), (3, 84))]
    assert all(each["lowest"] < each["highest"] for each in asked["criteria"])
    assert sum(each["highest"] - each["lowest"] for each in asked["criteria"]) >= 11


async def test_a_spread_of_exactly_ten_stands() -> None:
    kind, result = await concluded_on(94, 84)

    assert kind == COUNCIL_RESULT.type
    assert (result["spread"], result["spread_stands"]) == (10, False)


async def test_after_rescoring_cards_are_open_again_and_later_ones_count() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(95, 85, 84)
    await chamber.conclude()

    assert await chamber.score("m1", 88) == []
    result = await chamber.conclude()

    assert (result.type, result.data["average"]["numerator"]) == (COUNCIL_RESULT.type, 88 + 85 + 84)
    assert len(chamber.records("card-kept")) == 4  # the replaced one too


async def test_a_second_conclusion_stands_whatever_the_spread_and_says_so() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(95, 85, 84)
    await chamber.conclude()

    result = await chamber.conclude(remarks="Chủ tịch kết luận")

    assert (result.type, result.data["spread"], result.data["spread_stands"]) == (COUNCIL_RESULT.type, 11, True)


@pytest.mark.parametrize(
    ("members", "scored", "complete"),
    [
        pytest.param(7, 5, False, id="5 of 7"),
        pytest.param(7, 6, True, id="6 of 7"),
        pytest.param(8, 6, True, id="6 of 8"),
    ],
)
async def test_three_quarters_of_the_members_are_a_quorum(members: int, scored: int, *, complete: bool) -> None:
    chamber = await Chamber.opened()
    await chamber.sit(*[80] * scored, members=members)

    answer = await chamber.conclude([f"m{n}" for n in range(1, scored + 1)])

    assert answer.type == (COUNCIL_RESULT if complete else COUNCIL_INCOMPLETE).type
    if not complete:
        assert (answer.data["counted"], answer.data["needed"]) == (5, 6)
        assert [each["id"] for each in answer.data["missing"]] == ["m6", "m7"]


async def test_who_was_present_without_a_card_is_named_and_waited_for() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 81)
    event = chamber.event(COUNCIL_CONCLUDED, concluded(["m1", "m2", "m3"]))

    assert isinstance(await chamber.take(event), Retry)
    (answer,) = await chamber.finish(event)

    assert answer.type == COUNCIL_INCOMPLETE.type
    assert [each["id"] for each in answer.data["missing"]] == ["m3"]


async def test_a_card_that_comes_while_the_conclusion_waits_counts() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 81)
    event = chamber.event(COUNCIL_CONCLUDED, concluded(["m1", "m2", "m3"]))
    await chamber.take(event)

    await chamber.score("m3", 82)
    (answer,) = await chamber.finish(event)

    assert (answer.type, answer.data["counted"]) == (COUNCIL_RESULT.type, 3)


async def test_after_incomplete_the_missing_card_can_be_filed() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 81)
    await chamber.conclude()

    await chamber.score("m3", 82)

    assert (await chamber.conclude(remarks="lần hai")).type == COUNCIL_RESULT.type


async def test_an_absent_members_card_is_kept_and_not_counted() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 80, 80, 89, members=4)

    answer = await chamber.conclude(["m1", "m2", "m3"])

    assert (answer.data["average"]["shown"], answer.data["counted"], answer.data["members"]) == ("80.00", 3, 4)


async def test_of_written_opinions_each_who_filed_counts() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 80, 83)

    answer = await chamber.conclude(None, way="written-opinions")

    assert (answer.type, answer.data["counted"]) == (COUNCIL_RESULT.type, 3)


async def test_without_chair_or_deputy_there_is_no_result() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 80, 80)

    answer = await chamber.conclude(presided_by="m2")

    assert (answer.type, answer.data["chair_missing"], answer.data["missing"]) == (COUNCIL_INCOMPLETE.type, True, [])


async def test_a_deputy_may_preside() -> None:
    chamber = await Chamber.opened()
    members = [{"id": f"m{n}", "office": "Sở", "seat": seat} for n, seat in enumerate(("chair", "deputy", "member"), 1)]
    await chamber.move()
    await chamber.convene(members=members)
    for number in (2, 3):
        await chamber.score(f"m{number}", 80)
    await chamber.score("m1", 80)

    assert (await chamber.conclude(presided_by="m2")).type == COUNCIL_RESULT.type


async def test_an_elimination_that_the_council_declares_leaves_no_stars() -> None:
    sheet = load_rulebook().sheets[SET]
    criterion = next(iter(sheet.eliminations))

    _, result = await concluded_on(85, 85, eliminations=[criterion])

    assert (result["stars"], result["band"]) == (None, 4)
    assert [each["criterion"] for each in result["stops"]] == [criterion]


async def test_a_result_goes_to_the_recipient_and_carries_session_and_regulation() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 80, 80)

    answer = await chamber.conclude()

    assert answer.data["sealed_recipient"] == "a.b.c.d.e"
    assert (answer.data["session"], answer.data["level"]) == ("S1", "province")
    assert answer.data["regulation"] == "province-default, mặc định, 2026-05-22"
    assert (answer.subject, answer.place, answer.data["round"]) == (CODE, "25-07918", 1)
    assert answer.sequence == 2  # that of the registry's event that brought the product to its council


async def test_a_central_council_counts_five() -> None:
    chamber = await Chamber.opened()
    await chamber.move(Stage.AT_CENTRE, sequence=5)
    session = {"level": "centre", "province_code": None, "regulation": "centre-default"}
    assert await chamber.convene("C1", CENTRE, members=7, **session) == []
    for number in range(1, 6):
        assert await chamber.score(f"m{number}", 91, session="C1", user=CENTRE) == []

    answer = await chamber.conclude([f"m{n}" for n in range(1, 6)], session="C1", user=CENTRE)

    assert (answer.type, answer.data["level"], answer.data["stars"]) == (COUNCIL_RESULT.type, "centre", 5)


async def test_a_members_later_card_replaces_her_earlier_one_also_where_that_waited_on_its_way() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 80)
    await chamber.score("m3", 82, minute=20)
    await chamber.score("m3", 70, minute=10)  # filed before, delayed

    answer = await chamber.conclude()

    assert answer.data["average"]["numerator"] == 80 + 80 + 82
    assert len(chamber.records("card-older")) == 1


async def test_a_card_before_its_session_waits_for_it() -> None:
    chamber = await Chamber.opened()
    await chamber.move()
    card = chamber.event(SCORECARD_FILED, scorecard("m1", 80))

    assert isinstance(await chamber.take(card), Retry)
    await chamber.convene()
    assert await chamber.finish(card) == []

    assert len(chamber.records("card-kept")) == 1


async def test_a_card_that_comes_again_is_kept_once() -> None:
    chamber = await Chamber.opened()
    await chamber.sit()
    card = chamber.event(SCORECARD_FILED, scorecard("m1", 80))

    for _ in range(3):
        assert await chamber.finish(card) == []

    assert len(chamber.records("card-kept")) == 1


async def test_a_conclusion_that_comes_again_has_the_same_answer() -> None:
    chamber = await Chamber.opened()
    await chamber.sit(80, 80, 80)
    event = chamber.event(COUNCIL_CONCLUDED, concluded(["m1", "m2", "m3"]))

    first, again = await chamber.finish(event), await chamber.finish(event)

    assert first == again
    assert len(chamber.records("result")) == 1


async def test_majority_judges_where_nothing_was_agreed_and_of_equals_the_lower() -> None:
    marked = next(leaf for leaf in load_rulebook().sheets[SET].marked if 3 in leaf.minimums)
    low = marked.minimums[3] - 1
    chamber = await Chamber.opened()
    await chamber.sit(80, members=2)
    options = dict(answers_to(80)) | {marked.code: low}
    await chamber.score("m2", 80, answers=answers_as_filed((c, o) for c, o in options.items() if o))

    answer = await chamber.conclude(["m1", "m2"])

    assert marked.code in [each["criterion"] for each in answer.data["unmet_minimums"]]
    assert answer.data["stars"] == 2


async def test_a_conclusion_without_any_card_is_turned_back_at_last() -> None:
    chamber = await Chamber.opened()
    await chamber.sit()
    event = chamber.event(COUNCIL_CONCLUDED, concluded(["m1", "m2", "m3"]))

    assert isinstance(await chamber.take(event), Retry)
    (answer,) = await chamber.finish(event)

    assert (answer.type, codes(answer)) == (FILING_REJECTED.type, [("", "no-scorecards")])
