"""The watcher's screen: queues above, below them what could not be handled, and events as they come.

A third of it is kept for the events, however many queues there are; what is on it is whole, folded where it is long.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.text import Text

from ops.dead_letters.message import DeadMessage
from ops.history.entry import JournalEntry, detail_of
from ops.named import short_type
from ops.queues.printing import MOVES_FROM, queues_shown
from ops.queues.reading import Overview
from ops.queues.state import QueueState
from ops.typed import as_typed
from ops.watch.news import News, has_failed, is_rejection

#: lines of what could not be handled, at most
_FAILURES = 5
_MOST_EVENTS = 100
#: the part of the screen's lines that is the events': one of so many
_FOR_EVENTS = 3


class Screen:
    """The last events and failures, shown with the queues of the moment."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._events: deque[JournalEntry] = deque(maxlen=_MOST_EVENTS)
        self._failures: deque[Text] = deque(maxlen=_FAILURES)
        self._seen = 0

    def note(self, news: News | None) -> None:
        """Take in what happened; the queues are all shown, whether they changed or not."""
        match news:
            case JournalEntry():
                self._seen += 1
                self._events.append(news)
                if has_failed(news):
                    words = f"{_at(news.time)}  {short_type(news.type)}  {news.correlation_id}  {detail_of(news)}"
                    self._failures.append(Text(words, "red"))
            case DeadMessage():
                words = f"{_at(news.failed_at)}  dead letter  {news.queue}  {news.id}  {news.reason}  {news.detail}"
                self._failures.append(Text(as_typed(words), "red"))

    def rendered(self, overview: Overview, console: Console, now: datetime) -> RenderableType:
        """Return the screen."""
        events = "1 event" if self._seen == 1 else f"{self._seen:,} events"
        heading = f"{self._place}   {now:%H:%M:%S} UTC   {events} since the beginning   Ctrl-C ends"
        no_rates = [Text(f"no rates: {overview.without_rates}", "yellow")] if overview.without_rates else []
        around = (Text(heading, "bold"), *no_rates, *self._could_not_be_handled(), Text(), Text("Events", "bold"))
        room = console.height - _lines(console, *around)
        queues = _queues(overview.queues, console, now, room - console.height // _FOR_EVENTS)
        newest = _newest(self._events, console, room - _lines(console, *queues))
        return Group(around[0], *queues, *around[1:], *newest)

    def _could_not_be_handled(self) -> Iterator[Text]:
        yield Text("Could not be handled", "bold")
        yield from self._failures or (Text("nothing", "dim"),)


def _queues(states: Sequence[QueueState], console: Console, now: datetime, room: int) -> tuple[RenderableType, ...]:
    """Return as many queues as have room, what is unusual and what waits before the others, in their order."""
    worth = [state for state in states if state.is_worth_a_row]
    by_worth = sorted(worth, key=lambda state: (not state.unusual, not state.waiting))

    def first(count: int) -> tuple[RenderableType, ...]:
        kept = by_worth[:count]
        shown, lines = queues_shown([state for state in worth if state in kept], now, console.width)
        return (shown, *lines, *_left_out(by_worth[count:]))

    fitting = bisect_right(range(1, len(worth) + 1), room, key=lambda count: _lines(console, *first(count)))
    return first(max(fitting, 1))


def _left_out(states: Sequence[QueueState]) -> Iterator[Text]:
    unusual = sum(bool(state.unusual) for state in states)
    if states:
        yield Text(f"and {len(states)} more queues, {unusual or 'none'} of them unusual: ocop queues", "dim")


def _newest(entries: Sequence[JournalEntry], console: Console, room: int) -> list[Text]:
    """Return the newest events that have room, the newest last; at least one."""
    with_all = console.width >= MOVES_FROM
    longest = max((len(short_type(entry.type)) for entry in entries), default=0)
    shown: list[Text] = []
    for entry in reversed(entries):
        line = _line(entry, longest, with_all=with_all)
        room -= _lines(console, line)
        if shown and room < 0:
            break
        shown.insert(0, line)
    return shown


def _line(entry: JournalEntry, type_width: int, *, with_all: bool) -> Text:
    whose, writer = ((entry.product or entry.subject).ljust(18), entry.writer) if with_all else ("", "")
    why = detail_of(entry) if is_rejection(entry) else ""
    cells = (_at(entry.time), short_type(entry.type).ljust(type_width), whose, entry.correlation_id, writer, why)
    return Text("  ".join(cell for cell in cells if cell), "yellow" if is_rejection(entry) or has_failed(entry) else "")


def _lines(console: Console, *shown: RenderableType) -> int:
    return sum(len(console.render_lines(each, pad=False)) for each in shown)


def _at(moment: datetime | None) -> str:
    return f"{moment:%H:%M:%S}" if moment else "-"
