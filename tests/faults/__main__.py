"""`python -m tests.faults`: a long run with faults, and a report of what came of it."""

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
from tests.faults.report import report
from tests.faults.run import Plan, run


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
    return run_until_interrupted(_main(plan, options.folder, options.report))


async def _main(plan: Plan, folder: Path | None, report_file: Path | None) -> int:
    logging.disable(logging.ERROR)  # the client libraries' words about broken connections
    _say(f"seed {plan.seed}: {plan.messages} messages, {plan.faults} faults, {plan.nodes} broker nodes")
    used = folder or Path(tempfile.mkdtemp(prefix="ocop-faults-"))
    kept = True
    try:
        result = await run(plan, used, _say)
        kept = bool(result.violations)
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
    return int(kept)


def _say(line: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
