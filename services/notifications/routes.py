"""Decide: which channels an alert takes, one after the other: by what is known of the recipient and what she wants."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import get_args

from services.notifications.plan import Alert
from shared.contracts.alert import ChannelName
from shared.contracts.dossier import ProducerChannel

#: The usual order: what costs nothing and holds a whole score sheet first.
USUAL_ORDER: tuple[ProducerChannel, ...] = get_args(ProducerChannel)


@dataclass(frozen=True)
class Route:
    """The channels that an alert takes until one takes it over; `declined`: she declines all by which she is known."""

    channels: tuple[ChannelName, ...]
    declined: bool = False


def route_of(alert: Alert, available: AbstractSet[ChannelName]) -> Route:
    """Return the route of an alert, where these channels are set up.

    A producer whom none of them reaches has the log; an office without an address has no route: it gets the event.
    """
    if alert.audience == "subscription":
        return Route(("webhook",))
    known = [channel for channel in USUAL_ORDER if address_of(alert, channel)]
    wanted = [channel for channel in _wanted(alert) if channel in known]
    if known and not wanted:
        return Route((), declined=True)
    usable = tuple(channel for channel in wanted if channel in available)
    return Route(usable or (("log",) if alert.audience == "producer" else ()))


def address_of(alert: Alert, channel: ChannelName) -> str | None:
    """Return where a channel reaches the recipient of an alert, None where that is not known."""
    match channel:
        case "email":
            return alert.email
        case "zalo" | "sms":
            return alert.phone
        case "webhook":
            return alert.to
        case "log":
            return alert.id


def is_declined(alert: Alert, channel: ChannelName) -> bool:
    """Return whether the recipient of an alert wants nothing by a channel."""
    return alert.preferences is not None and channel in alert.preferences.declined


def _wanted(alert: Alert) -> tuple[ProducerChannel, ...]:
    """Return the channels that a recipient wants, in her order; what she has not named comes behind."""
    preferences = alert.preferences
    if preferences is None:
        return USUAL_ORDER
    order = dict.fromkeys((*preferences.channels, *USUAL_ORDER))
    return tuple(channel for channel in order if channel not in preferences.declined)
