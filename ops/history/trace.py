"""`ocop trace`: what became of a dossier or a product, across all services."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from ops.broker_access import Access, AccessError, access_of, connected
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line
from ops.dead_letters.selection import dead_queues
from ops.history import sources
from ops.history.findings import Findings
from ops.history.happenings import Happening, HappeningKind, gaps, subject_of
from ops.history.records import opened_records
from ops.history.stream import start_of
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.queues.management import without_used_up
from ops.tables import FittingTable, alike, right, table, uncut
from ops.typed import as_typed
from shared.messaging.journal import Start

#: The journal is read from so long before the first record: a dossier may have waited for a service that was away.
_WAITED = timedelta(days=7)
#: seconds from which on a gap is shown: the shortest delay before another try
_NOTABLE_GAP_SECONDS = 5.0
_EARLIER = "earlier: by another clock, or decided side by side; lines stand in the order in which one led to another"
_STYLES = {
    HappeningKind.EVENT: "bold",
    HappeningKind.RECORD: "dim",
    HappeningKind.DEAD_LETTER: "bold red",
    HappeningKind.AWAITED: "yellow",
}


def trace(
    *,
    subject: Annotated[
        str, typer.Argument(metavar="ID|CODE", help="id of a dossier or of any event, or a product's code")
    ],
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="read the journal from here: first, an offset, or a time (UTC)", show_default="a week before"
        ),
    ] = None,
    as_json: JsonOption = False,
    folder: StackFolder = None,
) -> None:
    """Show one story across all services: events, records, dead letters and alerts, with the gaps between them.

    It reads the journal, the services' records (as the operator's user of the database) and the dead letters. What is
    tried again leaves no trace of its own before it is a dead letter: a gap of five seconds or more, in yellow, is
    where something waited. What came again is marked. At the end stands who has not answered yet. Times are those of
    the writers' clocks. No personal data is shown. Exit code 1 where nothing is known, or something of it could not be
    read.

    Example: ocop trace 01-09574-1-2026
    """
    access = access_of(folder)
    settings = or_exit(lambda: operator_settings(folder))
    begin = start_of(start) if start else None
    run(_trace(access, settings, Findings(subject_of(subject)), begin, as_json=as_json))


async def _trace(
    access: Access, settings: OperatorSettings, found: Findings, start: Start | None, *, as_json: bool
) -> int:
    await _read_records(settings, found)
    await _read_broker(access, start, found)
    if found.unrecorded_keys:
        await _read_further_records(settings, found)
    if found.is_partial:
        sys.stderr.write("ocop: who has not answered cannot be told without that\n")
    traces = found.by_correlation_id()
    for happenings in traces.values() if as_json else ():
        for each, gap in zip(happenings, gaps(happenings), strict=True):
            write_line(asdict(each) | {"gap_seconds": gap})
    if not as_json:
        print_traces(wide_console(), traces)
    if not traces:
        as_far = ", as far as could be read" if found.is_partial else ""
        sys.stderr.write(f"ocop: nothing is known of {found.subject.words}{as_far}\n")
    return 0 if traces and not found.is_partial else 1


async def _read_records(settings: OperatorSettings, found: Findings) -> None:
    try:
        with opened_records(settings) as records:
            found.subject, found.records = await sources.from_records(records, found.subject)
    except AccessError as error:
        found.cannot_read(f"without the services' records: {error}")


async def _read_further_records(settings: OperatorSettings, found: Findings) -> None:
    """Read the records of what the journal has shown to belong to it: a rejection need not name the product."""
    try:
        with opened_records(settings) as records:
            found.add(await records.everywhere({"_id": {"$in": sorted(found.unrecorded_keys)}}))
    except AccessError as error:
        if not found.is_partial:  # else it was said
            found.cannot_read(f"without some of the services' records: {error}")


async def _read_broker(access: Access, start: Start | None, found: Findings) -> None:
    first = min((record.recorded_at for record in found.records), default=None)
    queues = await without_used_up(access, dead_queues())
    found.is_partial |= queues != dead_queues()
    try:
        async with connected(access, name="ocop trace") as connection:
            begin: Start = start or (first - _WAITED if first else "first")
            found.subject, found.journaled = await sources.from_journal(connection, found.subject, begin)
            found.dead_letters = await sources.from_dead_letters(connection, found.subject, queues)
    except AccessError as error:
        found.cannot_read(f"without the journal and the dead letters: {error}")


def print_traces(console: Console, traces: Mapping[str, Sequence[Happening]]) -> None:
    """Print the stories, all in the same way: what stands earlier by its clock is explained."""
    tables = [_table(name, happenings) for name, happenings in traces.items()]
    for each, happenings in zip(alike(tables, console.width), traces.values(), strict=True):
        console.print(each)
        if any(gap is not None and gap < 0 for gap in gaps(happenings)):
            console.print(Text(_EARLIER, "dim"))


def _table(name: str, happenings: Sequence[Happening]) -> FittingTable:
    """Return a row for each happening; long gaps are yellow."""
    columns = ("Time (UTC)", right("Gap"), uncut("Who"), "What", "Detail", uncut("Event"))
    rows = (_row(each, gap) for each, gap in zip(happenings, gaps(happenings), strict=True))
    return table(*columns, rows=rows, title=f"Story {name}")


def _row(each: Happening, gap: float | None) -> Sequence[str | Text]:
    event_id = each.event_id if each.kind is not HappeningKind.RECORD else ""
    what = f"{each.what}, again" if each.is_repeat else each.what
    return (_time(each.time), _gap(gap), each.who, Text(what, _STYLES[each.kind]), as_typed(each.detail), event_id)


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S.%f}"[:-3] if time else "?"


def _gap(seconds: float | None) -> Text:
    if seconds is None:
        return Text("")
    said = f"{seconds:+.3f} s" if seconds >= 0 else f"{-seconds:.3f} s earlier"
    return Text(said, "yellow" if abs(seconds) >= _NOTABLE_GAP_SECONDS else "dim")
