"""What long runs have in common: lines of progress, a report, and a folder that is kept where something is wrong."""

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path


async def reported(
    run: Callable[[Path], Awaitable[tuple[str, bool]]], *, folder: Path | None, prefix: str, report_file: Path | None
) -> int:
    """Run in a folder, and write the report that comes of it. Return the exit code: 1 where something is wrong.

    Args:
        run: returns the report, and whether something is wrong.
        folder: None for a temporary one, which is kept where something is wrong and removed otherwise.
        prefix: how the name of the temporary one begins.
        report_file: where the report is written besides.
    """
    logging.disable(logging.ERROR)  # the client libraries' words about broken connections
    used, is_wrong = folder or Path(tempfile.mkdtemp(prefix=prefix)), True
    try:
        text, is_wrong = await run(used)
    except asyncio.CancelledError:  # whoever interrupts a run does not want it
        is_wrong = False
        raise
    finally:
        if folder is None and not is_wrong:
            shutil.rmtree(used)
        else:
            say(f"logs and data: {used}")
    if report_file:
        report_file.parent.mkdir(parents=True, exist_ok=True)
        report_file.write_text(text, "utf-8")  # noqa: ASYNC240
    sys.stdout.write(text)
    return int(is_wrong)


def say(line: str) -> None:
    """Write a line of progress, with the time."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {line}\n")
    sys.stdout.flush()
