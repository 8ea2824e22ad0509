"""What happened to a dossier or product: which events are meant, in which order they came, and what is to come."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from ops.history.records import is_product_code
from ops.named import one_line
from shared.messaging.topology import Subscription
from shared.system import SYSTEM

NOTIFICATIONS = "notifications"


@dataclass(frozen=True)
class Subject:
    """A product's code or an event's id, and the correlation ids that are known to be meant."""

    code: str | None
    id: str | None
    correlation_ids: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """What it is, for messages."""
        return f"the product {one_line(self.code)}" if self.code else f"the id {one_line(self.id)}"

    def concerns(self, *, id: str, correlation_id: str, product: str) -> bool:
        """Return whether an event belongs to it; the event's texts are masked, and so is the id that is compared."""
        return (
            correlation_id in self.correlation_ids
            or (self.code is not None and product == self.code)
            or (self.id is not None and one_line(self.id) in {id, correlation_id})
        )

    def with_correlation_ids(self, found: Iterable[str]) -> "Subject":
        """Return it with more correlation ids that are meant."""
        return replace(self, correlation_ids=self.correlation_ids | frozenset(found))


def subject_of(text: str) -> Subject:
    """Read what was asked for: a product's code looks like no id that anybody would choose."""
    return Subject(code=text, id=None) if is_product_code(text) else Subject(code=None, id=text)


class HappeningKind(StrEnum):
    """An event, a record that a service wrote, a message that is a dead letter now, or an answer that is to come."""

    EVENT = "event"
    RECORD = "record"
    DEAD_LETTER = "dead-letter"
    AWAITED = "awaited"


#: What stands for the record of an alert that may still arrive, and what it does.
OPEN_ALERTS = {
    "recorded: sending": "has not said yet what became of it",
    "recorded: held": "holds an alert",
    "recorded: waiting": "waits for its next try",
}


@dataclass(frozen=True)
class Happening:
    """One thing that happened; every text is one printable line without personal data.

    `event_id`: of the event itself, of the one that a record answers, or of the one that is a dead letter. `announced`:
    the ids of the events that a record announced. `caused_by`: the id of the event that an event answers. `is_repeat`:
    the same event stands above, and `time` is that of the first. `alert_id`: of the alert that a record is about.
    """

    kind: HappeningKind
    time: datetime | None
    who: str
    what: str
    detail: str
    story: str
    event_id: str
    announced: tuple[str, ...] = ()
    caused_by: str = ""
    is_repeat: bool = False
    alert_id: str = ""


def in_order(events: Iterable[Happening], others: Iterable[Happening]) -> list[Happening]:
    """Return correlated events in the order of the journal, and among them records and dead letters.

    An event's time is that of its decision; it goes out once it is recorded. So a record follows the event that it
    answers and those that it announces, and a dead letter the event that it is, whatever the clocks say. What announces
    nothing has its place by the time, among all that have theirs already.
    """
    ordered = list(_beginnings_first(events))
    for other in sorted(others, key=lambda each: (not each.announced, each.time.timestamp() if each.time else 0)):
        ordered.insert(_place(ordered, other), other)
    return ordered


def _beginnings_first(events: Iterable[Happening]) -> Iterator[Happening]:
    """Yield events in the order of the journal, but what began a story before all that followed.

    What is filed comes into the journal by a queue of its own, and so perhaps behind the registry's answer.
    """
    listed, begun = list(events), set[str]()
    began = {each.story: place for place, each in reversed([*enumerate(listed)]) if each.event_id == each.story}
    for place, each in enumerate(listed):
        if each.story in began and each.story not in begun:
            begun.add(each.story)
            yield listed[began[each.story]]
        if place != began.get(each.story):
            yield each


def gaps(ordered: Sequence[Happening]) -> list[float | None]:
    """Return the seconds since the one before of each, None where one of them has no time; repeats are passed over."""
    found: list[float | None] = []
    before: Happening | None = None
    for each in ordered:
        found.append(None if each.is_repeat else _gap(before, each))
        before = before if each.is_repeat else each
    return found


def without_record(
    events: Iterable[Happening], others: Iterable[Happening]
) -> Iterator[tuple[Happening, Subscription]]:
    """Return each event that a service takes which has neither a record of it nor a dead letter, with that queue."""
    known = {(each.who, each.event_id) for each in others}
    for event in events:
        for each in SYSTEM.subscriptions:
            if each.event_type.name == event.what and (each.service, event.event_id) not in known:
                yield event, each


def awaited(
    events: Sequence[Happening], others: Iterable[Happening], untold: Container[str] = frozenset()
) -> Iterator[Happening]:
    """Return what is still to come: of the services that have neither recorded an event, nor answered, nor given up.

    `untold`: the ids of events that call for no alert; of these notifications keeps nothing.
    """
    answered = {(each.who, each.caused_by) for each in events}
    for event, each in without_record(events, others):
        is_silent = each.service == NOTIFICATIONS and event.event_id in untold
        if not event.is_repeat and not is_silent and (each.service, event.event_id) not in answered:
            detail = f"{event.what} waits in {each.queue} or for another try, unless it was discarded"
            what = "has not answered yet"
            yield Happening(HappeningKind.AWAITED, None, each.service, what, detail, event.story, event.event_id)


def waiting(others: Iterable[Happening]) -> Iterator[Happening]:
    """Return of each alert that may still arrive that it is with its channel, is held, or waits, as said last."""
    in_time = sorted(others, key=lambda each: (each.time.timestamp() if each.time else 0, each.what not in OPEN_ALERTS))
    last = {each.alert_id or each.event_id: each for each in in_time if each.kind is HappeningKind.RECORD}
    for each in last.values():
        if each.what in OPEN_ALERTS:
            yield replace(each, kind=HappeningKind.AWAITED, time=None, what=OPEN_ALERTS[each.what])


def _place(ordered: Sequence[Happening], other: Happening) -> int:
    known: dict[str, int] = {}
    for place, each in enumerate(ordered):
        if each.kind is HappeningKind.EVENT:
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
