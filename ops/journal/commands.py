"""`ocop journal`: what happened, event by event."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

import typer
from aio_pika.abc import AbstractConnection
from rich.console import Console
from rich.progress import Progress

from ops.broker_access import Access, access_of, connected
from ops.commands import Json, StackFolder, beginning, moment, run
from ops.journal.entry import Entry, Seen, Wanted, offset_of, read_entry
from ops.journal.printing import data_lines, json_line, line
from ops.journal.reading import Messages, Start, consuming, last_offset, start_of, up_to
from shared.contracts.catalogue import CATALOGUE


def journal(
    *,
    start: Annotated[
        str, typer.Option("--from", help="first, last (what was written last), next, an offset, or a time (UTC)")
    ] = "first",
    until: Annotated[str | None, typer.Option("--to", help="events before this time")] = None,
    product: Annotated[str | None, typer.Option(help="of this product code")] = None,
    correlation: Annotated[str | None, typer.Option(help="of the story that began with this event id")] = None,
    type: Annotated[
        str | None,
        typer.Option(
            help="of this type: product.rated, or in full",
            autocompletion=beginning(lambda: [event_type.name for event_type in CATALOGUE]),
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="so many at most")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="wait for more at the end, until Ctrl-C")] = False,
    data: Annotated[bool, typer.Option("--data", help="show the events' data too, personal data masked")] = False,
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Read the journal: a line an event with time (UTC), offset, type, product, id, story and writer.

    Example: ocop journal --from 2026-11-24 --product 01-09574-1-2026
    """
    begin = start_of(start)
    since = begin if isinstance(begin, datetime) else None
    wanted = Wanted(product, correlation, type, since, moment(until))
    run(_read(access_of(folder), begin, wanted, limit=limit, follow=follow, data=data, as_json=as_json))


async def _read(
    access: Access, start: Start, wanted: Wanted, *, limit: int | None, follow: bool, data: bool, as_json: bool
) -> int:
    """Read and print. Return the exit code."""
    async with connected(access, name="ocop journal") as connection:
        if follow:
            async with consuming(connection, start) as messages:
                await _print_wanted(messages, wanted, limit=limit, data=data, as_json=as_json)
        else:
            async with up_to_end(connection, start, await last_offset(connection)) as messages:
                await _print_wanted(messages, wanted, limit=limit, data=data, as_json=as_json)
    return 0


@asynccontextmanager
async def up_to_end(connection: AbstractConnection, start: Start, end: int | None) -> AsyncIterator[Messages]:
    """Return the messages from a start up to and including an offset (None: the journal is empty); show progress."""
    with _progress() as progress:
        async with consuming(connection, start) as messages:
            yield _told(messages, progress, start, end)


def _is_behind(start: Start, end: int) -> bool:
    return start == "next" or (isinstance(start, int) and start > end)


async def _print_wanted(messages: Messages, wanted: Wanted, *, limit: int | None, data: bool, as_json: bool) -> None:
    seen, printed, before = Seen(), 0, None
    async for message in messages:
        entry = read_entry(message)
        seen.note(entry)
        if wanted.includes(entry, before=before):
            _print(entry, data=data, as_json=as_json)
            printed += 1
        if printed == limit:
            return
        before = entry.time or before
    if not printed and not wanted.asks_nothing:
        sys.stderr.write(f"ocop: nothing matches: {seen.words}\n")


async def _told(messages: Messages, progress: Progress, start: Start, end: int | None) -> Messages:
    if end is None or _is_behind(start, end):
        return
    task = None
    async for message in up_to(messages, end, may_be_none=isinstance(start, datetime)):
        offset = offset_of(message)
        task = progress.add_task("reading", total=end - offset + 1) if task is None else task
        progress.advance(task)
        yield message


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        console=console, transient=True, disable=not console.is_terminal, redirect_stdout=sys.stdout.isatty()
    )


def _print(entry: Entry, *, data: bool, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(f"{json_line(entry, with_data=data)}\n")
    else:
        sys.stdout.write(f"{line(entry)}\n{data_lines(entry) if data else ''}")
    sys.stdout.flush()
