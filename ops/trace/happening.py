"""What happened in a story, one thing after the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.system import SYSTEM

#: seconds from which on a gap is shown: the shortest delay before another try
NOTABLE_GAP_SECONDS = 5.0


class Kind(StrEnum):
    """An event, a record that a service wrote, a message that is a dead letter now, or an answer that is to come."""

    EVENT = "event"
    RECORD = "record"
    DEAD_LETTER = "dead-letter"
    AWAITED = "awaited"


@dataclass(frozen=True)
class Happening:
    """One thing that happened; every text is one printable line without personal data.

    `event_id`: of the event itself, of the one that a record answers, or of the one that is a dead letter. `announced`:
    the ids of the events that a record announced.
    """

    kind: Kind
    time: datetime | None
    who: str
    what: str
    detail: str
    story: str
    event_id: str
    announced: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """A happening in its place, and the seconds since the one before it, None where one of them has no time."""

    happening: Happening
    gap_seconds: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        time = self.happening.time
        fields = asdict(self.happening) | {"time": time.isoformat() if time else None}
        return fields | {"gap_seconds": self.gap_seconds}


def told(events: Sequence[Happening], others: Iterable[Happening]) -> list[Told]:
    """Tell a story: its events in the order of the journal, and among them records and dead letters.

    An event's time is that of its decision; it goes out once it is recorded. So a record follows the event that it
    answers and those that it announces, and a dead letter the event that it is, whatever the clocks say. What announces
    nothing has its place by the time, among all that have theirs already.
    """
    ordered = list(events)
    for other in sorted(others, key=lambda each: (not each.announced, each.time.timestamp() if each.time else 0)):
        ordered.insert(_place(ordered, other), other)
    return [Told(each, _gap(before, each)) for before, each in zip([None, *ordered], ordered, strict=False)]


def awaited(events: Iterable[Happening], others: Iterable[Happening]) -> Iterator[Happening]:
    """Return what is still to come of a story: the services that have neither recorded an event nor given it up."""
    answered = {(each.who, each.event_id) for each in others}
    for event in events:
        for each in SYSTEM.subscriptions:
            if each.event_type.name == event.what and (each.service, event.event_id) not in answered:
                detail = f"{event.what} waits in {each.queue} or for another try, unless it was discarded"
                what = "has not answered yet"
                yield Happening(Kind.AWAITED, None, each.service, what, detail, event.story, event.event_id)


def _place(ordered: Sequence[Happening], other: Happening) -> int:
    known: dict[str, int] = {}
    for place, each in enumerate(ordered):
        if each.kind is Kind.EVENT:
            known.setdefault(each.event_id, place)  # what came again came later
    announced = [known[id] for id in other.announced if id in known]
    earliest = max([*announced, known.get(other.event_id, -1)]) + 1
    if announced:
        return earliest
    later = (place for place in range(earliest, len(ordered)) if _is_later(ordered[place], other))
    return next(later, len(ordered))


def _is_later(each: Happening, other: Happening) -> bool:
    return each.time is not None and other.time is not None and each.time > other.time


def _gap(before: Happening | None, each: Happening) -> float | None:
    if before is None or before.time is None or each.time is None:
        return None
    return round((_to_milliseconds(each.time) - _to_milliseconds(before.time)).total_seconds(), 3)


def _to_milliseconds(time: datetime) -> datetime:
    """Return a time as the database keeps it."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
