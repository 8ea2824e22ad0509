"""What councils give moves the round it is of, and what was overtaken moves nothing."""

from datetime import UTC, date, datetime

import pytest

from services.registry import council_results
from services.registry.rounds import Round
from shared.contracts.catalogue import COUNCIL_RESULT
from shared.contracts.councils import Average, CouncilResult, Level
from shared.contracts.event import BrokenContractError, Event
from shared.contracts.rounds import Closing, Stage
from shared.handling.history import Version
from shared.handling.outcome import Decision
from tests.unit.registry.products import CODE, a_round, product, result

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def event(level: Level, stars: int | None, *, points: int = 85, round_: int = 1) -> Event:
    """Return the result of a council."""
    data = CouncilResult(
        product_code=CODE,
        product_name="Bánh tẻ Hưng Vân",
        product_set=6,
        registration="first",
        round=round_,
        session="phien-1",
        level=level,
        regulation="province-default",
        legal_document="26/2026/QĐ-TTg",
        score_sheet="QD26-06",
        average=Average(numerator=points, denominator=1, shown=str(points)),
        counted=5,
        members=5,
        spread=4,
        band=5 if points >= 90 else 4,  # Art. 3.3
        stars=stars,
        held_on=date(2026, 11, 25),
    )
    return Event("result", "/ocop/evaluation", COUNCIL_RESULT.type, data.model_dump(mode="json"))


def decided(round_: Round | None, filed: Event) -> Decision:
    known = Version(CODE, 4, product(round=round_)) if round_ else None
    return council_results.decide(known, filed, NOW)


def after(decision: Decision) -> Round:
    assert decision.version
    round_ = decision.version.state.round
    assert isinstance(round_, Round)
    return round_


@pytest.mark.parametrize(
    ("stage", "level", "stars", "expected", "closing"),
    [
        pytest.param(Stage.AT_PROVINCE, Level.PROVINCE, 3, Stage.AWAITS_PROVINCE, None, id="7, 3 stars"),
        pytest.param(Stage.AT_PROVINCE, Level.PROVINCE, 5, Stage.AWAITS_PROVINCE, None, id="7, 5 stars"),
        pytest.param(Stage.AT_PROVINCE, Level.PROVINCE, 2, Stage.CLOSED, Closing.BELOW_THREE_STARS, id="7, 2 stars"),
        pytest.param(Stage.AT_PROVINCE, Level.PROVINCE, None, Stage.CLOSED, Closing.BELOW_THREE_STARS, id="eliminated"),
        pytest.param(Stage.BACK_AT_PROVINCE, Level.PROVINCE, 4, Stage.AWAITS_PROVINCE, None, id="9, a council again"),
        pytest.param(Stage.AT_CENTRE, Level.CENTRE, 5, Stage.AWAITS_CENTRE, None, id="9, 5 stars"),
        pytest.param(Stage.AT_CENTRE, Level.CENTRE, 4, Stage.BACK_AT_PROVINCE, None, id="9, 4 stars"),
        pytest.param(Stage.AT_CENTRE, Level.CENTRE, None, Stage.BACK_AT_PROVINCE, None, id="9, eliminated"),
    ],
)
def test_a_result_moves_the_round(
    stage: Stage, level: Level, stars: int | None, expected: Stage, closing: Closing | None
) -> None:
    decision = decided(a_round(stage), event(level, stars))

    assert (after(decision).stage, after(decision).closing) == (expected, closing)
    (moved,) = decision.announced
    assert (moved.data["why"], moved.data["to_stage"], moved.sequence) == ("council.result", expected, 5)


@pytest.mark.parametrize(
    ("round_", "filed"),
    [
        pytest.param(a_round(Stage.RETURNED), event(Level.PROVINCE, 4), id="it was returned meanwhile"),
        pytest.param(a_round(Stage.CLOSED), event(Level.PROVINCE, 4), id="it has ended"),
        pytest.param(a_round(Stage.AT_PROVINCE, number=2), event(Level.PROVINCE, 4), id="of an earlier round"),
        pytest.param(a_round(Stage.AT_PROVINCE), event(Level.CENTRE, 5), id="of another council"),
        pytest.param(a_round(Stage.AWAITS_PROVINCE), event(Level.PROVINCE, 3), id="a second result"),
        pytest.param(None, event(Level.PROVINCE, 4), id="of a product that the register has not got"),
    ],
)
def test_a_result_that_was_overtaken_is_on_record_and_moves_nothing(round_: Round | None, filed: Event) -> None:
    decision = decided(round_, filed)

    assert (decision.version, decision.announced, decision.fields["outcome"]) == (None, (), "overtaken")


def test_a_council_of_the_province_s_own_comes_in_the_place_of_the_central_result() -> None:
    round_ = after(decided(a_round(Stage.BACK_AT_PROVINCE, central=result(75, 3)), event(Level.PROVINCE, 4)))

    assert round_.central is None
    assert round_.provincial
    assert (round_.provincial.stars, round_.provincial.event_id) == (4, "result")


def test_what_is_no_result_is_no_event_of_evaluation() -> None:
    with pytest.raises(BrokenContractError):
        decided(a_round(), Event("result", "/ocop/evaluation", COUNCIL_RESULT.type, {"product_code": CODE}))


def test_a_result_of_an_earlier_visit_moves_nothing() -> None:
    """The dossier was returned, and has come back since: the cards of that session do not count (LIFECYCLE, row 3)."""
    decision = decided(a_round(Stage.AT_PROVINCE, moves=3), event(Level.PROVINCE, 4))

    assert (decision.fields["outcome"], decision.version, decision.announced) == ("overtaken", None, ())


@pytest.mark.parametrize(
    ("stage", "level", "stars", "expected"),
    [
        pytest.param(Stage.AT_PROVINCE, Level.PROVINCE, 4, date(2026, 12, 30), id="the province decides"),
        pytest.param(Stage.AT_CENTRE, Level.CENTRE, 5, date(2026, 12, 30), id="the minister decides"),
        pytest.param(Stage.AT_CENTRE, Level.CENTRE, 4, date(2026, 12, 30), id="back at the province"),
        pytest.param(Stage.AT_PROVINCE, Level.PROVINCE, 2, None, id="it has ended"),
    ],
)
def test_the_last_day_for_a_re_evaluation_stays_until_it_is_decided(
    stage: Stage, level: Level, stars: int, expected: date | None
) -> None:
    """Art. 7.6g: 45 days, in which the council rates it and the authority decides."""
    decision = decided(a_round(stage, due_on=date(2026, 12, 30)), event(level, stars))

    (moved,) = decision.announced
    assert (after(decision).due_on, moved.data["due_on"]) == (expected, expected and expected.isoformat())
