"""What a council's secretariat may file, and the answer to each thing that does not fit: nothing moves by it."""

from typing import Any

import pytest

from shared.contracts.catalogue import (
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    COUNCIL_RESULT,
    FILING_REJECTED,
    SCORECARD_FILED,
    EventType,
)
from shared.contracts.rounds import Stage
from shared.handling.outcome import Answered, DeadLetter, Retry
from tests.unit.evaluation.councils import (
    CENTRE,
    CODE,
    COMMUNE,
    MEMBERS,
    OTHER_PROVINCE,
    Chamber,
    codes,
    concluded,
    convened,
    scorecard,
)

OTHER = "25-07918-2-2026"
TWICE = [MEMBERS[0], MEMBERS[1], MEMBERS[1]]
NO_CHAIR = list(MEMBERS[1:4])
CENTRAL = {"level": "centre", "province_code": None, "regulation": "centre-default"}


@pytest.fixture
async def chamber() -> Chamber:
    """A product at the province, and nothing convened."""
    chamber = await Chamber.opened()
    await chamber.move()
    return chamber


@pytest.fixture
async def sitting() -> Chamber:
    """Three members have scored."""
    chamber = await Chamber.opened()
    await chamber.sit(80, 80, 80)
    return chamber


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        pytest.param({"members": TWICE}, [("/members/2/id", "member-twice")], id="a member twice"),
        pytest.param({"members": NO_CHAIR}, [("/members", "chair-wrong")], id="no chair"),
        pytest.param(
            {"members": [MEMBERS[0], {**MEMBERS[1], "seat": "chair"}]}, [("/members", "chair-wrong")], id="two"
        ),
        pytest.param({"regulation": "ha-noi"}, [("/regulation", "regulation-unknown")], id="no such regulation"),
        pytest.param({"regulation": "centre-default"}, [("/regulation", "regulation-unknown")], id="of another level"),
        pytest.param({"province_code": None}, [("/province_code", "level-of-another-council")], id="no province"),
        pytest.param({"products": [CODE, CODE]}, [("/products/1", "product-twice")], id="a product twice"),
        pytest.param(
            {"products": [CODE, "01-09574-1-2026"]},
            [("/products/1", "level-of-another-council"), ("/products/1", "product-not-at-level")],
            id="another province's product",
        ),
        pytest.param({"products": [OTHER, CODE]}, [("/products/0", "product-not-at-level")], id="unknown product"),
        pytest.param({"replaces": "S0"}, [("/replaces", "session-unknown")], id="replaces none"),
        pytest.param(
            CENTRAL,
            [("/level", "level-of-another-council"), ("/products/0", "product-not-at-level")],
            id="the centre's, from a province",
        ),
    ],
)
async def test_a_session_is_turned_back_whole_with_all_that_does_not_fit(
    chamber: Chamber, changed: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    (answer,) = await chamber.convene(**changed)

    assert (answer.type, codes(answer)) == (FILING_REJECTED.type, found)
    assert answer.data["filing"] == "council.convened"
    assert not chamber.records("convened")


@pytest.mark.parametrize("user", [COMMUNE, OTHER_PROVINCE, "integration.nobody"])
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        pytest.param(COUNCIL_CONVENED, convened(), id="session"),
        pytest.param(SCORECARD_FILED, scorecard("m1", 80), id="card"),
        pytest.param(COUNCIL_CONCLUDED, concluded(["m1"]), id="conclusion"),
    ],
)
async def test_who_may_not_file_it_learns_that_alone(
    sitting: Chamber, kind: EventType[Any], data: dict[str, Any], user: str
) -> None:
    (answer,) = await sitting.file(kind, data, user)

    assert [code for _, code in codes(answer)] == ["out-of-scope"]
    assert sitting.records("rejected")[-1]["event"]["filed_by"] == user


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        pytest.param(SCORECARD_FILED, scorecard("m1", 80), id="card"),
        pytest.param(COUNCIL_CONCLUDED, concluded(["m1", "m2", "m3"]), id="conclusion"),
    ],
)
async def test_the_centre_does_not_file_for_a_provincial_council(
    sitting: Chamber, kind: EventType[Any], data: dict[str, Any]
) -> None:
    (answer,) = await sitting.file(kind, data, CENTRE)

    assert codes(answer) == [("/level", "level-of-another-council")]


async def test_a_session_is_never_changed(sitting: Chamber) -> None:
    (answer,) = await sitting.convene(members=4, products=[CODE])

    assert codes(answer) == [("/session", "session-id-taken")]


async def test_a_product_is_in_one_open_session(sitting: Chamber) -> None:
    (answer,) = await sitting.convene("S2")

    assert codes(answer) == [("/products/0", "product-in-another-session")]
    assert answer.data["faults"][0]["product_code"] == CODE


