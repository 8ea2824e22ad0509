"""Listens to the journal, and looks at the queues and the dead letters every two seconds."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from ops.broker_access import Access
from ops.dead_letters.letter import DeadLetter, read_letter
from ops.dead_letters.looking import looking_through
from ops.journal.entry import read_entry
from ops.journal.reading import Messages, consuming
from ops.queues.look import Look
from ops.queues.looking import Looked, look_at_queues
from ops.watch.news import News, changed

#: seconds between two looks at the queues, and between two ticks without news
LOOK_SECONDS = 2.0
TICK_SECONDS = 0.25
#: Dead letters are taken in flight to be read; in a queue that has more of them they are only counted.
_MOST_LETTERS = 200


@dataclass
class Watch:
    """What the watcher knows: the queues as they were last seen, and the dead letters that were told of."""

    access: Access
    looked: Looked = field(default_factory=lambda: Looked((), None))
    told: set[str] = field(default_factory=set)


async def watching(connection: AbstractConnection, watch: Watch) -> AsyncGenerator[News | None, None]:
    """Return news as it comes, and None where nothing came for a moment."""
    loop = asyncio.get_running_loop()
    async with consuming(connection, "next") as messages:
        arriving, look_at = _next(messages), loop.time()
        try:
            while True:
                await asyncio.wait({arriving}, timeout=TICK_SECONDS)
                if arriving.done():
                    yield read_entry(arriving.result())
                    arriving = _next(messages)
                else:
                    yield None
                if loop.time() >= look_at:
                    for news in await _look(connection, watch):
                        yield news
                    look_at = loop.time() + LOOK_SECONDS
        finally:
            arriving.cancel()


def _next(messages: Messages) -> asyncio.Future[AbstractIncomingMessage]:
    return asyncio.ensure_future(anext(messages))


async def _look(connection: AbstractConnection, watch: Watch) -> list[News]:
    before = watch.looked.queues
    watch.looked = await look_at_queues(connection, watch.access)
    moved = list(changed(before, watch.looked.queues))
    return [*moved, *await _new_letters(connection, watch, moved)]


async def _new_letters(connection: AbstractConnection, watch: Watch, moved: Sequence[Look]) -> list[DeadLetter]:
    """Return the dead letters that nobody was told of, the one that failed first first."""
    found: list[DeadLetter] = []
    for look in moved:
        if look.keeps_when_read and 0 < (look.waiting or 0) <= _MOST_LETTERS:
            found += [letter for letter in await _letters(connection, look.queue) if letter.identity not in watch.told]
    watch.told |= {letter.identity for letter in found}
    return sorted(found, key=lambda letter: letter.failed_at.timestamp() if letter.failed_at else 0)


async def _letters(connection: AbstractConnection, queue: str) -> list[DeadLetter]:
    async with looking_through(connection, queue) as messages:
        return [read_letter(message, queue=queue, position=0) async for message in messages]
