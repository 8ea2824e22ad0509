"""Listens to the journal, and reads the queues and the dead letters every two seconds."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import datetime

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from ops.broker_access import Access
from ops.dead_letters.browse import dead_messages
from ops.dead_letters.message import DeadMessage
from ops.history.entry import read_entry
from ops.queues.reading import Overview, read_queues
from ops.queues.state import QueueState
from ops.watch.news import News, changed
from shared.messaging.journal import Messages, consuming

#: seconds between two readings of the queues, and between two ticks without news
READ_SECONDS = 2.0
TICK_SECONDS = 0.25
#: Dead letters are taken in flight to be read; in a queue that has more of them they are only counted.
_MOST_READ = 200


@dataclass
class Watch:
    """What the watcher knows: the queues as they were last seen, and the dead letters that were reported.

    `oldest`: when the oldest message of a queue failed, as it was when the queue last changed.
    """

    access: Access
    overview: Overview = field(default_factory=Overview)
    reported: set[str] = field(default_factory=set)
    oldest: dict[str, datetime | None] = field(default_factory=dict)

    def note(self, moved: Iterable[QueueState], dead: Sequence[DeadMessage]) -> None:
        """Take in what was read of the queues that changed: which of their dead letters is the oldest."""
        for state in moved:
            times = (each.time for each in dead if each.queue == state.queue)
            self.oldest[state.queue] = min(filter(None, times), default=None)
        aged = (replace(state, oldest=self.oldest.get(state.queue)) for state in self.overview.queues)
        self.overview = replace(self.overview, queues=tuple(aged))


async def listen(connection: AbstractConnection, watch: Watch) -> AsyncGenerator[News | None, None]:
    """Yield news as it comes, and None where nothing came for a moment."""
    loop = asyncio.get_running_loop()
    async with consuming(connection, "next") as messages:
        arriving, read_at = _next(messages), loop.time()
        try:
            while True:
                await asyncio.wait({arriving}, timeout=TICK_SECONDS)
                if arriving.done():
                    yield read_entry(arriving.result())
                    arriving = _next(messages)
                else:
                    yield None
                if loop.time() >= read_at:
                    for news in await _read(connection, watch):
                        yield news
                    read_at = loop.time() + READ_SECONDS
        finally:
            arriving.cancel()


def _next(messages: Messages) -> asyncio.Future[AbstractIncomingMessage]:
    return asyncio.ensure_future(anext(messages))


async def _read(connection: AbstractConnection, watch: Watch) -> list[News]:
    before = watch.overview.queues
    watch.overview = await read_queues(connection, watch.access)
    moved = list(changed(before, watch.overview.queues))
    return [*moved, *await _new_dead_letters(connection, watch, moved)]


async def _new_dead_letters(
    connection: AbstractConnection, watch: Watch, moved: Sequence[QueueState]
) -> list[DeadMessage]:
    """Return the dead letters that were not reported yet, the one that failed first first."""
    queues = [state.queue for state in moved if state.keeps_when_read and 0 < (state.waiting or 0) <= _MOST_READ]
    async with aclosing(dead_messages(connection, *queues)) as found:
        there = [dead async for dead, _ in found]
    watch.note(moved, there)
    new = [dead for dead in there if dead.identity not in watch.reported]
    watch.reported |= {dead.identity for dead in new}
    return sorted(new, key=lambda dead: dead.failed_at.timestamp() if dead.failed_at else 0)