async def test_a_session_that_replaces_another_takes_its_products_over_and_begins_without_cards(
    sitting: Chamber,
) -> None:
    assert await sitting.convene("S2", replaces="S1") == []

    (answer,) = await sitting.score("m1", 85)
    assert codes(answer) == [("/session", "session-replaced")]
    (answer,) = await sitting.convene("S3", replaces="S1")
    assert ("/replaces", "session-replaced") in codes(answer)
    assert await sitting.score("m1", 85, session="S2") == []
    assert await sitting.score("m2", 85, session="S2") == []
    assert await sitting.score("m3", 85, session="S2") == []
    assert (await sitting.conclude(session="S2")).data["average"]["shown"] == "85.00"


async def test_a_product_that_a_replacing_session_leaves_out_is_free(sitting: Chamber) -> None:
    await sitting.move(sequence=2, code=OTHER)
    await sitting.convene("S2", replaces="S1", products=[OTHER])

    assert await sitting.convene("S3") == []


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        pytest.param({"member": "m9"}, [("/member", "member-unknown")], id="who does not sit"),
        pytest.param({"product_code": OTHER}, [("/product_code", "product-not-in-session")], id="another product"),
        pytest.param({"score_sheet": "QD26-01"}, [("/score_sheet", "score-sheet-wrong")], id="another set's sheet"),
        pytest.param(
            {"answers": [{"criterion": "9.9", "option": 1}]}, [("/answers/0/criterion", "unknown-criterion")], id="99"
        ),
        pytest.param(
            {"answers": [{"criterion": "1.1", "option": 99}]}, [("/answers/0/option", "unknown-option")], id="option"
        ),
        pytest.param({"eliminations": ["7.77"]}, [("/eliminations/0", "unknown-elimination")], id="elimination"),
        pytest.param(
            {"member": "m9", "eliminations": ["7.77"]},
            [("/member", "member-unknown"), ("/eliminations/0", "unknown-elimination")],
            id="every reason",
        ),
    ],
)
async def test_a_card_that_does_not_fit(
    sitting: Chamber, changed: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    (answer,) = await sitting.file(SCORECARD_FILED, {**scorecard("m1", 85), **changed})

    assert (answer.type, codes(answer)) == (FILING_REJECTED.type, found)
    assert (await sitting.conclude()).data["average"]["shown"] == "80.00"


async def test_a_session_that_never_comes_is_named(chamber: Chamber) -> None:
    (answer,) = await chamber.score("m1", 80)
    assert codes(answer) == [("/session", "session-unknown")]
    assert codes(await chamber.conclude()) == [("/session", "session-unknown")]


async def test_a_filing_that_breaks_its_contract_is_answered_and_kept_as_a_dead_letter(sitting: Chamber) -> None:
    data = scorecard("m1", 80)
    del data["member"]

    outcome = await sitting.take(sitting.event(SCORECARD_FILED, data))

    assert isinstance(outcome, DeadLetter)
    assert outcome.reason == "breaks-contract"
    assert codes(sitting.bench.publisher.announced[-1]) == [("/member", "missing")]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        pytest.param({"present": None}, [("/present", "content-missing")], id="a meeting without those present"),
        pytest.param({"present": ["m1", "m9"]}, [("/present/1", "member-unknown")], id="a stranger was there"),
        pytest.param({"present": ["m1", "m2", "m1"]}, [("/present/2", "member-twice")], id="twice there"),
        pytest.param({"presided_by": "m9"}, [("/presided_by", "member-unknown")], id="a stranger presided"),
        pytest.param({"held_on": "2026-12-24"}, [("/held_on", "date-in-future")], id="in the future"),
        pytest.param({"held_on": "2026-11-01"}, [("/held_on", "date-too-early")], id="before the commune's letter"),
        pytest.param(
            {"agreed": [{"criterion": "1.1", "option": 99}]}, [("/agreed/0/option", "unknown-option")], id="agreed"
        ),
        pytest.param({"eliminations": ["7.77"]}, [("/eliminations/0", "unknown-elimination")], id="elimination"),
        pytest.param({"product_code": OTHER}, [("/product_code", "product-not-in-session")], id="another product"),
    ],
)
async def test_a_conclusion_that_does_not_fit(changed: dict[str, Any], found: list[tuple[str, str]]) -> None:
    chamber = await Chamber.opened()
    await chamber.move(letter_date="2026-11-15")
    await chamber.convene()
    for member in ("m1", "m2", "m3"):
        await chamber.score(member, 80)

    (answer,) = await chamber.file(COUNCIL_CONCLUDED, {**concluded(["m1", "m2", "m3"]), **changed})

    assert (answer.type, codes(answer)) == (FILING_REJECTED.type, found)
    assert (await chamber.conclude(remarks="đúng")).type == COUNCIL_RESULT.type


