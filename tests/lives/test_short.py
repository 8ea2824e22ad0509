"""The short form of the run of random lives. `make lives` is the long form.

OCOP_LIVES_SEED takes another seed than the fixed one.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.lives.plan import Plan
from tests.lives.report import report
from tests.lives.run import run

PLAN = Plan(seed=int(os.environ.get("OCOP_LIVES_SEED", "26")), lives=20, kills=2, years=4)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


@pytest.mark.timeout(600)
async def test_random_lives_go_as_the_law_says_while_services_die(tmp_path: Path) -> None:
    say(f"seed {PLAN.seed}")
    result = await run(PLAN, tmp_path / "lives", say)

    say(report(result))
    assert result.kills >= PLAN.kills
    assert result.differences == ()
