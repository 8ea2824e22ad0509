"""The short form of the fault run: every kind of fault, and every promise kept. `make faults` is the long form.

OCOP_FAULTS_SEED takes another seed than the fixed one.
"""

import os
import sys
from pathlib import Path

import pytest

from tests.faults.report import report
from tests.faults.run import Plan, run

PLAN = Plan(seed=int(os.environ.get("OCOP_FAULTS_SEED", "26")), messages=600, faults=19)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


@pytest.mark.timeout(600)
async def test_every_promise_is_kept_while_servers_die_and_connections_break(tmp_path: Path) -> None:
    say(f"seed {PLAN.seed}")
    result = await run(PLAN, tmp_path / "faults", say)

    say(report(result))
    assert result.faults.total() == PLAN.faults
    assert result.violations == []
