"""Queues on a terminal and as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from ops.queues.state import READABLE, QueueState
from ops.tables import right, table, uncut

#: columns of the terminal from which on a table shows more than what waits, what moves, and what is unusual beside it
_MORE_FROM, MOVES_FROM, _UNUSUAL_BESIDE_FROM = 76, 110, 150


def as_json(state: QueueState) -> dict[str, Any]:
    """Return it as a JSON object, what is unusual as a list."""
    return asdict(state) | {"unusual": [state.unusual] if state.unusual else []}


def queues_shown(states: Iterable[QueueState], now: datetime, width: int) -> tuple[Table, list[Text]]:
    """Return a table with a row for each queue that people want to see, red where unusual, and lines for it.

    On a narrow terminal the table leaves out what moves, on one narrower still all but what waits; what is unusual
    stands in the lines below it, in full.
    """
    shown, below = [state for state in states if state.is_worth_a_row], width < _UNUSUAL_BESIDE_FROM
    names = _numbers_shown(width)
    rows = (_row(state, now, names, with_unusual=not below) for state in shown)
    lines = [Text(f"{state.queue}: {state.unusual}", "red") for state in shown if below and state.unusual]
    return table(uncut("Queue"), *map(right, names), *(() if below else ("Unusual",)), rows=rows), lines


def age(seconds: float) -> str:
    """Return a time span in the two largest units that it has: `3 h 12 min`."""
    minutes, second = divmod(max(round(seconds), 0), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour} h"
    if hours:
        return f"{hour} h {minute} min"
    return f"{minutes} min {second} s" if minutes else f"{second} s"


def _numbers_shown(width: int) -> Sequence[str]:
    moves = ("In flight", "In/s", "Out/s") if width >= MOVES_FROM else ()
    return ("Waiting", *moves, *(("Consumers", "Oldest") if width >= _MORE_FROM else ()))


def _row(state: QueueState, now: datetime, shown: Sequence[str], *, with_unusual: bool) -> Sequence[Text]:
    numbers = {
        "Waiting": _number(state.waiting),
        "In flight": _number(state.in_flight),
        "In/s": _rate(state.in_per_second),
        "Out/s": _rate(state.out_per_second),
        "Consumers": str(state.consumers),
        "Oldest": _oldest(state, now),
    }
    cells = (state.queue, *(numbers[name] for name in shown), *((state.unusual,) if with_unusual else ()))
    return [Text(cell, "red" if state.unusual else "") for cell in cells]


def _oldest(state: QueueState, now: datetime) -> str:
    if state.oldest:
        return f"{'at least ' if state.may_be_older else ''}{age((now - state.oldest) / timedelta(seconds=1))}"
    return "?" if state.kind in READABLE and state.waiting else ""


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _rate(value: float | None) -> str:
    return "?" if value is None else f"{value:.1f}" if value else "0"
