"""Averages, bands, quorum, spread and judged options against an oracle that reckons in whole numbers of its own."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.evaluation.council.counting import count
from services.evaluation.council.judging import average_of, judge, judged_options, shown, spread
from services.evaluation.council.state import FilledCard
from services.evaluation.rulebook import ScoreSheet
from shared.contracts.councils import CouncilConcluded
from tests.unit.evaluation.councils import CODE, NOTHING_DECLARED, regulation, session
from tests.unit.evaluation.sheets import answers, sheet, small_sheets

#: Between them lie the bands; 0 is not drawn more often than others.
TOTALS = st.lists(st.integers(0, 100), min_size=1, max_size=50)
NEAR_A_BAND = st.lists(st.sampled_from([29, 30, 49, 50, 69, 70, 89, 90, 91]), min_size=1, max_size=50)


def card(total: int, member: int = 1, options: dict[str, int] | None = None) -> FilledCard:
    return FilledCard(key=f"c{member}", member=f"m{member}", total=total, options=options or {})


@given(TOTALS | NEAR_A_BAND)
def test_average_and_band(totals: list[int]) -> None:
    sheet_of_set = sheet(6)
    judged = judge(
        sheet_of_set,
        regulation(),
        [card(total, n) for n, total in enumerate(totals, 1)],
        NOTHING_DECLARED,
        must_declare_quality=True,
    )
    total, cards = sum(totals), len(totals)

    # a band begins where the sum of n cards reaches n times its bound: no division
    assert judged.band == 1 + sum(total >= bound * cards for bound in (30, 50, 70, 90))
    average = average_of(judged)
    assert (average.numerator, average.denominator) == (total, cards)
    with localcontext(prec=60):
        cut = (Decimal(total) / Decimal(cards)).quantize(Decimal("0.01"), rounding=ROUND_FLOOR)
    assert average.shown == str(cut)
    assert spread([card(each) for each in totals]) == max(one - other for one in totals for other in totals)


@given(st.fractions(0, 100, max_denominator=50))
def test_what_is_shown_never_reads_like_a_higher_band(average: Fraction) -> None:
    read = Decimal(shown(average))

    assert Fraction(read) <= average < Fraction(read) + Fraction(1, 100)


@given(st.integers(1, 50), st.data())
def test_a_quorum_of_three_quarters_is_four_times_the_cards_not_below_three_times_the_members(
    members: int, data: st.DataObject
) -> None:
    sitting = session(members)
    scored = data.draw(st.sets(st.integers(1, members)))
    present = data.draw(st.sets(st.integers(1, members)))
    concluded = CouncilConcluded(
        session="S1",
        product_code=CODE,
        present=tuple(f"m{n}" for n in present),
        presided_by="m1",
        held_on=date(2026, 11, 27),
    )

    found = count(sitting, [card(80, n) for n in scored], concluded)

    counted = scored & present
    assert {each.member for each in found.counted} == {f"m{n}" for n in counted}
    complete = 4 * len(counted) >= 3 * members and present <= scored and 1 in present
    assert found.is_complete == complete
    if not complete and 1 in present:
        assert found.missing


@given(small_sheets(), st.data())
def test_the_option_of_the_majority_is_the_lowest_of_those_that_most_chose(
    drawn: ScoreSheet, data: st.DataObject
) -> None:

    cards = [card(0, n, dict(data.draw(answers(drawn)).options)) for n in range(1, data.draw(st.integers(1, 7)) + 1)]

    judged = judged_options(drawn, regulation(minimums={"judged_by": "majority"}), cards, {})

    for leaf in drawn.leaves:
        chosen = [each.options.get(leaf.code, 0) for each in cards]
        most = max(chosen.count(option) for option in chosen)
        equals = [option for option in chosen if chosen.count(option) == most]
        fewest = min(leaf.points[option] for option in equals)
        assert judged.get(leaf.code, 0) == min(option for option in equals if leaf.points[option] == fewest)


@given(small_sheets(), st.data())
def test_every_members_option_is_no_better_than_any_members(drawn: ScoreSheet, data: st.DataObject) -> None:
    cards = [card(0, n, dict(data.draw(answers(drawn)).options)) for n in range(1, 4)]

    judged = judged_options(drawn, regulation(minimums={"judged_by": "every-member"}), cards, {})

    for leaf in drawn.leaves:
        option = judged.get(leaf.code, 0)
        chosen = [each.options.get(leaf.code, 0) for each in cards]
        assert option in chosen
        assert all(leaf.points[option] <= leaf.points[each] for each in chosen)
