"""Play random lives of products on the real services, and hold every event against an oracle of the law."""

import argparse
import secrets
import sys
from functools import partial
from pathlib import Path

from ops.interrupt import run_until_interrupted
from tests.lives.plan import Plan
from tests.lives.report import report
from tests.lives.run import run
from tests.long_run import reported, say

_EXAMPLES = """\
examples:
  python -m tests.lives                                       300 lives, 10 kills, a new seed
  python -m tests.lives --seed 26 --lives 300                 the lives of an earlier run once more
  python -m tests.lives --lives 5000 --kills 100 --report .local/lives.md
"""


def main() -> int:
    """Run with the options of the command line; 0 where all went as the law says, 1 where a life did not."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.lives",
        description=__doc__,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lives", type=int, default=300, help="how many products (default 300)")
    parser.add_argument("--years", type=int, default=5, help="for how long, by their clock (default 5)")
    parser.add_argument("--kills", type=int, default=10, help="how often services are killed (default 10)")
    parser.add_argument("--seed", type=int, help="the same seed draws the same lives (default: a new one, printed)")
    parser.add_argument("--report", type=Path, help="where the report is written besides")
    parser.add_argument("--folder", type=Path, help="where everything lies, kept afterwards (default: a temporary one)")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    plan = Plan(seed, options.lives, options.kills, options.years)
    reporting = reported(partial(_run, plan), folder=options.folder, prefix="ocop-lives-", report_file=options.report)
    return run_until_interrupted(reporting)


async def _run(plan: Plan, folder: Path) -> tuple[str, bool]:
    say(f"seed {plan.seed}: {plan.lives} lives of {plan.years} years, {plan.kills} kills")
    result = await run(plan, folder, say)
    return report(result), bool(result.differences)


if __name__ == "__main__":
    sys.exit(main())
