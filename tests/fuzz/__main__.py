"""`python -m tests.fuzz`: the long form of the fuzz tests, with a summary. `make fuzz` runs it."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.fuzz import at_decoders, through_broker
from tests.fuzz.seed import chosen_seed
from tests.fuzz.through_broker import MEMORY_ALLOWANCE_KIB, Run, fuzz_definitions
from tests.unit.evaluation import test_council_life
from tests.unit.registry import test_rounds_life
from tools.stack import LocalStack


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="at the decoders (default: %(default)s)")
    parser.add_argument("--through-broker", type=int, default=5_000, help="at the services (default: %(default)s)")
    parser.add_argument(
        "--steps", type=int, default=100_000, help="of lives of one product, and of councils (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, help="to see the same messages again (default: a new one, printed)")
    return parser.parse_args()


async def _through_broker(count: int, seed: int) -> Run:
    with tempfile.TemporaryDirectory(prefix="ocop-fuzz-") as folder:
        async with LocalStack(Path(folder), definitions=fuzz_definitions(), say=_say, fresh=True) as stack:
            return await through_broker.throw(stack, count, seed, _say)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run both parts and print what became of every message. Return 1 where something did not hold."""
    arguments = _arguments()
    seed = chosen_seed() if arguments.seed is None else arguments.seed
    _say(f"seed {seed}")
    summary = at_decoders.throw(arguments.messages, seed, _say)
    _say("\n".join(("", *summary.lines(), "")))
    test_rounds_life.take(arguments.steps)
    _say(f"{arguments.steps:,} steps of lives of one product: no state that the table of moves does not know")
    test_council_life.take(arguments.steps)
    _say(f"{arguments.steps:,} steps of councils: no state that their table does not know\n")
    run = asyncio.run(_through_broker(arguments.through_broker, seed))
    _say("\n".join(("", *run.lines(), f"seed {seed}")))
    return 1 if summary.failures or run.faults or run.grown(MEMORY_ALLOWANCE_KIB) else 0


if __name__ == "__main__":
    sys.exit(main())
