"""Starts the mail server of `mailbox.py`, which alone needs the `local` extra."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from tools.stack.processes import Process, Processes


async def start_mailbox(processes: Processes, folder: Path, port: int) -> Process:
    """Start the server as a process of its own."""
    argv = [sys.executable, "-m", "tools.stack.mailbox", "--port", str(port), "--folder", str(folder)]
    return await processes.start("mailbox", argv, dict(os.environ), working_folder=Path(__file__).parents[2])


async def mailbox_answers(port: int) -> bool:
    """Return whether the server greets."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        return (await reader.readline()).startswith(b"220")
    except OSError:
        return False
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
