"""Decide: the contact that a producer has from now on, for alerts about one product."""

from datetime import datetime

from shared.contracts.contact import ContactChanged
from shared.contracts.event import Event, contents
from shared.handling.history import State, Version
from shared.handling.outcome import Decision


class KnownContact(State):
    """The newest contact of a product's producer, sealed. `sequence` is the product's version that brought it."""

    sealed: str
    sequence: int


def history_of(product_code: str) -> str:
    """Return the key of the history of a product's contact."""
    return f"contact/{product_code}"


def is_contact(history: str) -> bool:
    """Return whether a history is that of a product's contact."""
    return history.startswith(history_of(""))


def decide(state: Version[KnownContact] | None, event: Event, _now: datetime) -> Decision:
    """Record a changed contact, unless a newer one is known: events may come out of their order.

    Raises:
        BrokenContractError: the event's data is no `contact.changed`.
    """
    changed, sequence = contents(event, ContactChanged), event.sequence or 0
    known = KnownContact(sealed=changed.sealed_contact, sequence=sequence)
    if state is None:
        version = Version(history_of(changed.product_code), 1, known)
    else:
        version = state.then(known if sequence > state.state.sequence else state.state)
    return Decision(event.key, (), {"event": event.reference, "outcome": "contact-changed"}, version=version)
