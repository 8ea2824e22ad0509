"""Where a dead letter goes back to."""

from difflib import get_close_matches

from ops.dead_letters.letter import DeadLetter
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM


def destinations(letter: DeadLetter, *, to: str | None) -> tuple[str, ...]:
    """Return the queues: the one that the letter failed in, or, of one that nobody was bound to, those that are now.

    `to` is where the operator wants one that still nobody is bound to. Without it there is nowhere to go.
    """
    if letter.queue != UNROUTED:
        return (letter.queue.removesuffix(".dead"),)
    return _bound(letter.exchange, letter.routing_key) or ((to,) if to else ())


def suggestion(letter: DeadLetter) -> str | None:
    """Return the queue whose routing key on this exchange is spelled most like the letter's, None where none is."""
    if letter.queue != UNROUTED or _bound(letter.exchange, letter.routing_key):
        return None
    queues = {
        s.event_type.routing_key: s.queue for s in SYSTEM.subscriptions if s.event_type.exchange == letter.exchange
    }
    alike = get_close_matches(letter.routing_key, list(queues), n=1, cutoff=0.5)
    return queues[alike[0]] if alike else None


def _bound(exchange: str, routing_key: str) -> tuple[str, ...]:
    return tuple(
        subscription.queue
        for subscription in SYSTEM.subscriptions
        if (subscription.event_type.exchange, subscription.event_type.routing_key) == (exchange, routing_key)
    )
