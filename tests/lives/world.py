"""Plays random lives side by side, by one clock, and holds what follows each filing and each day against the law."""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from shared.contracts.event import Event
from tests.lives.acting.acts import act
from tests.lives.acting.agenda import plan as plan_next
from tests.lives.acting.filings import Filed, Wave
from tests.lives.acting.sessions import drawn_sessions
from tests.lives.documents import Documents
from tests.lives.following import Expectation, Followed
from tests.lives.law import half_yearly
from tests.lives.law.days import VIETNAM, day_of, instant
from tests.lives.law.falling_due import fall_due
from tests.lives.law.said import Said, in_words
from tests.lives.plan import Plan
from tests.lives.provinces import Provinces
from tests.lives.reading import in_short
from tests.lives.recorded import Recorded
from tests.lives.sender import Sender
from tests.lives.services import LOOK_SECONDS, Services

#: seconds without the expected event after which a life differs
PATIENCE_SECONDS = 30.0
#: seconds after which what a killed instance had begun of a day is looked for
_BROKEN_OFF_SECONDS = 4.0
#: How long, by their clock, services leave it to the instance that had begun it; and a moment more.
_LEFT_ALONE = timedelta(seconds=61)
#: Differences after which a run ends: each costs that time.
_ENOUGH = 10
#: Of a hundred instants, an earlier filing comes again in so many.
_REPEATED = 20
#: Nobody is killed from then on: what is broken off is taken up a minute later, on the same day.
_LATE_IN_THE_DAY = (23, 58)
_NO_ANSWER = frozenset({"scorecard.filed", "council.convened"})


