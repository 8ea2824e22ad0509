"""What a watcher hears of: events of the journal, queues that changed, and dead letters; each also as a line."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime

from ops.commands import json_line
from ops.dead_letters.message import DeadMessage
from ops.history.entry import JournalEntry, entry_as_json, line
from ops.named import short_type
from ops.queues.printing import as_json as queue_as_json
from ops.queues.state import READABLE, QueueState
from shared.contracts.catalogue import ALERT_FAILED, CATALOGUE

News = JournalEntry | QueueState | DeadMessage

_REJECTIONS = frozenset(each.name for each in CATALOGUE if each.is_rejection)


def is_rejection(entry: JournalEntry) -> bool:
    """Return whether an event turns something back: an answer like any other, which its sender has."""
    return short_type(entry.type) in _REJECTIONS


def has_failed(entry: JournalEntry) -> bool:
    """Return whether an event says that something could not be done."""
    return short_type(entry.type) == ALERT_FAILED.name


def changed(before: Iterable[QueueState], now: Iterable[QueueState]) -> Iterator[QueueState]:
    """Return the queues in which something changed, however fast they are; at first those worth a row."""
    known = {state.queue: _without_rates(state) for state in before}
    for state in now:
        if known[state.queue] != _without_rates(state) if state.queue in known else state.is_worth_a_row:
            yield state


def as_line(news: News, now: datetime) -> str:
    """Return news as a line for people."""
    match news:
        case JournalEntry():
            return f"event  {line(news)}"
        case QueueState():
            unusual = f"  {news.unusual}" if news.unusual else ""
            return f"queue  {now:%Y-%m-%dT%H:%M:%SZ}  {news.queue}  {_counts(news)}{unusual}"
        case DeadMessage():
            at = f"{news.failed_at:%Y-%m-%dT%H:%M:%SZ}" if news.failed_at else "-"
            return f"dead   {at}  {news.queue}  {news.id}  {news.reason}  {news.detail}".rstrip()


def as_json_line(news: News, now: datetime) -> str:
    """Return news as a JSON object on one line; `kind` says which it is."""
    match news:
        case JournalEntry():
            return json_line({"kind": "event", **entry_as_json(news, with_data=False)})
        case QueueState():
            first = {"kind": "queue", "time": now, "of": news.kind}
            return json_line(first | queue_as_json(news) | first)
        case DeadMessage():
            return json_line({"kind": "dead-letter", **asdict(news)})


def _counts(state: QueueState) -> str:
    in_flight = "" if state.in_flight is None else f", {state.in_flight} in flight"
    return f"{state.waiting if state.waiting is not None else 'no'} waiting{in_flight}, {state.consumers} consumers"


def _without_rates(state: QueueState) -> QueueState:
    """Return what counts; that dead letters are in flight does not, since it may be the watcher who browses them."""
    in_flight = None if state.kind in READABLE else state.in_flight
    return replace(state, in_flight=in_flight, in_per_second=None, out_per_second=None, oldest=None)
