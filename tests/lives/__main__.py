"""Play random lives of products on the real services, and hold every event against an oracle of the law."""

import argparse
import asyncio
import logging
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from ops.interrupt import run_until_interrupted
from tests.lives.plan import Plan
from tests.lives.report import report
from tests.lives.run import run

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
    return run_until_interrupted(_main(plan, options.folder, options.report))


async def _main(plan: Plan, folder: Path | None, report_file: Path | None) -> int:
    logging.disable(logging.ERROR)  # the client libraries' words about broken connections
    _say(f"seed {plan.seed}: {plan.lives} lives of {plan.years} years, {plan.kills} kills")
    used, kept = folder or Path(tempfile.mkdtemp(prefix="ocop-lives-")), True
    try:
        result = await run(plan, used, _say)
        kept = bool(result.differences)
    except asyncio.CancelledError:  # whoever interrupts a run does not want it
        kept = False
        raise
    finally:
        if folder is None and not kept:
            shutil.rmtree(used)
        else:
            _say(f"logs and data: {used}")
    text = report(result)
    if report_file:
        report_file.parent.mkdir(parents=True, exist_ok=True)
        report_file.write_text(text, "utf-8")  # noqa: ASYNC240
    sys.stdout.write(text)
    return int(bool(result.differences))


def _say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