@dataclass
class World:
    """The lives, and all that they need; `differences` are the lives that went another way than the law says."""

    plan: Plan
    services: Services
    sender: Sender
    recorded: Recorded
    documents: Documents
    say: Callable[[str], None]
    followed: list[Followed] = field(init=False)
    differences: list[str] = field(default_factory=list)
    events: set[str] = field(default_factory=set)
    _by_code: dict[str, Followed] = field(default_factory=dict)
    _by_filing: dict[str, Followed] = field(default_factory=dict)
    _sessions: Iterator[int] = field(default_factory=lambda: count(1))
    _striking: asyncio.Task[None] | None = None
    _moved_on: bool = False

    def __post_init__(self) -> None:
        self.followed, self._random = list(self.plan.followed()), Random(self.plan.seed)
        self._strikes = self.plan.strikes()
        self.provinces = Provinces(half_yearly.next_day(self.plan.begins))
        self._agenda = [(each.next_at, number) for number, each in enumerate(self.followed) if each.next_at]
        heapq.heapify(self._agenda)

    # --- what is heard

    def hear(self, event: Event) -> None:
        """Note an announced event at the life that it is of."""
        short = in_short(event)
        if short is None:
            return
        self.events.add(event.id)
        if event.data.get("deadline") == "round":
            self.provinces.expectation.hear(event.id, short)
        elif of := self._by_code.get(str(event.subject)) or self._by_filing.get(str(event.correlation_id)):
            of.actor.code = of.actor.code or event.data.get("product_code")
            if of.actor.code:
                self._by_code[of.actor.code] = of
            of.hear(event.id, short)
        else:
            self.differences.append(f"of no life: {in_words(short)}")

    async def _until_said(self, of: Expectation) -> None:
        """Wait until all that is expected is there; meanwhile the timers look again and again."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while of.missing and loop.time() < began + PATIENCE_SECONDS:
            of.heard.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await of.heard.wait()
            self.services.look()
            if loop.time() > began + _BROKEN_OFF_SECONDS and of.only_days_missing:
                self._take_up_what_was_broken_off()

    def _take_up_what_was_broken_off(self) -> None:
        """Let a minute pass, once an instant: what a killed instance had begun of a day, the others take up then."""
        if self.services.kills and not self._moved_on and not _is_late(self.services.now):
            self._moved_on = True
            self.services.set(self.services.now + _LEFT_ALONE)

    # --- what is filed

    async def _play(self, of: Followed, waves: Sequence[Wave]) -> None:
        for wave in waves:
            of.expected.update(wave.expected)
            ids = [await self._send(of, each) for each in wave.filed]
            silent = [id for id, each in zip(ids, wave.filed, strict=True) if each.kind in _NO_ANSWER]
            if unrecorded := await self.recorded.until(silent, PATIENCE_SECONDS):
                of.story.append(f"not on record: {', '.join(unrecorded)}")
                of.expected["on record",] += len(unrecorded)
            await self._until_said(of)
            if self._differs(of):
                return

    async def _send(self, of: Followed, filed: Filed) -> str:
        id = self.sender.id()
        self._by_filing[id] = of
        of.tell(self.services.now, filed)
        await self.sender.send(id, filed)
        return id

    # --- time

    async def play(self) -> None:
        """Play all lives to the plan's end."""
        while (at := max(self._next_at, self.services.now)) <= self.plan.horizon and len(self.differences) < _ENOUGH:
            due = list(self._due(at))
            await asyncio.gather(*(each.playing for each in due if each.playing))
            await self._strike(at)
            self._moved_on = False
            await self._half_years_fall(at)
            self.services.set(at)
            await self._days_fall(due, at)
            await self._act([each for each in due if each.actor.next_at and each.actor.next_at <= at], at)
            for each in due:
                self._enter(each)
        await asyncio.gather(*(each.playing for each in self.followed if each.playing), *filter(None, [self._striking]))

    @property
    def _next_at(self) -> datetime:
        """When something happens next."""
        return min([instant(self.provinces.next_day), *(at for at, _ in self._agenda[:1])])

    def _due(self, at: datetime) -> Iterator[Followed]:
        """Take from the agenda those to whom something happens by an instant, each once."""
        taken = set()
        while self._agenda and self._agenda[0][0] <= at:
            _, number = heapq.heappop(self._agenda)
            taken.add(number)
        return (self.followed[number] for number in sorted(taken) if not self.followed[number].differs)

    def _enter(self, of: Followed) -> None:
        if of.next_at:
            heapq.heappush(self._agenda, (of.next_at, int(of.actor.name) - 1))

    async def _strike(self, at: datetime) -> None:
        """Kill a service a moment from now where the plan says so, one at a time."""
        is_late, is_planned = _is_late(at), self._strikes and self._strikes[0] <= at
        if self._striking and (is_late or is_planned):
            await self._striking
        if is_late or not is_planned:
            return
        self._strikes.pop(0)
        self._striking = asyncio.create_task(self.services.strike(Random(f"{self.plan.seed}-{len(self._strikes)}")))

    async def _days_fall(self, due: Iterable[Followed], at: datetime) -> None:
        fallen = []
        for of in due:
            if events := fall_due(of.actor.life, day_of(at)):
                of.expected.update(events)
                of.tell_fallen(at, events)
                fallen.append(of)
        await asyncio.gather(*map(self._until_said, fallen))
        for of in fallen:
            self._differs(of)

    async def _half_years_fall(self, at: datetime) -> None:
        """Have the provinces told what waits for a half-yearly round, once the documents of now show all of it."""
        if self.provinces.next_day > day_of(at):
            return
        if self._striking:
            await self._striking
        named = self.provinces.tell(self.followed)
        if self.differences:  # the oracle does not know what waits any more
            return
        await self.documents.until_written(named, PATIENCE_SECONDS)
        self.services.set(at)
        await self._until_said(self.provinces.expectation)

    async def _act(self, due: list[Followed], at: datetime) -> None:
        """Let all act who do so now, in any order and side by side; who cannot be served yet is not waited for."""
        if due and self._random.random() * 100 < _REPEATED:
            await self.sender.repeat()
        await self._convene(due)
        self._random.shuffle(due)
        waited_for = []
        for of in (each for each in due if not each.differs):
            waves = act(of.actor, at)
            of.playing = asyncio.create_task(self._play(of, waves))
            if any(wave.date_matters for wave in waves):
                waited_for.append(of.playing)
        await asyncio.gather(*waited_for)
        for of in due:
            plan_next(of.actor, at, self.plan.horizon)

    async def _convene(self, due: Sequence[Followed]) -> None:
        """Convene councils for most of the products that wait for one."""
        waiting = [each.actor for each in due if each.actor.council and each.actor.chance(90)]
        sessions = list(drawn_sessions(waiting, self._sessions, self._random))
        plays = (self._play(self._by_code[each.leader.known_code], [each.wave(self.services.now)]) for each in sessions)
        await asyncio.gather(*plays)
        for each in sessions:
            each.take_seats()

    async def stop(self) -> None:
        """Break off what is under way."""
        tasks = [each for each in (self._striking, *(of.playing for of in self.followed)) if each]
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- what differs

    def _differs(self, of: Followed) -> bool:
        if not (of.missing or of.unexpected):
            return False
        if not of.differs:
            of.differs = True
            self.differences.append(of.difference())
            self.say(f"differs: {self.differences[-1].splitlines()[0]}")
        return True

    def finish(self, on_record: Mapping[str, Mapping[str, Said]]) -> None:
        """Hold what is on record, and all that was announced to the end, against what is expected."""
        for of in self.followed:
            if not of.differs:
                of.announced.update(on_record.get(str(of.actor.code), {}))
                self._differs(of)
        self.differences += [] if self.differences else self.provinces.differences()


def _is_late(at: datetime) -> bool:
    local = at.astimezone(VIETNAM)
    return (local.hour, local.minute) >= _LATE_IN_THE_DAY
