"""What operators find alerts by: how they stand, by which channel, of what and which product they tell, to whom."""

from services.notifications.alert_state import AlertState

#: The key that every alert has, and the one of those that wait for their next try.
EVERY, WAITING = "every", "waiting"
#: What is asked for, the rarest first: one is looked up, and whatever else a question has is held against it.
NAMES = ("product_code", "to", "outcome", "kind", "channel", "audience")


def facets_of(state: AlertState) -> tuple[str, ...]:
    """Return the keys under which an alert is found, each in the order of time."""
    values = ((name, getattr(state, name)) for name in NAMES)
    waits = (WAITING,) if state.waiting else ()
    return (EVERY, *waits, *(facet(name, value) for name, value in values if value))


def facet(name: str, value: str) -> str:
    """Return the key of the alerts that have a value in this field of their state."""
    return f"{name}:{value}"
