"""Mutated messages through the real broker at the three services as processes: a part of what `make fuzz` throws."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fuzz.seed import chosen_seed
from tests.fuzz.through_broker import MEMORY_ALLOWANCE_KIB, fuzz_definitions, throw
from tools.stack import LocalStack

MESSAGES = 1_000


@pytest.fixture
async def own_stack(tmp_path: Path) -> AsyncIterator[LocalStack]:
    """A stack on which nobody else files, so that everything on it can be accounted for."""
    async with LocalStack(tmp_path, definitions=fuzz_definitions(), fresh=True) as stack:
        yield stack


@pytest.mark.timeout(600)
async def test_every_message_is_answered_or_kept_and_the_services_serve_on(own_stack: LocalStack) -> None:
    run = await throw(own_stack, MESSAGES, chosen_seed(usual=2026))

    assert run.faults == []
    assert run.taken > MESSAGES * 0.9
    assert run.grown(MEMORY_ALLOWANCE_KIB) == []
