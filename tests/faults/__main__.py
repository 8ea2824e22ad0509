"""`python -m tests.faults`: a long run with faults, and a report of what came of it."""

import argparse
import secrets
import sys
from functools import partial
from pathlib import Path

from ops.interrupt import run_until_interrupted
from tests.faults.report import report
from tests.faults.run import Plan, run
from tests.long_run import reported, say


def main() -> int:
    """Run with the options of the command line; 0 where every promise was kept, 1 where one was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000, help="how many messages are sent (default 20000)")
    parser.add_argument("--faults", type=int, default=200, help="how many faults happen (default 200)")
    parser.add_argument(
        "--seed", type=int, help="the same seed makes the same messages and faults (default: a new one)"
    )
    parser.add_argument("--cluster", action="store_true", help="three RabbitMQ nodes that lose one at a time")
    parser.add_argument("--long-share", type=float, default=0.03, help="of 1: faults that last 25 s (default 0.03)")
    parser.add_argument("--report", type=Path, help="where the report is written besides")
    parser.add_argument("--folder", type=Path, help="where everything lies, kept afterwards (default: a temporary one)")
    options = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    plan = Plan(seed, options.messages, options.faults, 3 if options.cluster else 1, options.long_share)
    reporting = reported(partial(_run, plan), folder=options.folder, prefix="ocop-faults-", report_file=options.report)
    return run_until_interrupted(reporting)


async def _run(plan: Plan, folder: Path) -> tuple[str, bool]:
    say(f"seed {plan.seed}: {plan.messages} messages, {plan.faults} faults, {plan.nodes} broker nodes")
    result = await run(plan, folder, say)
    return report(result), bool(result.violations)


if __name__ == "__main__":
    sys.exit(main())
