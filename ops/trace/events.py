"""The events of a story, from the journal."""

from collections.abc import AsyncIterator

from aio_pika.abc import AbstractConnection

from ops.journal.detail import detail_of
from ops.journal.entry import Entry, read_entry
from ops.journal.reading import Start, consuming, last_offset, up_to
from ops.named import short_type
from ops.trace.happening import Happening, Kind
from ops.trace.subject import Subject


async def events_of(connection: AbstractConnection, subject: Subject, start: Start) -> tuple[Subject, list[Happening]]:
    """Return the events of the stories that are meant, and the stories. Once more where stories turn up on the way."""
    while True:
        entries = [entry async for entry in _entries(connection, subject, start)]
        found = subject.with_stories(frozenset(entry.correlation_id for entry in entries))
        if found.stories <= subject.stories or not entries:
            return found, [_happening(entry) for entry in entries]
        subject = found


async def _entries(connection: AbstractConnection, subject: Subject, start: Start) -> AsyncIterator[Entry]:
    end = await last_offset(connection)
    if end is None or (isinstance(start, int) and start > end):
        return
    async with consuming(connection, start) as messages:
        async for message in up_to(messages, end, may_be_none=not isinstance(start, str)):
            entry = read_entry(message)
            if subject.concerns(id=entry.id, story=entry.correlation_id, product=entry.product or entry.subject):
                yield entry


def _happening(entry: Entry) -> Happening:
    return Happening(
        Kind.EVENT,
        entry.time,
        who=entry.writer or "an integration",
        what=short_type(entry.type),
        detail=detail_of(entry),
        story=entry.correlation_id,
        event_id=entry.id,
    )
