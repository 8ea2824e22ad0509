"""The probe as a process of its own, as a test starts and ends it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tools.stack import LocalStack, Process
from tools.stack.ports import free_ports
from tools.stack.processes import Processes

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def running_probe(
    stack: LocalStack, *, ready: bool = True, module: str = "probe_process", **settings: Any
) -> AsyncIterator[Process]:
    """Run the probe as a process; unless told otherwise, wait until it takes messages."""
    port = free_ports(1)[0]
    values = {
        "amqp_url": stack.amqp_url,
        "mongo_url": stack.mongo_url,
        "http_port": port,
        **settings,
    }
    environment = {**os.environ, **{f"OCOP_{name.upper()}": str(value) for name, value in values.items()}}
    processes = Processes(stack.folder)
    command = [sys.executable, "-m", f"tests.integration.{module}"]
    process = await processes.start("probe", command, environment, working_folder=ROOT)
    try:
        if ready:
            await process.until_ready(lambda: _is_ready(port))
        yield process
    finally:
        await processes.stop_all()


async def _is_ready(port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(b"GET /ready HTTP/1.0\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return b" 200 " in answer.partition(b"\r\n")[0]
