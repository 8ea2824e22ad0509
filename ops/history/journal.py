"""`ocop journal`: what happened, event by event."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from ops.broker_access import Access, access_of, connected
from ops.commands import JsonOption, StackFolder, beginning, json_line, moment, run
from ops.history.entry import JournalEntry, data_lines, entry_as_json, line, read_entry
from ops.history.stream import start_of, stored
from ops.named import one_line, short_type
from shared.contracts.catalogue import CATALOGUE
from shared.messaging.journal import Messages, Start, consuming, last_offset

#: types that are named where nothing matches: a sender may use as many as messages
_MOST_TYPES, _OTHER = 30, "others"


@dataclass(frozen=True)
class Wanted:
    """What an entry must be; None asks nothing."""

    product: str | None = None
    correlation_id: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Return whether every entry from the start on is wanted."""
        return self == Wanted(since=self.since)

    def includes(self, entry: JournalEntry, *, before: datetime | None = None) -> bool:
        """Return whether an entry is wanted.

        One without a time counts as written when the one before it was (`before`), and is not turned away where that is
        unknown too.
        """
        time = entry.time or before
        return (
            self.product in {None, entry.subject, entry.product}
            and (self.correlation_id is None or one_line(self.correlation_id) == entry.correlation_id)
            and (self.type is None or self.type in {entry.type, short_type(entry.type)})
            and (self.since is None or entry.time is None or entry.time >= self.since)
            and (self.until is None or time is None or time < self.until)
        )


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
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Read the journal: a line an event with time (UTC), offset, type, product, id, story and writer.

    Example: ocop journal --from 2026-11-24 --product 01-09574-1-2026
    """
    begin = start_of(start)
    since = begin if isinstance(begin, datetime) else None
    wanted = Wanted(product, correlation, type, since, moment(until))

    def written(entry: JournalEntry) -> str:
        if as_json:
            return f"{json_line(entry_as_json(entry, with_data=data))}\n"
        return f"{line(entry)}\n{data_lines(entry) if data else ''}"

    run(_read(access_of(folder), begin, wanted, limit=limit, follow=follow, written=written))


async def _read(
    access: Access,
    start: Start,
    wanted: Wanted,
    *,
    limit: int | None,
    follow: bool,
    written: Callable[[JournalEntry], str],
) -> int:
    """Read and print. Return the exit code."""
    async with connected(access, name="ocop journal") as connection:
        if follow:
            async with consuming(connection, start) as messages:
                await _print_wanted(messages, wanted, limit=limit, written=written)
        else:
            async with aclosing(stored(connection, start, await last_offset(connection))) as messages:
                await _print_wanted(messages, wanted, limit=limit, written=written)
    return 0


async def _print_wanted(
    messages: Messages, wanted: Wanted, *, limit: int | None, written: Callable[[JournalEntry], str]
) -> None:
    types, printed, before = Counter[str](), 0, None
    async for message in messages:
        entry = read_entry(message)
        type = short_type(entry.type)
        types[type if type in types or len(types) < _MOST_TYPES else _OTHER] += 1
        if wanted.includes(entry, before=before):
            sys.stdout.write(written(entry))
            sys.stdout.flush()
            printed += 1
        if printed == limit:
            return
        before = entry.time or before
    if not printed and not wanted.is_everything:
        sys.stderr.write(f"ocop: {nothing_matches(types)}\n")


def nothing_matches(types: Counter[str]) -> str:
    """Print that nothing matches, and what was read instead: the filter may be mistyped."""
    if not types:
        return "nothing matches: there are no events there"
    return f"nothing matches: {types.total():,} events were read, of the types {', '.join(sorted(types))}"
