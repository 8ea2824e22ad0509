"""Where an event goes: the routing keys of the one publish that announces it."""

import re
from typing import Any

from shared.contracts.catalogue import ANSWERS, BY_TYPE, EVENTS, TRIAL_RESULT, EventType
from shared.contracts.event import Event

#: A connected system's user on the broker; a dot in its name would let one read another's queue.
_INTEGRATION = re.compile(r"integration\.[a-z0-9]+(-[a-z0-9]+)*")


def is_inbox(queue: str) -> bool:
    """Return whether a queue is one from which a connected system reads."""
    return inbox_of(queue.removesuffix(".events")) == queue


def inbox_of(user: str | None) -> str | None:
    """Return the queue from which a connected system reads, by its user on the broker; None for any other user."""
    return f"{user}.events" if user and _INTEGRATION.fullmatch(user) else None


def key_at(kind: EventType[Any], place: str | None) -> str:
    """Return the routing key of what happened at a place: `product.rated.v1.01.09574`; `-` is not known."""
    return _key(kind, place, otherwise="-")


def binding_key(kind: EventType[Any], within: str | None = None) -> str:
    """Return the key by which a queue is bound to what happens within a commune, a province, or (None) wherever."""
    return _key(kind, within, otherwise="*")


def _key(kind: EventType[Any], place: str | None, *, otherwise: str) -> str:
    if kind.exchange != EVENTS:
        return kind.routing_key
    province, _, commune = (place or "").partition("-")
    return f"{kind.routing_key}.{province or otherwise}.{commune or otherwise}"


def is_key_of(kind: EventType[Any], routing_key: str) -> bool:
    """Return whether a routing key is one of this kind, of whatever place, or from before there were places in it."""
    begins = kind.exchange == EVENTS and routing_key.startswith(f"{kind.routing_key}.")
    return begins or routing_key == kind.routing_key


def key_to(user: str) -> str:
    """Return the key on `ocop.events` of all that answers what a connected system filed; its queue alone is bound.

    On `ocop.answers` that of what comes of its trials: who may try is not who may ask, and the broker lets questions
    through (by `CC`) that only a missing binding keeps from being answered.
    """
    return f"to.{user}"


def routing_key(event: Event) -> str:
    """Return the routing key of an event on its exchange: where it happened, or to whom it answers.

    Raises:
        ValueError: it answers a question, and nobody is known to have asked.
    """
    kind = BY_TYPE[event.type]
    if kind.exchange != ANSWERS or not kind.is_answer:
        return key_at(kind, event.place)
    if event.filed_by is None or (inbox := inbox_of(event.filed_by)) is None:
        raise ValueError(f"{event.id} answers a question of nobody")
    return key_to(event.filed_by) if kind == TRIAL_RESULT else inbox


def to_who_filed(event: Event) -> dict[str, Any]:
    """Return the header with the routing key beside: who filed what led to an event gets it whatever the place.

    RabbitMQ routes by `BCC` as by the routing key, to each queue once, and takes it out of the message.
    """
    filed_by = event.filed_by
    if filed_by is None or BY_TYPE[event.type].exchange != EVENTS or inbox_of(filed_by) is None:
        return {}
    return {"BCC": [key_to(filed_by)]}
