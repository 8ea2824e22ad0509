"""Where one begins to read the journal, and how far the reading has come, for a person."""

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from rich.console import Console
from rich.progress import Progress

from ops.broker_access import AccessError
from ops.commands import moment
from shared.messaging.journal import Start, offset_of, up_to


def start_of(text: str) -> Start:
    """Read where one wants to begin. Raise Exit (code 2) where it is no such place."""
    if text in {"first", "last", "next"}:
        return text
    if text.isdecimal() and len(text) != len("20261124"):
        return int(text)
    return moment(text) or "first"


async def stored(
    connection: AbstractConnection, start: Start, end: int | None
) -> AsyncGenerator[AbstractIncomingMessage, None]:
    """Yield the messages from a start up to and including an offset, None where the journal is empty; show progress.

    Close it (`aclosing`).

    Raises:
        AccessError: the broker does not send what is there.
    """
    if end is None or start == "next" or (isinstance(start, int) and start > end):
        return
    with _progress() as progress:
        task = progress.add_task("reading", total=None)
        async with aclosing(up_to(connection, start, end)) as messages:
            while True:
                try:
                    message = await anext(messages)
                except StopAsyncIteration:
                    return
                except TimeoutError as error:
                    raise AccessError(str(error)) from None
                done = progress.tasks[task].completed
                progress.update(task, advance=1, total=done + end - offset_of(message) + 1)
                yield message


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        console=console, transient=True, disable=not console.is_terminal, redirect_stdout=sys.stdout.isatty()
    )
