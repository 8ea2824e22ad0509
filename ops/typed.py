"""Commands in what people are told, as they are typed where this runs: advice is to be pasted."""

import re
from collections.abc import Iterable
from pathlib import Path

from ops.cli import COMMANDS
from shared.advice import OCOP_IN_COMPOSE, SERVICES_OF_COMPOSE, is_compose

#: A command in a text, not one that is written as it is typed here already.
_COMMAND = re.compile(
    rf"(?<!--rm )\bocop (?:access (?:issue|apply|add)\b|(?=(?:{'|'.join(each.name for each in COMMANDS)})\b))"
)


def as_typed(text: str) -> str:
    """Return a text with every command in it as it is typed here."""
    if not is_compose():
        return text
    return _COMMAND.sub(lambda found: SERVICES_OF_COMPOSE.get(found[0], f"{OCOP_IN_COMPOSE} "), text)


def starting(services: Iterable[str]) -> str:
    """Return what starts services that have ended."""
    names = sorted(services)
    return f"docker compose start {' '.join(names)}" if is_compose() else f"start {', '.join(names)}"


def reading_log(server: str) -> str:
    """Return what shows what a server or service said last."""
    return f"docker compose logs --tail 50 {server}" if is_compose() else "see its log"


def reviving(server: str, *, otherwise: str) -> str:
    """Return what to do about a server or service that does not answer: here, or otherwise."""
    return f"{starting([server])}; {reading_log(server)}" if is_compose() else otherwise


def reading_secret(file: Path) -> str:
    """Return where a secret lies: its file, or what shows it where that is in a volume."""
    return f"docker compose run --rm --no-deps passwords cat {file}" if is_compose() else f"{file}"


def removing(folder: Path) -> str:
    """Return the command that removes a folder of secrets."""
    return f"docker compose run --rm --no-deps passwords rm -r {folder}" if is_compose() else f"rm -r {folder}"


def on_the_broker(command: str) -> str:
    """Return a command of RabbitMQ's own tools, as it is typed where the broker is."""
    return f"docker compose exec rabbitmq {command}" if is_compose() else command
