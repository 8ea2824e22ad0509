"""What a watcher hears of: events of the journal, queues that are other than before, and dead letters."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ops.dead_letters.letter import DeadLetter
from ops.journal.entry import Entry
from ops.named import short_type
from ops.queues.look import READABLE, Look

News = Entry | Look | DeadLetter

#: Events that say that something did not go well; the sender or the producer has been told.
_UNHAPPY = ("dossier.rejected", "assessment.rejected", "alert.failed")


def is_unhappy(entry: Entry) -> bool:
    """Tell whether an event says that something did not go well."""
    return short_type(entry.type).startswith(_UNHAPPY)


def changed(before: Iterable[Look], now: Iterable[Look]) -> Iterator[Look]:
    """Return the queues in which something is other than before, however fast they are; at first those worth a row."""
    known = {look.queue: _state(look) for look in before}
    for look in now:
        if known[look.queue] != _state(look) if look.queue in known else look.is_worth_a_row:
            yield look


def _state(look: Look) -> Look:
    """Return what counts; that dead letters are in flight, which may be our own hand, does not."""
    in_flight = None if look.kind in READABLE else look.in_flight
    return replace(look, in_flight=in_flight, in_per_second=None, out_per_second=None, oldest=None)
