"""The table of moves: complete, drawn on its page, and nothing but it moves a round."""

import pytest

from services.registry.moving import moved
from services.registry.rounds import MOVES, NoSuchMoveError, Step
from services.registry.stages import STAGES, any_of
from shared.contracts.rounds import Stage
from tests.unit.registry.products import a_round, product
from tools.life_cycle import PAGE, with_moves


def test_the_page_draws_the_table_that_the_code_uses() -> None:
    page = PAGE.read_text("utf-8")

    assert page == with_moves(page), "make life-cycle"


def test_every_step_has_its_move_and_every_stage_its_words() -> None:
    assert set(MOVES) == set(Step)
    assert set(STAGES) == set(Stage)


def test_every_stage_is_reached_and_left_but_the_last_which_ends_it() -> None:
    assert {move.after for move in MOVES.values()} == set(Stage)
    assert {stage for move in MOVES.values() for stage in move.before} == set(Stage)
    assert all((move.closing is not None) is (move.after is Stage.CLOSED) for move in MOVES.values())


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("step", Step)
def test_a_round_goes_where_the_table_says_and_nowhere_else(step: Step, stage: Stage) -> None:
    known = product(round=a_round(stage))

    if stage in MOVES[step].before:
        behind, _ = moved(known, step, why="a test")
        assert behind.round
        assert behind.round.stage is MOVES[step].after
    else:
        with pytest.raises(NoSuchMoveError):
            moved(known, step, why="a test")


def test_without_a_round_nothing_moves() -> None:
    with pytest.raises(NoSuchMoveError):
        moved(product(), Step.REFUSED, why="a test")


def test_stages_are_said_in_their_order() -> None:
    vi, en = any_of({Stage.AT_CENTRE, Stage.AT_COMMUNE})

    assert vi.startswith("đang ở cấp xã")
    assert en.endswith("or is at the centre, whose council is to rate it")
