"""Which dossiers of the journal go back to the registry, and in which order, when its database was restored.

A commune's products are numbered as the registry takes their dossiers. So those that were given a code go back in the
order of their codes, onto an empty queue that nobody takes from yet. What depends on them follows in a second step.
"""

from dataclasses import dataclass, field

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, INTAKE, PRODUCT_SUBMITTED
from shared.contracts.envelope import read
from shared.contracts.event import Event, UnreadableError, contents, derived_id
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected
from shared.messaging.journal import offset_of
from shared.system import SYSTEM

REGISTRY = "registry"
#: Where dossiers wait for the registry.
QUEUE = SYSTEM[REGISTRY].subscription(DOSSIER_FILED).queue


@dataclass
class Dossiers:
    """What the journal has of dossiers and of what became of them; `note` takes its messages in their order.

    `filed` has each dossier by the id that a `product.submitted` in answer to it has, or by its offset where it cannot
    be read. `codes` has what such an answer said.
    """

    filed: dict[str, AbstractIncomingMessage] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    _given: set[str] = field(default_factory=set)
    _named: set[str] = field(default_factory=set)
    _turned_back: set[str] = field(default_factory=set)

    def note(self, message: AbstractIncomingMessage) -> None:
        """Take in a message of the journal; all but dossiers and what the services say of them is passed over.

        Raises:
            UnreadableError: what a service has said of one is not in its contract.
        """
        event = _event(message)
        if message.exchange == INTAKE:  # by any key: the registry reads none, and a dossier may come by another's copy
            if not any(message.user_id == known.service for known in SYSTEM.subscriptions):
                answer = derived_id(event.key, PRODUCT_SUBMITTED.type) if event else str(offset_of(message))
                self.filed.setdefault(answer, message)
        elif event and event.type == ASSESSMENT_REJECTED.type:
            self._turned_back.add(contents(event, AssessmentRejected).product_code)
        elif event and event.type == PRODUCT_SUBMITTED.type and event.id not in self.codes:
            submitted = contents(event, ProductSubmitted)
            code = self.codes[event.id] = submitted.product_code
            if not submitted.dossier.product_code and code not in self._named and code not in self._turned_back:
                self._given.add(event.id)
            self._named.add(code)

    @property
    def numbered(self) -> list[AbstractIncomingMessage]:
        """The dossiers that were given a code, in the order of place, year and serial number."""
        given = sorted((_order(self.codes[id]), id) for id in self._given & self.filed.keys())
        return [self.filed[id] for _, id in given]

    @property
    def rest(self) -> list[AbstractIncomingMessage]:
        """All others in the journal's order: corrections, upgrades, re-evaluations, rejected ones, unanswered ones."""
        return [message for id, message in self.filed.items() if id not in self._given]

    @property
    def filed_earlier(self) -> int:
        """How many products were given a code for a dossier that was filed before the journal was begun to be read."""
        return len(self._given - self.filed.keys())


def _event(message: AbstractIncomingMessage) -> Event | None:
    try:
        return read(message.headers, message.content_type, message.body, content_encoding=message.content_encoding)
    except UnreadableError:
        return None


def _order(code: str) -> tuple[str, int, int]:
    province, commune, serial, year = code.split("-")
    return f"{province}-{commune}", int(year), int(serial)
