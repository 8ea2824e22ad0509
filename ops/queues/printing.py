"""Queues on a terminal."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from rich.table import Table
from rich.text import Text

from ops.queues.look import READABLE, Look


def queues_table(looks: Iterable[Look], now: datetime) -> Table:
    """Give a row for each queue that people want to see, red where something is unusual."""
    table = Table("Queue")
    for name in ("Waiting", "In hand", "In/s", "Out/s", "Consumers", "Oldest"):
        table.add_column(name, justify="right")
    table.add_column("Unusual")
    for look in looks:
        if look.is_worth_a_row:
            table.add_row(*map(Text, _cells(look, now)), style="red" if look.unusual else "")
    return table


def age(seconds: float) -> str:
    """Give a time span in the two largest units that it has: `3 h 12 min`."""
    minutes, second = divmod(max(round(seconds), 0), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days} d {hour} h"
    if hours:
        return f"{hour} h {minute} min"
    return f"{minutes} min {second} s" if minutes else f"{second} s"


def _cells(look: Look, now: datetime) -> tuple[str, ...]:
    return (
        look.queue,
        _number(look.waiting),
        _number(look.in_hand),
        _rate(look.in_per_second),
        _rate(look.out_per_second),
        str(look.consumers),
        _oldest(look, now),
        "; ".join(look.unusual),
    )


def _oldest(look: Look, now: datetime) -> str:
    if look.oldest:
        return f"{'at least ' if look.may_be_older else ''}{age((now - look.oldest) / timedelta(seconds=1))}"
    return "?" if look.kind in READABLE and look.waiting else ""


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _rate(value: float | None) -> str:
    return "?" if value is None else f"{value:.1f}" if value else "0"
