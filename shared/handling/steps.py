"""The four steps in which every message is handled: decide, record, announce, acknowledge.

A crash between any two leaves the message on its queue. It is delivered again, finds what was recorded, and ends in the
same state with the same events: the queue is the outbox, the document is the inbox.

Events that bear on the same thing are decided and recorded in the order in which they came: each waits for its turn.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Protocol

from shared import tracing
from shared.contracts.event import Event
from shared.errors import ConflictError, OutageError
from shared.handling.outcome import Answered, DeadLetter, Decision, Outcome, Retry


class RecordStore(Protocol):
    """A service's own collection: one document an event, found by the event's key."""

    async def find(self, key: str) -> Decision | None:
        """Return what was recorded under this key, or None."""

    async def record(self, decision: Decision) -> None:
        """Write the decision, atomically and once. Raise ConflictError where another writer was first."""


#: How often a decision is made anew because another writer was first. Two registries that number one commune's products
#: need a few rounds; a record that stays in the way and cannot be read yet needs time.
MAX_CONFLICTS = 10

#: Reads the state and decides. The number is how many times another writer was first since this event was taken.
Decide = Callable[[int], Awaitable[Decision]]


class Publish(Protocol):
    """Announces an event, and returns once the broker has confirmed it."""

    async def __call__(self, event: Event, /) -> None:
        """Publish an event. Raise OutageError."""


class Turns:
    """Lets tasks pass one after the other, by key, in the order in which they first asked.

    A task that meets an outage keeps its turn: those behind it wait until it has tried again, or has ended. Otherwise
    whoever tries again first after the outage would be decided first. It gives up what it has kept so where it waits
    for another turn, and whoever has that one waits for it.
    """

    def __init__(self) -> None:
        self._lines: dict[str, dict[asyncio.Task[object], asyncio.Event]] = {}
        self._kept: dict[asyncio.Task[object], set[str]] = {}
        self._waits_for: dict[asyncio.Task[object], str] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[None]:
        """Wait for this task's turn, and keep it in here; after an OutageError beyond, until the task ends."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a message is handled in a task")
        try:
            await self._come_first(key, task)
            yield
        except OutageError:
            self._kept.setdefault(task, set()).add(key)
            raise
        except BaseException:
            self._leave(key, task)
            raise
        self._leave(key, task)

    async def _come_first(self, key: str, task: asyncio.Task[object]) -> None:
        turn = self._place(key, task)
        self._kept.get(task, set()).discard(key)
        self._waits_for[task] = key
        try:
            if self._waits_for_itself(task):
                for kept in self._kept.pop(task, ()):
                    self._leave(kept, task)
            await turn.wait()
        finally:
            del self._waits_for[task]

    def _waits_for_itself(self, task: asyncio.Task[object]) -> bool:
        """Return whether the one whose turn a task waits for waits for another, and so on, and the last one for it."""
        last, seen = task, {task}
        while key := self._waits_for.get(last):
            first = next(iter(self._lines[key]))
            if first is last:  # it is its turn
                return False
            if first in seen:
                return first is task
            seen.add(first)
            last = first
        return False

    def _place(self, key: str, task: asyncio.Task[object]) -> asyncio.Event:
        """Return what is set at a task's turn; who has a place in the line keeps it."""
        line = self._lines.setdefault(key, {})
        if task not in line:
            line[task] = asyncio.Event()
            task.add_done_callback(partial(self._leave, key))
        turn = line[task]
        if next(iter(line)) is task:
            turn.set()
        return turn

    def _leave(self, key: str, task: asyncio.Task[object]) -> None:
        if task.done():
            self._kept.pop(task, None)
        line = self._lines.get(key, {})
        line.pop(task, None)
        if line:
            next(iter(line.values())).set()
        else:
            self._lines.pop(key, None)


class Steps:
    """Takes the four steps for the events of one service; the fourth, the acknowledgement, follows from the outcome.

    Args:
        publish: announces an event.
        on_recorded: hears of each event that was put on record for the first time.
    """

    def __init__(self, publish: Publish, *, on_recorded: Callable[[Event], None] = lambda _: None) -> None:
        self._publish = publish
        self._on_recorded = on_recorded
        self._turns = Turns()

    async def take(
        self,
        key: str,
        records: RecordStore,
        decide: Decide,
        *,
        ordering_key: str | None = None,
        assume_new: bool = False,
        at_last: bool = False,
    ) -> Outcome:
        """Take the steps for the event with this key.

        Events with the same ordering key (by default: deliveries of the same event) are decided and recorded one after
        the other, as they came, outages or not. `assume_new` and `at_last` are as in `recorded`: a provisional decision
        is given at the last attempt.

        Raises:
            OutageError: database or broker is away; to be called again later, with the same result.
        """
        async with self._turns.turn(ordering_key or key):
            with tracing.step("decide and record"):
                decision = await recorded(key, records=records, decide=decide, assume_new=assume_new, at_last=at_last)
        if (early := decision.provisional) and not at_last:
            again = partial(
                self.take, key, records, decide, ordering_key=ordering_key, assume_new=assume_new, at_last=True
            )
            return Retry("too-early", early.reason, last_resort=again, early=True, delays=early.delays)
        if not decision.repeated:  # now: whoever announces it at last may find it on record
            for event in decision.announced:
                self._on_recorded(event)
        with tracing.step("announce"):
            await announce(decision, self._publish)
        if not decision.dead_letter:
            return Answered(decision)
        answers = ", ".join(f"ocop trace {event.id}" for event in decision.announced)  # ids of our own: no value of it
        return DeadLetter(decision.dead_letter, f"see the answer: {answers}")

    def turn(self, ordering_key: str) -> AbstractAsyncContextManager[None]:
        """Wait for what came before under this ordering key, and keep in here what comes after it waiting."""
        return self._turns.turn(ordering_key)

    async def await_turn(self, ordering_key: str) -> None:
        """Wait until what came before under this ordering key is on record, for what depends on that alone."""
        async with self._turns.turn(ordering_key):
            pass


async def recorded(
    key: str, *, records: RecordStore, decide: Decide, assume_new: bool = False, at_last: bool = False
) -> Decision:
    """Decide and record one event, or return what was recorded of it before.

    A provisional decision is recorded `at_last`, and only returned before: what it depends on may be on its way.

    Where deciding has no effect of its own, `assume_new` saves the look-up for every new event: it is decided without,
    and that an event was recorded already, its key says when it is to be recorded again.

    Raises:
        OutageError: the database is away; to be called again later, with the same result.
    """
    for conflicts in range(MAX_CONFLICTS):
        if (conflicts or not assume_new) and (decision := await records.find(key)):
            return decision
        fresh = await decide(conflicts)
        if fresh.provisional and not at_last:
            return fresh
        try:
            await records.record(fresh)
        except ConflictError:
            continue
        return fresh
    raise OutageError("another writer was first again and again, and its record cannot be read yet")


async def announce(decision: Decision, publish: Publish) -> None:
    """Publish what was recorded, in its order; the caller acknowledges when this returns.

    Raises:
        OutageError: the broker is away; to be called again later, with the same events.
    """
    try:
        for event in decision.announced:
            await publish(event)
    except OutageError as error:
        error.recorded = not decision.repeated
        raise
