"""Whole lives on a real broker and a real database, in fast time: everything that follows is what the files say."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from ops.access.broker import definitions
from shared.integrations import load_integrations
from tools.lives.life import INTEGRATIONS, Life, load_lives
from tools.lives.play import LifeDiffersError, Player, player
from tools.stack import LocalStack

LIVES = load_lives()
#: milliseconds that what came too early waits, in the place of up to 30 seconds
DELAY_MILLISECONDS = 200


@pytest.fixture(scope="module")
async def on_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Player]:
    content = definitions(load_integrations(INTEGRATIONS), delay_milliseconds=DELAY_MILLISECONDS)
    begins = min(life.steps[0].at for life in LIVES)
    async with (
        LocalStack(tmp_path_factory.mktemp("lives"), definitions=content, fresh=True) as stack,
        player(stack, begins, run_id="tests") as started,
    ):
        yield started


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
async def test_a_life_goes_as_its_file_says(on_stage: Player, life: Life) -> None:
    await on_stage.play(life)


async def test_a_life_that_goes_otherwise_is_told(on_stage: Player) -> None:
    begins, expected = datetime(2026, 11, 24, tzinfo=UTC), ("council.result",)
    step = LIVES[0].steps[0].model_copy(update={"at": begins, "expect": expected})
    with pytest.raises(LifeDiffersError, match=r"in the place of council\.result"):
        await on_stage.play(Life("wrong", "wrong", (step,)))
