"""The dead letters of a story, and what lies unrouted."""

from collections.abc import AsyncIterator, Iterable

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from ops.dead_letters.letter import DeadLetter, read_letter
from ops.dead_letters.looking import looking_through
from ops.journal.entry import read_entry
from ops.trace.happening import Happening, Kind
from ops.trace.subject import Subject
from shared.messaging.topology import UNROUTED


async def dead_letters_of(connection: AbstractConnection, subject: Subject, queues: Iterable[str]) -> list[Happening]:
    """Return the dead letters of the stories that are meant, from these queues."""
    return [_happening(letter, story) async for letter, story in _meant(connection, subject, queues)]


async def _meant(
    connection: AbstractConnection, subject: Subject, queues: Iterable[str]
) -> AsyncIterator[tuple[DeadLetter, str]]:
    for queue in queues:
        async with looking_through(connection, queue) as messages:
            position = 0
            async for message in messages:
                position += 1
                if (story := _story(message, subject)) is not None:
                    yield read_letter(message, queue=queue, position=position), story


def _story(message: AbstractIncomingMessage, subject: Subject) -> str | None:
    entry = read_entry(message)
    product = entry.product or entry.subject
    return entry.correlation_id if subject.concerns(id=entry.id, story=entry.correlation_id, product=product) else None


def _happening(letter: DeadLetter, story: str) -> Happening:
    tries = f"after {letter.attempt} tries" if letter.attempt and letter.attempt > 1 else ""
    again = f"brought back {letter.replays}×" if letter.replays else ""
    return Happening(
        Kind.DEAD_LETTER,
        letter.failed_at or letter.sent_at,
        who="the broker" if letter.queue == UNROUTED else letter.queue.partition(".")[0],
        what=f"dead letter in {letter.queue}",
        detail=", ".join(part for part in (letter.reason, letter.detail, tries, again) if part),
        story=story,
        event_id=letter.id,
    )
