"""`make up`: the local stack, kept until Ctrl-C, with the services' logs."""

import asyncio
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
    AT_ONCE,
    LOG_FORMAT_SETTING,
    SMTP_SETTING,
    integrations_of,
    mails_go_to,
    passed_over,
    settings_said,
)
from tools.services import migrate_register, start_services
from tools.stack import LocalStack, Part
from tools.stack.control import controlled
from tools.stack.keeping import MOST_RESTARTS, WITHIN_SECONDS, Keeper, ending

#: In the stack's folder: the URLs of the moment for programs that file and listen, as settings.
URLS = "urls.env"
#: seconds between two looks at the end of a log
_LOOK_AGAIN_SECONDS = 0.2


async def run_up(folder: Path, console: Console) -> int:
    """Start the stack, say where everything is, and show the services' logs; start again what dies.

    Return 1 where a part died too often.

    Raises:
        StackError: the stack could not be started.
    """

    def say(line: str) -> None:
        console.print(line, highlight=False, soft_wrap=True)

    said = settings_said()
    say(f"Starting RabbitMQ, SecantusDB and a mail server in {folder}")
    integrations = integrations_of(said)
    definitions = published_definitions(integrations)
    async with LocalStack(folder, definitions=definitions, say=say, keep_ports=True) as stack:
        await migrate_register(stack)  # the folder may have been kept by an earlier version
        services = await start_services(
            stack,
            say,
            log_format=said.get(LOG_FORMAT_SETTING, "console"),
            OCOP_SMTP_URL=said.get(SMTP_SETTING, stack.smtp_url),
            **{name: said.get(name, otherwise) for name, otherwise in AT_ONCE.items()},
        )
        await _settle(stack, integrations, definitions, say)
        files = _write_urls(stack, services, integrations)
        say(f"For your own programs, in another terminal:  set -a; . {quote(str(stack.folder / URLS))}; set +a")
        say("For operators: ./ocop queues, watch, doctor")
        say("To try an outage: ./ocop stack restart broker --outage 30 (or database, mail, registry, …)")
        say("What each service reads and writes: " + ", ".join(f"{service.url}/docs" for service in services))
        say(mails_go_to(said, stack.mail_folder))
        if own := passed_over(said, (name for each in SYSTEM.names for name in stack.credentials(each).settings)):
            say(f"Set, and not used here, where the stack has its own: {', '.join(own)}")
        say("Ctrl-C stops everything; the data stays for the next time, and so do the ports.\n")
        showing = [asyncio.create_task(_show_log(service, console)) for service in services]
        try:
            keeper = Keeper((*stack.servers, *services), say)
            async with controlled(stack.folder, keeper.take_away):
                dead = await keeper.run()
        finally:
            for file in files:
                file.unlink()
            for task in showing:
                task.cancel()
        again = f"{MOST_RESTARTS} times within {WITHIN_SECONDS:g} s, and was started again each time"
        say(f"\n{dead.process.name} {ending(dead.process.exit_code)}, as it had {again}: everything is stopped.")
        say(f"Its log: {dead.process.log_file}")
    return 1


async def _settle(
    stack: LocalStack, integrations: Path, definitions: Mapping[str, Any], say: Callable[[str], None]
) -> None:
    """Take away what the broker has kept of integrations that have changed since, and name those that are gone."""
    where = Installation(stack.folder / "secrets", stack.management_url, None, integrations)
    for line in await asyncio.to_thread(lambda: [*settle(where, definitions)]):
        say(line)


def _write_urls(stack: LocalStack, services: Iterable[Part], integrations: Path) -> tuple[Path, ...]:
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
        SERVICES_SETTING: ",".join(f"{service.process.name}={service.url}" for service in services),
        CERTIFICATE_SETTING: operator.certificate_jwks or "",
        INTEGRATIONS_SETTING: str(integrations),
    }
    written = {URLS: of_integration, OPERATOR_FILE: of_operator}
    return tuple(_write(stack.folder / name, settings) for name, settings in written.items())


def _write(file: Path, settings: Mapping[str, str]) -> Path:
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}={quote(value)}\n" for name, value in settings.items()), "utf-8")
    return file


async def _show_log(service: Part, console: Console) -> None:
    """Show what a service writes, that of the process which follows one that died too."""
    while True:
        process = service.process
        with process.log_file.open(encoding="utf-8", errors="replace") as log:
            while line := log.readline() or service.process is process:
                if isinstance(line, str):
                    console.out(line.rstrip("\n"), highlight=False)
                else:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
