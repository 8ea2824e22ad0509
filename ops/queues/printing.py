"""Queues on a terminal."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from ops.queues.look import READABLE, Look

#: columns of the terminal from which on a table shows what moves, and what is unusual beside the rest
MOVES_FROM, _UNUSUAL_BESIDE_FROM = 110, 150


def queues_shown(looks: Iterable[Look], now: datetime, width: int) -> tuple[Table, list[Text]]:
    """Return a table with a row for each queue that people want to see, red where unusual, and lines for it.

    On a narrow terminal the table leaves out what moves, and what is unusual stands in the lines below it, in full.
    """
    shown = [look for look in looks if look.is_worth_a_row]
    below = width < _UNUSUAL_BESIDE_FROM
    lines = [Text(f"{look.queue}: {_unusual(look)}", "red") for look in shown if below and look.unusual]
    return _table(shown, now, with_moves=width >= MOVES_FROM, with_unusual=not below), lines


def _table(looks: Iterable[Look], now: datetime, *, with_moves: bool, with_unusual: bool) -> Table:
    moves = ("In flight", "In/s", "Out/s") if with_moves else ()
    table = Table()
    table.add_column("Queue", no_wrap=True)
    for name in ("Waiting", *moves, "Consumers", "Oldest"):
        table.add_column(name, justify="right")
    if with_unusual:
        table.add_column("Unusual")
    for look in looks:
        moved = _moves(look) if with_moves else ()
        unusual = (_unusual(look),) if with_unusual else ()
        cells = (look.queue, _number(look.waiting), *moved, str(look.consumers), _oldest(look, now), *unusual)
        table.add_row(*map(Text, cells), style="red" if look.unusual else "")
    return table


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


def _moves(look: Look) -> tuple[str, ...]:
    return _number(look.in_flight), _rate(look.in_per_second), _rate(look.out_per_second)


def _unusual(look: Look) -> str:
    return "; ".join(look.unusual)


def _oldest(look: Look, now: datetime) -> str:
    if look.oldest:
        return f"{'at least ' if look.may_be_older else ''}{age((now - look.oldest) / timedelta(seconds=1))}"
    return "?" if look.kind in READABLE and look.waiting else ""


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _rate(value: float | None) -> str:
    return "?" if value is None else f"{value:.1f}" if value else "0"
