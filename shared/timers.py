"""Timers: what a history's state says falls due becomes an event, at its time, once.

    App(..., view=View(Card), timers=Timetable(records=lambda cards: cards.records, decide=card_is_due))

A state's `due` names milestones and instants. Each service looks for them in its documents of now, in every instance;
what it finds is checked against the history, and what an event has overtaken is passed over. The event's id follows
from history and milestone, so it takes the four steps once, however many instances find it. No message on a queue
brings it again after a crash: a note beside the documents of now does, from before the record until all is announced.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from shared.clock import Clock
from shared.contracts.event import Event, derived_id
from shared.errors import ConflictError, OutageError
from shared.handling.delivery_telemetry import log_bug
from shared.handling.history import Due, Version
from shared.handling.now import NowDocuments, in_order
from shared.handling.outcome import Answered, Decision
from shared.handling.steps import RecordStore, Steps
from shared.logs import Action, log
from shared.storage import Database, StoredDocument

#: The CloudEvents `type` of what falls due; it is announced to nobody.
MILESTONE_DUE = "vn.ocop.milestone.due.v1"

#: seconds between two looks, unless something falls due before
LOOK_SECONDS = 30.0
#: How long an instance may take from the note that it handles a milestone until all is announced.
BROKEN_OFF_AFTER = timedelta(seconds=60)
#: milestones that one instance handles at the same time
AT_ONCE = 50
#: milestones of one history in one look
MOST_OF_A_HISTORY = 100
_NOTES = "milestones"
_FAR = datetime.max.replace(tzinfo=UTC)

Context = TypeVar("Context")


@dataclass(frozen=True)
class Timetable(Generic[Context]):
    """What a service does with what falls due.

    Args:
        records: the collection of the context in which decisions are recorded.
        decide: decides what follows; the version's state is due, and that of the decision is not any more.
        ordering_key: that of the events of a history, by its key.
    """

    records: Callable[[Context], RecordStore]
    decide: Callable[[Context, Version[Any], Event], Awaitable[Decision]]
    ordering_key: Callable[[str], str] = str


class StillDueError(Exception):
    """What fell due was decided, and is due still: the service's code is wrong, and would decide it without end."""


class OvertakenError(Exception):
    """What was found due is not due any more: an event came before, or another instance."""


class NotYetDueError(Exception):
    """What another instance found due is not due yet by the clock here, which may have been stepped back."""


@dataclass(frozen=True)
class Milestone:
    """A milestone of a history, and when it fell due."""

    of: str
    due: Due

    def event(self, service: str) -> Event:
        """Return the event that it becomes: always the same for a history's milestone."""
        return Event(
            id=derived_id(self.of, self.due.milestone),
            source=f"/ocop/{service}/timers",
            type=MILESTONE_DUE,
            data={"milestone": self.due.milestone},
            time=self.due.at,
            subject=self.of,
        )


