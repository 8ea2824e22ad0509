"""What is published in a fault test: messages, and cases of them that are accounted for together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.contracts.catalogue import DOSSIER_FILED, INTAKE, EventType

#: Who files: two integrations, for the same communes. The first files for the whole country, the second for Hà Nội.
Sender = Literal["portal", "hanoi"]

Kind = Literal[
    "good",
    "unknown answers",
    "breaks a rule",
    "breaks the contract",
    "garbage with an id",
    "garbage",
    "garbage between services",
    "mistyped routing key",
    "same product twice",
    "same id twice",
    "same dossier by two senders",
    "outside the sender's scope",
    "unknown product",
    "upgrade behind its registration",
    "upgrade of an answered product",
    "re-evaluation of a rated product",
    "upgrade of an imported certificate",
    "correction of a rejected dossier",
    "correction of a rejected assessment",
    "correction twice at once",
]

#: In the place of a product's code: that which the answer gives for which the message waits.
CODE = "the code of the answer"


@dataclass(frozen=True)
class After:
    """What a message waits for: that an earlier one is confirmed, or that its sender sees an event answering it."""

    id: str
    event_type: EventType[Any] | None = None


@dataclass(frozen=True)
class Message:
    """What is published; `id` is that of the CloudEvent, None where nobody can read one.

    Attributes:
        sender: who files it.
        signed: whether it has the sender's `user_id`.
        after: what it waits for.
    """

    body: bytes
    headers: Mapping[str, str]
    id: str | None = None
    content_type: str = "application/json"
    exchange: str = INTAKE
    routing_key: str = DOSSIER_FILED.routing_key
    sender: Sender = "portal"
    signed: bool = False
    after: After | None = None


@dataclass(frozen=True)
class Case:
    """Different messages that are accounted for together, and what must become of them.

    All that is accepted of a case is about one product.

    Attributes:
        records: how many of them the registry records as dossiers, each once.
        accepted: how many of those get a product code; which ones, where some do not, depends on who comes first.
        registers: whether one of those gives the product its code; else a certificate from before has brought it in.
        refused_with: the codes of faults with which the others may be turned back, and no other.
        turned_back: the ids of those whose self-assessment evaluation turns back; it rates the others.
        kept_in: the queue that keeps every message of the case, byte for byte; None where none is kept.
    """

    kind: Kind
    messages: tuple[Message, ...]
    records: int = 0
    accepted: int = 0
    registers: bool = True
    refused_with: frozenset[str] = field(default=frozenset())
    turned_back: frozenset[str] = field(default=frozenset())
    kept_in: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its CloudEvents."""
        return frozenset(message.id for message in self.messages if message.id)

    @property
    def senders(self) -> Mapping[str, frozenset[Sender | None]]:
        """Who has filed under each id; None for a message without `user_id`."""
        return {
            id: frozenset(each.sender if each.signed else None for each in self.messages if each.id == id)
            for id in self.ids
        }
