"""`ocop trace`: what became of a dossier or a product, across all services."""

import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

import typer

from ops.broker_access import Access, AccessError, access_of, connected
from ops.commands import Json, StackFolder, run, wide_console, write_line
from ops.database_reader import Reader
from ops.dead_letters.choice import dead_queues
from ops.dead_letters.looking_at import USED_UP
from ops.journal.reading import Start, start_of
from ops.operator_settings import MONGO_SETTING, OperatorSettings, operator_settings, or_exit
from ops.queues.looking import using_up
from ops.trace.dead import dead_letters_of
from ops.trace.events import events_of
from ops.trace.happening import Happening, Told, awaited, told
from ops.trace.printing import story_table
from ops.trace.records import records_of
from ops.trace.subject import Subject, subject_of
from shared.errors import OutageError, SettingsError

#: The journal is read from so long before the first record: a dossier may have waited for a service that was away.
_WAITED = timedelta(days=7)


@dataclass
class _Findings:
    """What was found so far, and what could not be read."""

    subject: Subject
    events: list[Happening] = field(default_factory=list)
    others: list[Happening] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    @property
    def first(self) -> datetime | None:
        return min((each.time for each in self.others if each.time), default=None)

    def stories(self) -> dict[str, list[Told]]:
        """Return every story, the one that began first first."""
        names = dict.fromkeys(each.story for each in (*self.events, *self.others))
        return {name: self._story(_of(self.events, name), _of(self.others, name)) for name in names}

    def _story(self, events: list[Happening], others: list[Happening]) -> list[Told]:
        ends = () if self.unread else awaited(events, others)  # who cannot read the records cannot say what lacks
        return [*told(events, others), *(Told(each, None) for each in ends)]


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
    as_json: Json = False,
    folder: StackFolder = None,
) -> None:
    """Tell one story across all services: events, records, dead letters and alerts, with the gaps between them.

    It reads the journal, the services' records (as the operator's user of the database) and the dead letters. What is
    tried again leaves no trace of its own before it is a dead letter: a gap of five seconds or more, in yellow, is
    where something waited. At the end stands who has not answered yet. Times are those of the writers' clocks. No
    personal data is shown. Exit code 1 where nothing is known, or something of it could not be read.

    Example: ocop trace 01-09574-1-2026
    """
    access = access_of(folder)
    settings = or_exit(lambda: operator_settings(folder))
    begin = start_of(start) if start else None
    run(_trace(access, settings, subject_of(subject), begin, as_json=as_json))


async def _trace(
    access: Access, settings: OperatorSettings, subject: Subject, start: Start | None, *, as_json: bool
) -> int:
    found = _Findings(subject)
    await _read_records(settings, found)
    await _read_broker(access, start, found)
    for reason in found.unread:
        sys.stderr.write(f"ocop: {reason}\n")
    if found.unread:
        sys.stderr.write("ocop: who has not answered cannot be told without that\n")
    stories = found.stories()
    _print(stories, as_json=as_json)
    if not stories:
        sys.stderr.write(
            f"ocop: nothing is known of {subject.words}{', as far as could be read' if found.unread else ''}\n"
        )
    return 0 if stories and not found.unread else 1


async def _read_records(settings: OperatorSettings, found: _Findings) -> None:
    if settings.mongo_url is None:
        found.unread.append(f"without the services' records: {MONGO_SETTING} is not set")
        return
    try:
        with closing(Reader(settings.mongo_url, ca_file=settings.tls_ca_file)) as reader:
            found.subject, records = await records_of(reader, found.subject)
            found.others += records
    except (AccessError, OutageError, SettingsError) as error:
        found.unread.append(f"without the services' records: {error}")


async def _read_broker(access: Access, start: Start | None, found: _Findings) -> None:
    begin = start or (found.first - _WAITED if found.first else "first")
    if used_up := await using_up(access, dead_queues()):
        found.unread.append(f"{', '.join(used_up)}: {USED_UP}")
    try:
        async with connected(access, name="ocop trace") as connection:
            found.subject, found.events = await events_of(connection, found.subject, begin)
            readable = [queue for queue in dead_queues() if queue not in used_up]
            found.others += await dead_letters_of(connection, found.subject, readable)
    except AccessError as error:
        found.unread.append(f"without the journal and the dead letters: {error}")


def _print(stories: dict[str, list[Told]], *, as_json: bool) -> None:
    console = wide_console()
    for name, happenings in stories.items():
        if as_json:
            for each in happenings:
                write_line(each.as_json())
        else:
            console.print(story_table(name, happenings))


def _of(happenings: Iterable[Happening], story: str) -> list[Happening]:
    return [each for each in happenings if each.story == story]