async def test_the_last_day_of_a_letter_and_today_are_days_on_which_a_council_may_meet() -> None:
    chamber = await Chamber.opened()
    await chamber.move(letter_date="2026-11-28")
    await chamber.convene()
    for member in ("m1", "m2", "m3"):
        await chamber.score(member, 80)

    assert (await chamber.conclude(held_on="2026-11-28")).type == COUNCIL_RESULT.type


async def test_a_council_meets_no_earlier_than_the_corrected_dossier_came_back() -> None:
    """The province had asked for it to come back to itself: no letter brings it (Art. 7.3a)."""
    chamber = await Chamber.opened()
    await chamber.move(letter_date="2026-11-15", sent_on="2026-11-15")
    await chamber.move(Stage.RETURNED, sequence=3, letter_date="2026-11-17")
    await chamber.move(Stage.AT_PROVINCE, sequence=4, sent_on="2026-11-25")
    await chamber.convene()
    for member in ("m1", "m2", "m3"):
        await chamber.score(member, 80)

    answer = await chamber.conclude(held_on="2026-11-24")
    assert codes(answer) == [("/held_on", "date-too-early")]
    assert answer.data["faults"][0]["message"]["vi"].startswith("Ngày họp 24/11/2026 trước ngày hồ sơ được chuyển đến")
    assert (await chamber.conclude(held_on="2026-11-25")).type == COUNCIL_RESULT.type


async def test_a_council_held_again_meets_no_earlier_than_the_one_it_comes_from(sitting: Chamber) -> None:
    """Art. 7.4g: the province's own, on what the centre gave fewer than 5 stars."""
    await sitting.conclude()
    await sitting.move(Stage.AT_CENTRE, sequence=5, letter_date="2026-11-27", sent_on="2026-11-27")
    await sitting.convene("S2", CENTRE, **CENTRAL, members=7)
    for number in range(1, 8):
        await sitting.score(f"m{number}", 80, session="S2", user=CENTRE)
    sat = [f"m{number}" for number in range(1, 8)]
    central = await sitting.conclude(sat, user=CENTRE, session="S2", held_on="2026-11-28")
    assert central.type == COUNCIL_RESULT.type
    await sitting.move(Stage.BACK_AT_PROVINCE, sequence=6, sent_on="2026-11-27")
    await sitting.convene("S3")
    for member in ("m1", "m2", "m3"):
        await sitting.score(member, 80, session="S3")

    assert codes(await sitting.conclude(session="S3")) == [("/held_on", "date-too-early")]
    assert (await sitting.conclude(session="S3", held_on="2026-11-28")).type == COUNCIL_RESULT.type


async def test_after_the_result_nothing_is_taken_and_no_session_has_the_product(sitting: Chamber) -> None:
    await sitting.conclude()

    (answer,) = await sitting.score("m1", 99, answers=[])
    assert codes(answer) == [("/product_code", "council-concluded")]
    assert codes(await sitting.conclude(remarks="lần hai")) == [("/product_code", "council-concluded")]
    (answer,) = await sitting.convene("S2")
    assert codes(answer) == [("/products/0", "product-not-at-level")]


async def test_a_returned_products_cards_are_kept_and_not_counted(sitting: Chamber) -> None:
    await sitting.move(Stage.RETURNED, sequence=3)

    (answer,) = await sitting.score("m1", 85)
    assert codes(answer) == [("/product_code", "product-not-in-session")]

    await sitting.move(Stage.AT_PROVINCE, sequence=4)
    (answer,) = await sitting.score("m1", 85)  # it came back, and not into that session
    assert codes(answer) == [("/product_code", "product-not-in-session")]
    assert await sitting.convene("S2") == []
    answer = await sitting.conclude(session="S2")
    assert codes(answer) == [("", "no-scorecards")]
    assert len(sitting.records("card-kept")) == 3


async def test_a_move_that_comes_late_changes_nothing(sitting: Chamber) -> None:
    await sitting.move(Stage.RETURNED, sequence=1)

    assert (await sitting.conclude()).type == COUNCIL_RESULT.type


async def test_a_session_waits_for_a_product_that_is_on_its_way() -> None:
    chamber = await Chamber.opened()
    event = chamber.event(COUNCIL_CONVENED, convened())

    assert isinstance(await chamber.take(event), Retry)
    await chamber.move()

    assert isinstance(await chamber.take(event), Answered)
    assert len(chamber.records("convened")) == 1


async def test_a_product_back_from_the_centre_may_have_a_council_of_its_province_again(sitting: Chamber) -> None:
    await sitting.conclude()
    await sitting.move(Stage.BACK_AT_PROVINCE, sequence=6)

    assert await sitting.convene("S2") == []
    assert await sitting.score("m1", 75, session="S2") == []


async def test_a_repeated_session_is_on_record_once(chamber: Chamber) -> None:
    event = chamber.event(COUNCIL_CONVENED, convened())

    for _ in range(3):
        assert await chamber.finish(event) == []

    assert len(chamber.records("convened")) == 1
