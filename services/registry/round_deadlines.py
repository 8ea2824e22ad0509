"""Decide: the last day of a half-yearly round comes near → each province is told what still waits there.

Decision 26/2026/QĐ-TTg, Article 5: the requests of communes, the provinces' rounds, their requests, the central rounds.
All of them are one history, which knows no product.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from services.registry import SOURCE
from services.registry.identity import KnownProduct
from services.registry.renewal import RoundDay, round_days
from services.registry.rounds import AT_THE_CENTRE
from services.registry.time_limits import load_time_limits
from services.registry.validity import begins
from shared.contracts.catalogue import DEADLINE_DUE
from shared.contracts.event import Event
from shared.contracts.rounds import DeadlineDue, Stage
from shared.handling.history import Due, State, Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date

#: The key of their history.
ROUND_DEADLINES = "round-deadlines"
#: products that are named in one event; all are counted
MOST_NAMED = 1000
#: How far ahead the next one is looked for.
_AHEAD = timedelta(days=400)
_FIVE = 5
#: Where a product waits for whom. A province's requests are for what its council gave 90 points or more (Art. 7.3e).
WAITS_AT: Mapping[str, frozenset[Stage]] = {
    "commune-requests": frozenset({Stage.AT_COMMUNE}),
    "province-round": frozenset({Stage.AT_PROVINCE, Stage.AWAITS_PROVINCE, Stage.BACK_AT_PROVINCE}),
    "province-requests": frozenset({Stage.AWAITS_PROVINCE}),
    "centre-round": AT_THE_CENTRE,
}


class RoundDeadlines(State):
    """The deadlines of half-yearly rounds: what was said on `said_on` of the round `of`, and before, is settled."""

    said_on: date
    of: str = ""

    @property
    def due(self) -> tuple[Due, ...]:
        """The next ones, each at the beginning of its day in Vietnam."""
        return tuple(Due(name_of(each), begins(each.said_on)) for each in self.days)

    @property
    def days(self) -> tuple[RoundDay, ...]:
        """The deadlines that are not settled."""
        found = round_days(self.said_on - timedelta(days=1), self.said_on + _AHEAD, load_time_limits())
        return tuple(each for each in found if (each.said_on, each.of) > (self.said_on, self.of))


def name_of(day: RoundDay) -> str:
    """Return what a deadline is called in their history."""
    return f"{day.of}/{day.last}"


def begun(now: datetime) -> Decision:
    """Return what a register begins their history with: what was to be said before today is settled."""
    yesterday = legal_date(now) - timedelta(days=1)
    state = RoundDeadlines(said_on=yesterday, of="~")  # behind the names of all rounds
    return Decision(ROUND_DEADLINES, (), {"outcome": "begun"}, version=Version(ROUND_DEADLINES, 1, state))


def day_of(version: Version[RoundDeadlines], event: Event) -> RoundDay:
    """Return the deadline that an event of the timers means. Raise StopIteration where it is settled."""
    name = event.data["milestone"]
    return next(each for each in version.state.days if name_of(each) == name)


def is_waiting(product: KnownProduct, day: RoundDay) -> bool:
    """Return whether a product waits for what is to be done by then."""
    open_round = product.open_round
    if open_round is None or open_round.stage not in WAITS_AT[day.of]:
        return False
    result = open_round.provincial
    return day.of != "province-requests" or (result is not None and result.band >= _FIVE)


def decide(version: Version[RoundDeadlines], event: Event, waiting: Iterable[KnownProduct], now: datetime) -> Decision:
    """Tell each province in which something waits, once; when the last day is over, nobody."""
    day = day_of(version, event)
    moved = version.then(RoundDeadlines(said_on=day.said_on, of=day.of))
    by_province: dict[str, list[str]] = {}
    for each in waiting if legal_date(now) <= day.last else ():
        by_province.setdefault(each.place[0], []).append(each.code)
    announced = tuple(_events(event, day, by_province, now))
    fields: dict[str, Any] = {"event": event.reference, "outcome": "fallen-due" if announced else "settled"}
    return Decision(event.key, tuple(replace(each, sequence=moved.number) for each in announced), fields, version=moved)


def _events(event: Event, day: RoundDay, by_province: Mapping[str, list[str]], now: datetime) -> Iterator[Event]:
    for province, codes in sorted(by_province.items()):
        data = DeadlineDue(
            deadline="round",
            due_on=day.last,
            when="before",
            round_of=day.of,
            province_code=province,
            waiting=tuple(sorted(codes)[:MOST_NAMED]),
            waiting_count=len(codes),
        )
        yield event.answer(
            DEADLINE_DUE, data, source=SOURCE, subject=province, now=now, place=province, discriminator=province
        )
