"""The three services as processes of the local stack."""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from shared.system import SYSTEM
from tools.local_settings import AT_ONCE
from tools.stack import LocalStack, Part, Process
from tools.stack.errors import DiedError

_PROJECT = Path(__file__).parent.parent


async def start_services(
    stack: LocalStack, say: Callable[[str], None], *, log_format: str = "json", **settings: str
) -> list[Part]:
    """Start the services, with more settings if given, and wait until each is ready. Raise StackError if one is not."""
    services = [_service(stack, name, {"OCOP_LOG_FORMAT": log_format, **settings}) for name in SYSTEM.names]
    await asyncio.gather(*(_start(service, say) for service in services))
    return services


async def migrate_register(stack: LocalStack) -> None:
    """Bring a register that an earlier version kept up to date, as an operator does. Raise StackError."""
    job = await _process(stack, "registry", ["migrate"], {}, log_name="registry-migrate")
    if exit_code := await job.wait():
        raise DiedError(job.name, exit_code, job.log_file, job.last_lines())


async def _process(
    stack: LocalStack, name: str, arguments: Sequence[str], settings: Mapping[str, str], *, log_name: str
) -> Process:
    environment = {
        **AT_ONCE,
        **os.environ,
        **stack.credentials(name).settings,  # here, not in a folder: a .env beside the code comes before that
        "OCOP_SMTP_URL": stack.smtp_url,
        "OCOP_HTTP_HOST": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
        **settings,
    }
    command = [sys.executable, "-m", f"services.{name}", *arguments]
    return await stack.processes.start(log_name, command, environment, working_folder=_PROJECT)


def _service(stack: LocalStack, name: str, settings: Mapping[str, str]) -> Part:
    port = stack.ports[name]
    return Part(
        name,
        name,
        partial(_process, stack, name, [], {"OCOP_HTTP_PORT": str(port), **settings}, log_name=name),
        lambda: asyncio.to_thread(_ready, port),
        "What is for it waits in its queues.",
        url=f"http://127.0.0.1:{port}",
    )


async def _start(service: Part, say: Callable[[str], None]) -> None:
    await service.start()
    say(f"{service.title} is ready")


def _ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
