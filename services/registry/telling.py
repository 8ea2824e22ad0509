"""Decide: whether a producer has been told already why a dossier was turned back: the same one, for the same reasons.

What she was told last of a product is a history: its key follows from whom an answer is for and what the product is
called, the only two that are known of any dossier that can be answered to her. Only what is new moves it, so a program
that files one dossier again and again makes it no longer.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from services.registry.identity import ProducerNumbers
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState
from shared.handling.history import State, Version
from shared.handling.outcome import Decision

_HISTORY = "told/"


class Told(State):
    """What a producer was told last: a digest of the dossier, of why it was turned back, and of its product's version.

    Where the product has moved in between, she is told again.
    """

    digest: str


def is_telling(history: str) -> bool:
    """Return whether a history is that of what a producer was told."""
    return history.startswith(_HISTORY)


@dataclass(frozen=True)
class Telling:
    """A rejection that its producer is to be told of: in which history, and what of it would be news."""

    history: str
    told: Told

    @classmethod
    def of(
        cls, rejected: Decision, filing: ExaminedDossier, state: RegisterState, numbers: ProducerNumbers
    ) -> Self | None:
        """Return what a rejection has to tell the producer, None where that is nothing."""
        recipient, (answer,) = filing.examination.recipient, rejected.announced
        if recipient is None or answer.data["sealed_recipient"] is None:
            return None
        known = state.by_code or state.by_key
        news = [filing.event.digest, answer.data["faults"], known and [known.of, known.number]]
        addressee = f"{recipient.model_dump_json()}\n{filing.examination.product_name}"
        return cls(_HISTORY + numbers.addressee(addressee), Told(digest=_digest(news)))


def decide(state: Version[Told] | None, telling: Telling, rejected: Decision, _now: datetime) -> Decision:
    """Return a rejection as it is told: to who filed alone, where the producer has been told the same last."""
    if state is None or state.state != telling.told:
        version = state.then(telling.told) if state else Version(telling.history, 1, telling.told)
        return replace(rejected, version=version)
    (answer,) = rejected.announced
    data = answer.data | {"sealed_recipient": None, "repeated": True}
    return replace(rejected, announced=(replace(answer, data=data),))


def _digest(news: list[object]) -> str:
    return hashlib.sha256(json.dumps(news, sort_keys=True).encode()).hexdigest()
