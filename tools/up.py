"""`make up`: the local stack, kept until Ctrl-C, with the services' logs."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from rich.console import Console

from ops.access.applying import settle
from ops.access.installation import Installation
from ops.access.published import published_definitions
from ops.operator_settings import (
    CERTIFICATE_SETTING,
    INTEGRATIONS_SETTING,
    MANAGEMENT_SETTING,
    MONGO_SETTING,
    OPERATOR_FILE,
    SERVICES_SETTING,
    SETTING,
)
from shared.integrations import queue_of, user_of
from shared.messaging.delivery import OPERATOR
from shared.system import SYSTEM
from tools.demo import PORTAL
from tools.local_settings import (
    LOG_FORMAT_SETTING,
    SMTP_SETTING,
    integrations_of,
    mails_go_to,
    passed_over,
    settings_said,
)
from tools.services import RunningService, migrate_register, start_services
from tools.stack import LocalStack, Process

#: In the stack's folder: the URLs of the moment for programs that file and listen, as settings.
URLS = "urls.env"
#: What these files have to say of a server that ended by itself.
_GONE = {
    "rabbitmq": "The services hold what they have in flight, and nothing that was accepted is lost.",
    "secantus": "The services hold what they have in flight; dossiers wait in their queues.",
    "mailbox": "Mails are tried again after 5 s, 1 min, 10 min and so on.",
}

#: seconds between two looks at the end of a log
_LOOK_AGAIN_SECONDS = 0.2


async def run_up(folder: Path, console: Console) -> int:
    """Start the stack, say where everything is, and show the services' logs. Return 1 where a service ended by itself.

    Raises:
        StackError: the stack could not be started.
    """

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    said = settings_said()
    say(f"Starting RabbitMQ, SecantusDB and a mail server in {folder}")
    integrations = integrations_of(said)
    definitions = published_definitions(integrations)
    async with LocalStack(folder, definitions=definitions, say=say) as stack:
        await migrate_register(stack)  # the folder may have been kept by an earlier version
        services = await start_services(
            stack,
            say,
            log_format=said.get(LOG_FORMAT_SETTING, "console"),
            OCOP_SMTP_URL=said.get(SMTP_SETTING, stack.smtp_url),
        )
        await _settle(stack, integrations, definitions, say)
        files = _write_urls(stack, services, integrations)
        say(f"For your own programs, in another terminal:  set -a; . {quote(str(stack.folder / URLS))}; set +a")
        say("For operators: ./ocop queues, watch, doctor")
        say("What each service reads and writes: " + ", ".join(f"{service.url}/docs" for service in services))
        say(mails_go_to(said, stack.mail_folder))
        if own := passed_over(said, (name for each in SYSTEM.names for name in stack.credentials(each).settings)):
            say(f"Set, and not used here, where the stack has its own: {', '.join(own)}")
        say("Ctrl-C stops everything; the data stays for the next time.\n")
        watching = [asyncio.create_task(_show_log(service.process, console)) for service in services]
        watching += [asyncio.create_task(_report_its_end(server, say)) for server in stack.servers]
        ending = {asyncio.create_task(service.process.wait()): service.process for service in services}
        try:
            ended, _ = await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for file in files:
                file.unlink()
            for task in (*watching, *ending):
                task.cancel()
        for task in ended:
            service = ending[task]
            say(f"{service.name} {_ending(service.exit_code)}; its log: {service.log_file}")
    return 1


async def _settle(
    stack: LocalStack, integrations: Path, definitions: Mapping[str, Any], say: Callable[[str], None]
) -> None:
    """Take away what the broker has kept of integrations that have changed since, and name those that are gone."""
    where = Installation(stack.folder / "secrets", stack.management_url, None, integrations)
    for line in await asyncio.to_thread(lambda: [*settle(where, definitions)]):
        say(line)


async def _report_its_end(server: Process, say: Callable[[str], None]) -> None:
    """Report that a server is gone, which nobody starts again, and what to do."""
    ending = _ending(await server.wait())
    say(f"\n{server.name} {ending}; its log: {server.log_file}")
    say(f"{_GONE.get(server.name, '')} To go on: Ctrl-C, then `make up`.\n".lstrip())


def _ending(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"was killed ({signal.Signals(-exit_code).name})"
    return f"ended with exit code {exit_code}"


def _write_urls(stack: LocalStack, services: Iterable[RunningService], integrations: Path) -> tuple[Path, ...]:
    """Write the URLs, which hold passwords, into files of this user alone: an integration's, and the operator's."""
    integration, operator = stack.credentials(user_of(PORTAL)), stack.credentials(OPERATOR)
    of_integration = {
        "OCOP_AMQP_URL": integration.amqp_url,
        "OCOP_QUEUE": queue_of(PORTAL),
    }
    of_operator = {
        SETTING: operator.amqp_url,
        MONGO_SETTING: operator.mongo_url or "",
        MANAGEMENT_SETTING: stack.management_url,
        SERVICES_SETTING: ",".join(service.url for service in services),
        CERTIFICATE_SETTING: operator.certificate_jwks or "",
        INTEGRATIONS_SETTING: str(integrations),
    }
    written = {URLS: of_integration, OPERATOR_FILE: of_operator}
    return tuple(_write(stack.folder / name, settings) for name, settings in written.items())


def _write(file: Path, settings: Mapping[str, str]) -> Path:
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={quote(value)}\n" for name, value in settings.items()), "utf-8")
    return file


async def _show_log(service: Process, console: Console) -> None:
    with service.log_file.open(encoding="utf-8", errors="replace") as log:
        while True:
            if line := log.readline():
                console.out(line.rstrip("\n"), highlight=False)
            else:
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
