"""Decide: how a producer is reached, and wants to be, from now on, for alerts about one product."""

from datetime import datetime

from shared.contracts.catalogue import BY_TYPE, CONTACT_CHANGED
from shared.contracts.contact import ContactChanged, PreferencesChanged
from shared.contracts.dossier import Preferences
from shared.contracts.event import Event, contents
from shared.handling.history import State, Version
from shared.handling.outcome import Decision


class KnownContact(State):
    """The newest contact of a product's producer, sealed, and how she wants to be alerted, as far as that was changed.

    `sequence` is the product's version that brought the contact, `preferred_in` that which brought the preferences.
    """

    sealed: str | None = None
    sequence: int = 0
    preferences: Preferences | None = None
    preferred_in: int = 0


def history_of(product_code: str) -> str:
    """Return the key of the history of a product's contact."""
    return f"contact/{product_code}"


def is_contact(history: str) -> bool:
    """Return whether a history is that of a product's contact."""
    return history.startswith(history_of(""))


def decide(state: Version[KnownContact] | None, event: Event, _now: datetime) -> Decision:
    """Record what was changed, unless something newer is known: events may come out of their order.

    Raises:
        BrokenContractError: the event's data is no `contact.changed` or `preferences.changed`.
    """
    changed, known = change_in(event), state.state if state else KnownContact()
    newer = _newer(known, changed, event.sequence or 0)
    version = state.then(newer) if state else Version(history_of(changed.product_code), 1, newer)
    outcome = BY_TYPE[event.type].name.replace(".", "-")
    return Decision(event.key, (), {"event": event.reference, "outcome": outcome}, version=version)


def change_in(event: Event) -> ContactChanged | PreferencesChanged:
    """Return what an event says was changed. Raise BrokenContractError."""
    if event.type == CONTACT_CHANGED.type:
        return contents(event, ContactChanged)
    return contents(event, PreferencesChanged)


def _newer(known: KnownContact, changed: ContactChanged | PreferencesChanged, sequence: int) -> KnownContact:
    match changed:
        case ContactChanged(sealed_contact=sealed) if sequence > known.sequence:
            return known.model_copy(update={"sealed": sealed, "sequence": sequence})
        case PreferencesChanged(preferences=preferences) if sequence > known.preferred_in:
            return known.model_copy(update={"preferences": preferences, "preferred_in": sequence})
        case _:
            return known
