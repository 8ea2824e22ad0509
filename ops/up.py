"""`make up`: the local stack, kept until Ctrl-C, with the services' logs."""

import asyncio
import signal
from pathlib import Path
from shlex import quote

from rich.console import Console

from ops.access.integrations import queue_of, user_of
from ops.access.permissions import OPERATOR
from ops.demo import PORTAL
from ops.services import start_services
from ops.stack import LocalStack, Process

#: In the stack's folder: the URLs of the moment, as settings.
URLS = "urls.env"

#: seconds between two looks at the end of a log
_LOOK_AGAIN_SECONDS = 0.2


async def run_up(folder: Path, console: Console) -> int:
    """Start the stack, say where everything is, and show the services' logs. Gives 1 where a service ended by itself.

    Raises:
        StackError: the stack could not be started.
    """

    def tell(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    tell(f"Starting RabbitMQ, SecantusDB and a mail server in {folder}")
    async with LocalStack(folder, tell=tell) as stack:
        services = await start_services(stack, tell, log_format="console")
        _write_urls(stack)
        tell(f"For your own programs, in another terminal:  set -a; . {quote(str(stack.folder / URLS))}; set +a")
        tell(f"Mails that arrived: {stack.mail_folder}")
        tell("Ctrl-C stops everything; the data stays for the next time.\n")
        watching = [asyncio.create_task(_show_log(service, console)) for service in services]
        ending = {asyncio.create_task(service.wait()): service for service in services}
        try:
            ended, _ = await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            (stack.folder / URLS).unlink()
            for task in (*watching, *ending):
                task.cancel()
        for task in ended:
            service = ending[task]
            tell(f"{service.name} {_ending(service.exit_code)}; its log: {service.log_file}")
    return 1


def _ending(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"was killed ({signal.Signals(-exit_code).name})"
    return f"ended with exit code {exit_code}"


def _write_urls(stack: LocalStack) -> None:
    """Write the URLs, which hold passwords, into a file of this user alone: an integration's, and the operator's."""
    integration, operator = stack.credentials(user_of(PORTAL)), stack.credentials(OPERATOR)
    urls = {
        "OCOP_AMQP_URL": integration.amqp_url,
        "OCOP_QUEUE": queue_of(PORTAL),
        "OCOP_OPERATOR_AMQP_URL": operator.amqp_url,
        "OCOP_OPERATOR_MONGO_URL": operator.mongo_url,
        "OCOP_SMTP_URL": stack.smtp_url,
    }
    file = stack.folder / URLS
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={quote(url or '')}\n" for name, url in urls.items()), "ascii")


async def _show_log(service: Process, console: Console) -> None:
    with service.log_file.open(encoding="utf-8", errors="replace") as log:
        while True:
            if line := log.readline():
                console.out(line.rstrip("\n"), highlight=False)
            else:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
