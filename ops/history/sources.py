"""What `ocop trace` reads: the journal's events, the services' records, and the dead letters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from aio_pika.abc import AbstractConnection

from ops.dead_letters.browse import dead_messages
from ops.dead_letters.message import DeadMessage
from ops.history.entry import JournalEntry, detail_of, in_a_few_words, points_and_stars, read_entry
from ops.history.happenings import Happening, HappeningKind, Subject
from ops.history.records import Record, RecordReader
from ops.history.stream import stored
from ops.history.untold import is_untold, reason_of
from ops.named import named, one_line, short_type
from shared.contracts.event import Event
from shared.messaging.journal import Start, last_offset
from shared.messaging.topology import UNROUTED
from shared.storage import StoredDocument


@dataclass(frozen=True)
class Journaled:
    """The events that are meant, in the order of the journal.

    `keys` has, by an event's id, under which key services record it. `untold` are the ids of those that call for no
    alert.
    """

    events: tuple[Happening, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()


async def from_records(records: RecordReader, subject: Subject) -> tuple[Subject, list[Record]]:
    """Return the records that are meant, and the subject with their correlation ids. Raise AccessError."""
    if subject.code:
        subject = replace(subject, code=await records.todays_code(subject.code))
        found = await records.of_product(subject.code or "")
    else:
        ids = ("event.id", "event.correlation_id", "announced.id")
        found = await records.everywhere({"$or": [{name: subject.id} for name in ids]})
    correlation_ids = {record.correlation_id for record in found}
    if correlation_ids - {
        subject.id
    }:  # what was asked for is no correlation id; there is no index, so this takes its time
        found = await records.everywhere({"event.correlation_id": {"$in": sorted(correlation_ids)}})
    return subject.with_correlation_ids(map(one_line, correlation_ids)), found


async def from_journal(connection: AbstractConnection, subject: Subject, start: Start) -> tuple[Subject, Journaled]:
    """Return the subject with their correlation ids, and the events that are meant.

    The journal is read again where it shows further correlation ids.
    """
    while True:
        entries = await _entries(connection, subject, start)
        found = subject.with_correlation_ids(entry.correlation_id for entry, _ in entries)
        if found.correlation_ids <= subject.correlation_ids or not entries:
            return found, journaled(entries)
        subject = found


def journaled(entries: Sequence[tuple[JournalEntry, Event | None]]) -> Journaled:
    """Put together what the journal has: each entry, and its event where it could be read."""
    seen, events = set[tuple[str, str, str]](), []
    for entry, event in entries:
        same = (entry.type, entry.source, entry.id)
        events.append(replace(_of_event(entry, event), is_repeat=same in seen))
        seen.add(same)
    keys = {entry.id: event.key for entry, event in entries if event}
    untold = frozenset(entry.id for entry, event in entries if event and is_untold(event))
    return Journaled(tuple(events), keys, untold)


async def from_dead_letters(connection: AbstractConnection, subject: Subject, queues: Iterable[str]) -> list[Happening]:
    """Return the dead letters that are meant, from these queues."""
    async with aclosing(dead_messages(connection, *queues)) as found:
        read = ((dead, read_entry(message)) async for dead, message in found)
        return [_of_dead_letter(dead, entry.correlation_id) async for dead, entry in read if _is_meant(subject, entry)]


async def _entries(
    connection: AbstractConnection, subject: Subject, start: Start
) -> list[tuple[JournalEntry, Event | None]]:
    async with aclosing(stored(connection, start, await last_offset(connection))) as messages:
        read = ((read_entry(message), message) async for message in messages)
        return [(entry, named(message).event) async for entry, message in read if _is_meant(subject, entry)]


def _is_meant(subject: Subject, entry: JournalEntry) -> bool:
    return subject.concerns(id=entry.id, correlation_id=entry.correlation_id, product=entry.product or entry.subject)


def _of_event(entry: JournalEntry, event: Event | None) -> Happening:
    return Happening(
        HappeningKind.EVENT,
        entry.time,
        who=entry.writer or "an integration",
        what=short_type(entry.type),
        detail=in_a_few_words(detail_of(entry), event and reason_of(event)),
        story=entry.correlation_id,
        event_id=entry.id,
        caused_by=entry.causation_id,
    )


def of_record(record: Record) -> Happening:
    """Return that a service recorded something."""
    said = record.document
    kept = said.get("dead_letter")
    detail = in_a_few_words(
        said.get("product_code"),
        points_and_stars(said["total"], said.get("stars")) if said.get("total") is not None else None,
        record.filed_by and f"filed by {record.filed_by}",
        *_of_alert(said),
        kept and f"kept as a dead letter: {kept}",
    )
    return Happening(
        HappeningKind.RECORD,
        record.recorded_at,
        who=record.service,
        what=f"recorded: {_outcome(said)}",
        detail=detail,
        story=record.dossier_id,
        event_id=record.event_id,
        announced=record.announced,
        alert_id=one_line(said.get("alert_id")),
    )


def _outcome(said: StoredDocument) -> str:
    if "alert_id" in said and "kind" not in said:  # of an alert's mailbox, or of a delivery that came too late
        return "put into its mailbox" if "held_until" in said else "nothing left to do, the alert had ended"
    return "mailbox emptied" if said.get("outcome") == "emptied" else one_line(said.get("outcome"))


def _of_alert(said: StoredDocument) -> Iterator[str | None]:
    """Yield what is on record of an alert: to whom, by which channel, until when, after what."""
    state = said.get("history", {}).get("state", {})
    yield _reader(state)
    yield said.get("channel")
    yield said.get("detail")
    yield _next_try(state)
    yield "once more, as an operator has asked" if said.get("again") else None
    yield f"until {said['held_until']:%Y-%m-%d %H:%M:%S}" if said.get("held_until") else None
    yield f"{len(said['alerts'])} alerts" if said.get("outcome") == "emptied" else None
    before = [each for each in state.get("tried", ()) if each["channel"] != said.get("channel")]
    yield ", ".join(f"after {each['channel']}: {each['reason']} {each['detail']}" for each in before)


def _reader(state: Mapping[str, Any]) -> str | None:
    """Return to whom an alert goes, None where that is a producer."""
    if state.get("audience") not in {"office", "subscription"}:
        return None
    return f"to the {state['audience']} {state.get('to')}"


def _next_try(state: Mapping[str, Any]) -> str | None:
    """Return how often an alert was tried and when it is again, None where it does not wait."""
    waiting = state.get("waiting")
    if not waiting:
        return None
    tries = f"{waiting['attempts']} tries" if waiting["attempts"] != 1 else "1 try"
    return f"{tries}, the next at {waiting['next_try_at'][:19].replace('T', ' ')}"


def _of_dead_letter(dead: DeadMessage, story: str) -> Happening:
    tries = f"after {dead.attempt} tries" if dead.attempt and dead.attempt > 1 else ""
    again = f"brought back {dead.replays}×" if dead.replays else ""
    return Happening(
        HappeningKind.DEAD_LETTER,
        dead.time,
        who="the broker" if dead.queue == UNROUTED else dead.queue.partition(".")[0],
        what=f"dead letter in {dead.queue}",
        detail=", ".join(part for part in (dead.reason, dead.detail, tries, again) if part),
        story=story,
        event_id=dead.id,
    )
