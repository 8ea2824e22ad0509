"""`ocop trace`: what became of a dossier or a product, across all services."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.broker_access import Access, AccessError, access_of, connected
from ops.commands import JsonOption, StackFolder, run, wide_console, write_line
from ops.dead_letters.selection import dead_queues
from ops.history import sources
from ops.history.happenings import Happening, HappeningKind, Subject, awaited, gaps, in_order, subject_of
from ops.history.records import opened_records
from ops.history.stream import start_of
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.queues.management import without_used_up
from ops.tables import right, table, uncut
from shared.messaging.journal import Start

#: The journal is read from so long before the first record: a dossier may have waited for a service that was away.
_WAITED = timedelta(days=7)
#: seconds from which on a gap is shown: the shortest delay before another try
_NOTABLE_GAP_SECONDS = 5.0
_STYLES = {
    HappeningKind.EVENT: "bold",
    HappeningKind.RECORD: "dim",
    HappeningKind.DEAD_LETTER: "bold red",
    HappeningKind.AWAITED: "yellow",
}


@dataclass
class _Findings:
    """What was found so far, and whether something could not be read."""

    subject: Subject
    events: list[Happening] = field(default_factory=list)
    others: list[Happening] = field(default_factory=list)
    is_partial: bool = False

    def cannot_read(self, reason: str) -> None:
        """Print what could not be read."""
        sys.stderr.write(f"ocop: {reason}\n")
        self.is_partial = True

    def by_correlation_id(self) -> dict[str, list[Happening]]:
        """Return correlation id → what happened, the one that began first first."""
        names = dict.fromkeys(each.story for each in (*self.events, *self.others))
        return {name: self._trace_of(_of(self.events, name), _of(self.others, name)) for name in names}

    def _trace_of(self, events: list[Happening], others: list[Happening]) -> list[Happening]:
        ends = () if self.is_partial else awaited(events, others)  # without the records, who lacks is not known
        return [*in_order(events, others), *ends]


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
    where something waited. At the end stands who has not answered yet. Times are those of the writers' clocks. No
    personal data is shown. Exit code 1 where nothing is known, or something of it could not be read.

    Example: ocop trace 01-09574-1-2026
    """
    access = access_of(folder)
    settings = or_exit(lambda: operator_settings(folder))
    begin = start_of(start) if start else None
    run(_trace(access, settings, _Findings(subject_of(subject)), begin, as_json=as_json))


async def _trace(
    access: Access, settings: OperatorSettings, found: _Findings, start: Start | None, *, as_json: bool
) -> int:
    await _read_records(settings, found)
    await _read_broker(access, start, found)
    if found.is_partial:
        sys.stderr.write("ocop: who has not answered cannot be told without that\n")
    traces = found.by_correlation_id()
    for name, happenings in traces.items():
        if as_json:
            for each, gap in zip(happenings, gaps(happenings), strict=True):
                write_line(asdict(each) | {"gap_seconds": gap})
        else:
            wide_console().print(trace_table(name, happenings))
    if not traces:
        as_far = ", as far as could be read" if found.is_partial else ""
        sys.stderr.write(f"ocop: nothing is known of {found.subject.words}{as_far}\n")
    return 0 if traces and not found.is_partial else 1


async def _read_records(settings: OperatorSettings, found: _Findings) -> None:
    try:
        with opened_records(settings) as records:
            found.subject, found.others = await sources.from_records(records, found.subject)
    except AccessError as error:
        found.cannot_read(f"without the services' records: {error}")


async def _read_broker(access: Access, start: Start | None, found: _Findings) -> None:
    first = min((each.time for each in found.others if each.time), default=None)
    queues = await without_used_up(access, dead_queues())
    found.is_partial |= queues != dead_queues()
    try:
        async with connected(access, name="ocop trace") as connection:
            begin: Start = start or (first - _WAITED if first else "first")
            found.subject, found.events = await sources.from_journal(connection, found.subject, begin)
            found.others += await sources.from_dead_letters(connection, found.subject, queues)
    except AccessError as error:
        found.cannot_read(f"without the journal and the dead letters: {error}")


def trace_table(name: str, happenings: Sequence[Happening]) -> Table:
    """Return a row for each happening; long gaps are yellow."""
    columns = ("Time (UTC)", right("Gap"), uncut("Who"), "What", "Detail", uncut("Event"))
    rows = (_row(each, gap) for each, gap in zip(happenings, gaps(happenings), strict=True))
    return table(*columns, rows=rows, title=f"Story {name}")


def _row(each: Happening, gap: float | None) -> Sequence[str | Text]:
    event_id = each.event_id if each.kind is not HappeningKind.RECORD else ""
    return (_time(each.time), _gap(gap), each.who, Text(each.what, _STYLES[each.kind]), each.detail, event_id)


def _time(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S.%f}"[:-3] if time else "?"


def _gap(seconds: float | None) -> Text:
    if seconds is None:
        return Text("")
    return Text(f"{seconds:+.3f} s", "yellow" if abs(seconds) >= _NOTABLE_GAP_SECONDS else "dim")


def _of(happenings: Iterable[Happening], correlation_id: str) -> list[Happening]:
    return [each for each in happenings if each.story == correlation_id]
