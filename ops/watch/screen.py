"""The watcher's screen: queues above, errors below them, events as they come."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.dead_letters.letter import DeadLetter
from ops.journal.detail import detail_of
from ops.journal.entry import Entry
from ops.named import short_type
from ops.queues.look import Look
from ops.queues.printing import MOVES_FROM, queues_shown
from ops.watch.news import News, is_unhappy

#: lines of errors, and those that headings and frames take
_ERRORS, _FRAMES = 5, 12
_MOST_EVENTS = 100


class Screen:
    """What is shown at the moment."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._looks: Sequence[Look] = ()
        self._events: deque[Entry] = deque(maxlen=_MOST_EVENTS)
        self._errors: deque[Text] = deque(maxlen=_ERRORS)
        self._seen = 0
        self._without_rates: str | None = None

    def show_queues(self, looks: Sequence[Look], without_rates: str | None) -> None:
        """Show the queues as they are now."""
        self._looks, self._without_rates = looks, without_rates

    def note(self, news: News) -> None:
        """Take in what happened."""
        match news:
            case Entry():
                self._seen += 1
                self._events.append(news)
                if is_unhappy(news):
                    told = f"{_at(news.time)}  {short_type(news.type)}  {news.correlation_id}  {detail_of(news)}"
                    self._errors.append(Text(told, "yellow"))
            case DeadLetter():
                told = f"{_at(news.failed_at)}  dead letter  {news.queue}  {news.id}  {news.reason}  {news.detail}"
                self._errors.append(Text(told, "red"))
            case Look():
                pass  # all of them are shown, whether they changed or not

    def rendered(self, console: Console, now: datetime) -> RenderableType:
        """Return the screen."""
        is_narrow = console.width < MOVES_FROM
        table, unusual = queues_shown(self._looks, now, console.width)
        heading = f"{self._place}   {now:%H:%M:%S} UTC   {self._seen:,} events since the beginning   Ctrl-C ends"
        errors = [Text(line.plain, line.style, no_wrap=not is_narrow, overflow="ellipsis") for line in self._errors]
        below = sum(len(line.wrap(console, console.width)) for line in (*unusual, *errors))
        room = max(console.height - table.row_count - max(below, _ERRORS) - _FRAMES, 3)
        parts: list[RenderableType] = [Text(heading, "bold"), table, *unusual]
        if self._without_rates:
            parts.append(Text(f"no rates: {self._without_rates}", "yellow"))
        parts += [
            Text("Errors", "bold"),
            *(errors or [Text("none", "dim")]),
            Text(),
            _events(list(self._events)[-room:], is_narrow=is_narrow),
        ]
        return Group(*parts)


def _events(entries: Sequence[Entry], *, is_narrow: bool) -> Table:
    table = Table.grid(padding=(0, 2))
    table.title, table.title_justify, table.title_style = "Events", "left", "bold"
    for entry in entries:
        style = "yellow" if is_unhappy(entry) else ""
        whose = () if is_narrow else (entry.product or entry.subject,)
        writer = () if is_narrow else (entry.writer,)
        cells = (_at(entry.time), short_type(entry.type), *whose, entry.correlation_id, *writer)
        table.add_row(*(Text(cell, style, no_wrap=True) for cell in cells))
    return table


def _at(moment: datetime | None) -> str:
    return f"{moment:%H:%M:%S}" if moment else "-"
