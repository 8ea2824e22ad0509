"""Instances of the service of cards in memory, with a clock that tests set."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.now import NowDocuments
from shared.handling.outcome import Outcome
from shared.handling.steps import Steps
from shared.handling.write_behind import WriteBehind, rebuild
from shared.timers import Timers, Timetable
from tests.unit.memory import MemoryDatabase
from tests.unit.shared.cards import COLLECTION, TIMETABLE, VIEW, Cards, renewal, renewed

START = datetime(2026, 11, 29, 8, tzinfo=UTC)


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


class World:
    """What instances share: the database, the broker with what was announced on it, the clock."""

    def __init__(self) -> None:
        self.database: Any = MemoryDatabase()
        self.clock = SetClock()
        self.announced: list[Event] = []
        self.published = asyncio.Event()
        self.breaks = False

    async def publish(self, event: Event, /) -> None:
        if self.breaks:
            raise OutageError("killed between record and announcement")
        self.announced.append(event)
        self.published.set()

    @property
    def said(self) -> list[tuple[str, str]]:
        """Which card was said what of, each announcement once however often it was repeated."""
        once = {event.id: (event.data["card"], event.data["said"]) for event in self.announced}
        return list(once.values())

    @property
    def records(self) -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = self.database.collection(COLLECTION).documents
        return documents

    @property
    def now_documents(self) -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = self.database.derived(COLLECTION).documents
        return sorted(documents, key=lambda each: str(each["_id"]))

    def now_documents_lost(self) -> None:
        """Lose what is derived, but for the notes of what is under way."""
        self.database.derived(COLLECTION).documents.clear()

    def documents_of_now(self) -> NowDocuments[Any]:
        return NowDocuments(self.database, COLLECTION, VIEW)

    async def rebuild(self, progress: Callable[[int], None] = lambda _: None) -> None:
        await rebuild(self.documents_of_now(), progress)


class Instance:
    """One instance of the service, whose tasks a test runs by hand."""

    def __init__(self, world: World) -> None:
        self.cards: Cards
        self.timers: Timers
        self._world = world
        self._now, self.steps = world.documents_of_now(), Steps(world.publish)
        self.write_behind = WriteBehind(self._now, clock=world.clock, on_due=self._expect)

    @classmethod
    async def started(cls, world: World) -> "Instance":
        """Start an instance, up to what its tasks begin with."""
        instance = cls(world)
        instance.cards = await Cards.prepared(world.database, instance.steps, world.clock, instance.write_behind.put)
        instance.timers = instance.with_timetable(TIMETABLE)
        await instance.write_behind.catch_up()
        return instance

    def with_timetable(self, timetable: Timetable[Cards]) -> Timers:
        """Return its timers, with what is to be done with what falls due."""
        database, clock = self._world.database, self._world.clock
        return Timers("cards", timetable, self.cards, now=self._now, database=database, steps=self.steps, clock=clock)

    async def renew(self, card: str, number: int) -> Outcome:
        return await renewed(self.cards, renewal(card, number))

    async def look(self) -> datetime:
        """Write what waits, look, and write what came of it."""
        await self.write_behind.flush()
        next_due = await self.timers.look()
        await self.write_behind.flush()
        return next_due

    def _expect(self, at: datetime) -> None:
        self.timers.expect(at)