class Timers:
    """The timers of a service while it runs: one loop that looks for what is due."""

    def __init__(
        self,
        service: str,
        timetable: Timetable[Context],
        context: Context,
        *,
        now: NowDocuments[Any],
        database: Database,
        steps: Steps,
        clock: Clock,
    ) -> None:
        self._service = service
        self._records = timetable.records(context)
        self._decide = partial(timetable.decide, context)
        self._ordering_key = timetable.ordering_key
        self._now = now
        self._notes = database.derived(_NOTES)
        self._steps = steps
        self._clock = clock
        self._next_look = _FAR
        self._wakened = asyncio.Event()
        self._one_of_many = asyncio.Semaphore(AT_ONCE)

    def expect(self, at: datetime) -> None:
        """Hear of something that falls due then: where that is before the next look, the look is earlier."""
        if at < self._next_look:
            self.waken()

    def waken(self) -> None:
        """Look at once: something may be due, or the clock was set."""
        self._wakened.set()

    async def run(self) -> None:
        """Look for what is due until it is cancelled: at the next instant, or after a while."""
        said = ""
        while True:
            self._wakened.clear()
            self._next_look = self._clock() + timedelta(seconds=LOOK_SECONDS)
            try:
                self._next_look = min(self._next_look, await self.look())
                said = ""
            except OutageError as error:  # what is due stays so
                if str(error) != said:
                    said = str(error)
                    log(Action.WAIT, reason=said)
            except Exception as error:  # noqa: BLE001  # logged; the next look is another chance
                log_bug(error)
            # the clock may have been stepped back since
            seconds = min(max((self._next_look - self._clock()).total_seconds(), 0), LOOK_SECONDS)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wakened.wait()

    async def look(self) -> datetime:
        """Handle all that is due, and return when something is next, `datetime.max` where nothing is soon.

        Raises:
            OutageError: broker or database are away; what was not handled stays due.
        """
        now, next_due = self._clock(), _FAR
        await self._finish_broken_off(now)
        async for page in self._now.due_until(now + timedelta(seconds=LOOK_SECONDS)):
            await _all(self._handle(each["_id"]) for each in page if each["next_due"] <= now)
            next_due = min([next_due, *(each["next_due"] for each in page if each["next_due"] > now)])
        return next_due

    async def _handle(self, of: str) -> None:
        """Handle what is due in a history, one milestone after the other, each on what the one before has left."""
        settled: set[str] = set()
        async with self._one_of_many:
            for _ in range(MOST_OF_A_HISTORY):
                due = _first_due(await self._now.newest(of), self._clock())
                if due is None:
                    break
                if due.milestone in settled:
                    log_bug(StillDueError(), history=of, milestone=due.milestone)
                    return
                if not await self._taken(Milestone(of, due)):
                    return
                settled.add(due.milestone)
            if not settled:  # the document was behind its history
                await self._now.renew([of])

    async def _taken(self, milestone: Milestone) -> bool:
        """Handle a milestone unless another instance does, and return whether it is settled."""
        event = milestone.event(self._service)
        due = {"of": milestone.of, "milestone": milestone.due.milestone, "at": milestone.due.at}
        try:
            await self._notes.insert({"_id": event.key, **due, "taken_at": self._clock()})
        except ConflictError:
            return False
        return await self._settled(milestone, assume_new=True)

    async def _finish_broken_off(self, now: datetime) -> None:
        """Finish what an instance had begun that died, or met an outage: recorded, it may not be announced.

        So is what was begun in the future, by a clock that was stepped back since.
        """
        for broken_off in {"$lte": now - BROKEN_OFF_AFTER}, {"$gte": now + BROKEN_OFF_AFTER}:
            async for page in self._notes.pages({"taken_at": broken_off}, order="taken_at"):
                await _all(self._settled(_noted(note), assume_new=False) for note in page)

    async def _settled(self, milestone: Milestone, *, assume_new: bool) -> bool:
        """Take the four steps; the note is removed in the place of the acknowledgement. Raise OutageError."""
        event = milestone.event(self._service)
        fields = {"history": milestone.of, "milestone": milestone.due.milestone}
        decide, order = partial(self._decided, milestone, event), self._ordering_key(milestone.of)
        take = partial(self._steps.take, event.key, self._records, decide, ordering_key=order)
        try:
            outcome = await take(assume_new=assume_new)
        except OvertakenError:
            settled = False
        except NotYetDueError:
            return False  # the note stays: whoever began it may be about to record it
        except OutageError:
            raise
        except Exception as error:  # noqa: BLE001  # logged; the note brings it again
            log_bug(error, **fields)
            return False
        else:
            settled = True
            repeated = isinstance(outcome, Answered) and outcome.decision is not None and outcome.decision.repeated
            log(Action.FALL_DUE, outcome="repeated" if repeated else "recorded", **fields)
        await self._notes.remove([event.key])
        return settled

    async def _decided(self, milestone: Milestone, event: Event, _: int) -> Decision:
        version = await self._now.newest(milestone.of)
        name = milestone.due.milestone
        due = next((due for due in in_order(version.state.due) if due.milestone == name), None) if version else None
        if version is None or due is None:
            raise OvertakenError
        if due.at > self._clock():
            raise NotYetDueError
        decision = await self._decide(version, event)
        if decision.version is None or any(due.milestone == name for due in decision.version.state.due):
            raise StillDueError
        return decision


def _first_due(version: Version[Any] | None, now: datetime) -> Due | None:
    return next((due for due in in_order(version.state.due) if due.at <= now), None) if version else None


def _noted(note: StoredDocument) -> Milestone:
    return Milestone(note["of"], Due(note["milestone"], note["at"]))


async def _all(handling: Iterable[Awaitable[object]]) -> None:
    """Wait for all, and raise the first outage when they have ended."""
    for result in await asyncio.gather(*handling, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
