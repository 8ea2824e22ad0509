"""Where a message comes from: who filed it, how often it was tried. Headers of untrusted senders are not believed.

The broker checks `user_id`: it is the publisher's own user, or absent. Copies that a service publishes carry the
service's, dead letters that an operator brings back the operator's; a header says who sent the original.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import INTAKE

#: How many attempts a copy has behind it.
ATTEMPT = "x-ocop-attempt"
#: Who sent the original of a copy.
FILED_BY = "x-ocop-filed-by"
#: On a dossier that an operator brings back after the loss of its record: the code that its product was given then.
REFILED_AS = "x-ocop-refiled-as"
#: How often a copy came too early.
EARLY = "x-ocop-early"

#: Who brings dead letters back, and files dossiers of her own.
OPERATOR = "operator"


@dataclass(frozen=True)
class Sender:
    """What is believed of who sent a message: the user on the broker, and whether this is a copy of it.

    `user` is None where it did not say; `attempt` counts from 1, `early` how often it came too early; `is_a_service`
    tells that a service has published it, which is no copy that the queue's own service has transferred;
    `refiled_as` is as the function has it.
    """

    user: str | None
    attempt: int
    is_copy: bool
    is_a_service: bool
    early: int = 0
    refiled_as: str | None = None


def sender_of(message: AbstractIncomingMessage, *, own_user: str, services: frozenset[str]) -> Sender:
    """Return who sent a message to a queue of the service whose user on the broker is `own_user`."""
    own_copy = message.user_id == own_user and ATTEMPT in message.headers
    early = message.headers.get(EARLY) if own_copy else None
    return Sender(
        user=filed_by(message, own_user=own_user),
        attempt=attempt(message, own_user=own_user),
        is_copy=is_copy(message, own_user=own_user),
        is_a_service=message.user_id in services and not own_copy,
        early=early if isinstance(early, int) and 0 < early < 1000 else 0,
        refiled_as=refiled_as(message, own_user=own_user),
    )


def attempt(message: AbstractIncomingMessage, *, own_user: str) -> int:
    """Return the number of this attempt, from 1. Only what the queue's own service has counted is believed."""
    earlier = message.headers.get(ATTEMPT) if message.user_id == own_user else None
    return earlier + 1 if isinstance(earlier, int) and 0 < earlier < 1000 else 1


def filed_by(message: AbstractIncomingMessage, *, own_user: str) -> str | None:
    """Return the broker's user that sent the message, or the original of this copy; None where it did not say."""
    if not is_copy(message, own_user=own_user):
        return message.user_id
    original = message.headers.get(FILED_BY)
    return original if isinstance(original, str) else None


def refiled_as(message: AbstractIncomingMessage, *, own_user: str) -> str | None:
    """Return the product code that an operator says a dossier was given before its record was lost, None without."""
    code = message.headers.get(REFILED_AS) if is_copy(message, own_user=own_user) else None
    return code if isinstance(code, str) else None


def is_copy(message: AbstractIncomingMessage, *, own_user: str) -> bool:
    """Return whether a message was transferred before: it comes from a delay, or an operator has brought it back.

    What an operator publishes on the intake is no copy: she has filed it, and if the broker itself makes a dead letter
    of it, that still says where it was published.
    """
    if message.user_id != OPERATOR:
        return message.user_id == own_user
    death = last_death(message.headers)
    return INTAKE not in (message.exchange, death and death.get("exchange"))


def last_death(headers: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the broker says of a dead letter that it made itself. Services leave it out of copies."""
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else None
