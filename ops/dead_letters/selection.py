"""Which dead letters a command is about, and acting on each of them."""

import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from ops.dead_letters.browse import dead_messages
from ops.dead_letters.message import DeadMessage
from ops.named import one_line
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM

#: Does something with a dead letter. Returns whether it may go from its queue.
Act = Callable[[DeadMessage, AbstractIncomingMessage], Awaitable[bool]]


@dataclass(frozen=True)
class Selection:
    """What a dead letter must be; a field that is None or empty asks nothing.

    The times are compared with when it failed, or, where that is unknown, with when it was sent. A message without any
    time is not selected by time.
    """

    ids: frozenset[str] = frozenset()
    queue: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Return whether every dead letter is selected."""
        return self == Selection()

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues in which such dead letters can lie."""
        return (self.queue,) if self.queue else dead_queues()

    def includes(self, dead: DeadMessage) -> bool:
        """Return whether a dead letter is selected."""
        return (
            (not self.ids or dead.id in {one_line(id) for id in self.ids})
            and self.queue in {None, dead.queue}
            and self.reason in {None, dead.reason}
            and (self.since is None or (dead.time is not None and dead.time >= self.since))
            and (self.until is None or (dead.time is not None and dead.time < self.until))
        )

    def report_missing(self, found: Iterable[str]) -> bool:
        """Print which of the ids are not among those found. Return whether any is."""
        seen = set(found)
        if missing := [id for id in sorted(self.ids) if one_line(id) not in seen]:
            sys.stderr.write(f"ocop: no dead letter has the id {', '.join(missing)}\n")
        return bool(missing)


@dataclass
class Tally:
    """How many dead letters are done with, how many had to stay, and the ids of all that were selected."""

    done: int = 0
    stayed: int = 0
    ids: set[str] = field(default_factory=set)


async def selected(
    connection: AbstractConnection, selection: Selection, queues: Iterable[str] | None = None
) -> AsyncGenerator[tuple[DeadMessage, AbstractIncomingMessage], None]:
    """Yield the selected dead letters, of these queues only where they are named. Close it (`aclosing`)."""
    async with aclosing(dead_messages(connection, *(selection.queues if queues is None else queues))) as found:
        async for dead, message in found:
            if selection.includes(dead):
                yield dead, message


async def act_on(
    connection: AbstractConnection, selection: Selection, act: Act, *, only: frozenset[str] | None = None
) -> Tally:
    """Act on the selected dead letters that are there now; `only` are the identities of those that were agreed to.

    What fails again meanwhile is left for the next run, or this one might never end.
    """
    tally = Tally()
    async with aclosing(selected(connection, selection)) as found:
        async for dead, message in found:
            if only is not None and dead.identity not in only:
                continue
            tally.ids.add(dead.id)
            if await act(dead, message):
                await message.ack()
                tally.done += 1
            else:
                tally.stayed += 1
    return tally


def exit_code_of(tally: Tally, selection: Selection, verb: str, *, as_json: bool) -> int:
    """Print what came of it. Return the exit code: 1 where a dead letter had to stay, or an id was not found."""
    if not as_json:
        stayed = f", {tally.stayed} stayed" if tally.stayed else ""
        sys.stdout.write(f"{tally.done} {verb}{stayed}\n")
    return 1 if selection.report_missing(tally.ids) or tally.stayed else 0


def service_queues() -> tuple[str, ...]:
    """Return the queues that services take messages from."""
    return SYSTEM.work_queues


def dead_queues() -> tuple[str, ...]:
    """Return the queues that only operators read."""
    return (*SYSTEM.dead_letter_queues, UNROUTED)


def dead_queue_of(name: str) -> str:
    """Return the queue that is meant by its own name or by that of the service's queue.

    Raises:
        ValueError: there is no such queue; the text says which is spelled most alike.
    """
    for meant in (name, f"{name}.dead"):
        if meant in dead_queues():
            return meant
    raise ValueError(f"no queue {name!r}{nearest(name, dead_queues())}")


def nearest(name: str, names: Iterable[str]) -> str:
    """Return “; did you mean …?” with the name that is spelled most alike, or nothing."""
    alike = get_close_matches(name, list(names), n=1)
    return f"; did you mean {alike[0]}?" if alike else ""
