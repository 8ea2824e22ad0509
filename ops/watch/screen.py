"""The watcher's screen: queues above, errors below them, events as they come."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.dead_letters.message import DeadMessage
from ops.history.entry import JournalEntry, detail_of
from ops.named import short_type
from ops.queues.printing import MOVES_FROM, queues_shown
from ops.queues.reading import Overview
from ops.watch.news import News, is_unhappy

#: lines of errors, and those that headings and frames take
_ERRORS, _FRAMES = 5, 12
_MOST_EVENTS = 100


class Screen:
    """The last events and errors, shown with the queues of the moment."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._events: deque[JournalEntry] = deque(maxlen=_MOST_EVENTS)
        self._errors: deque[Text] = deque(maxlen=_ERRORS)
        self._seen = 0

    def note(self, news: News | None) -> None:
        """Take in what happened; the queues are all shown, whether they changed or not."""
        match news:
            case JournalEntry():
                self._seen += 1
                self._events.append(news)
                if is_unhappy(news):
                    words = f"{_at(news.time)}  {short_type(news.type)}  {news.correlation_id}  {detail_of(news)}"
                    self._errors.append(Text(words, "yellow"))
            case DeadMessage():
                words = f"{_at(news.failed_at)}  dead letter  {news.queue}  {news.id}  {news.reason}  {news.detail}"
                self._errors.append(Text(words, "red"))

    def rendered(self, overview: Overview, console: Console, now: datetime) -> RenderableType:
        """Return the screen."""
        is_narrow = console.width < MOVES_FROM
        queues, unusual = queues_shown(overview.queues, now, console.width)
        heading = f"{self._place}   {now:%H:%M:%S} UTC   {self._seen:,} events since the beginning   Ctrl-C ends"
        errors = [Text(line.plain, line.style, no_wrap=not is_narrow, overflow="ellipsis") for line in self._errors]
        below = sum(len(line.wrap(console, console.width)) for line in (*unusual, *errors))
        room = max(console.height - queues.row_count - max(below, _ERRORS) - _FRAMES, 3)
        no_rates = [Text(f"no rates: {overview.without_rates}", "yellow")] if overview.without_rates else []
        return Group(
            Text(heading, "bold"),
            queues,
            *unusual,
            *no_rates,
            Text("Errors", "bold"),
            *(errors or [Text("none", "dim")]),
            Text(),
            _events(list(self._events)[-room:], is_narrow=is_narrow),
        )


def _events(entries: Sequence[JournalEntry], *, is_narrow: bool) -> Table:
    shown = Table.grid(padding=(0, 2))
    shown.title, shown.title_justify, shown.title_style = "Events", "left", "bold"
    for entry in entries:
        style = "yellow" if is_unhappy(entry) else ""
        whose, writer = ((), ()) if is_narrow else ((entry.product or entry.subject,), (entry.writer,))
        cells = (_at(entry.time), short_type(entry.type), *whose, entry.correlation_id, *writer)
        shown.add_row(*(Text(cell, style, no_wrap=True) for cell in cells))
    return shown


def _at(moment: datetime | None) -> str:
    return f"{moment:%H:%M:%S}" if moment else "-"
