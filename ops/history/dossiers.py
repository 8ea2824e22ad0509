"""What of the journal goes back to the registry when its database was restored, and what the journal lacks.

Dossiers that were given a code go back with it, first. What depends on them follows in a second step: other dossiers,
what offices have filed with the registry, and councils' results, in the journal's order. What was rejected has its
answer: judged again, on another register, it might get the opposite one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    BY_TYPE,
    CERTIFICATE_ISSUED,
    COUNCIL_RESULT,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    FILING_REJECTED,
    INTAKE,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
)
from shared.contracts.dossier import RegistrationKind
from shared.contracts.envelope import read
from shared.contracts.event import Event, UnreadableError, contents, derived_id
from shared.contracts.product import ProductSubmitted, parts_of
from shared.contracts.rating import AssessmentRejected, ProductRated
from shared.messaging.delivery import sender_of
from shared.messaging.journal import offset_of
from shared.system import SYSTEM

REGISTRY = "registry"
#: Where dossiers wait for the registry.
QUEUE = SYSTEM[REGISTRY].subscription(DOSSIER_FILED).queue
#: Where they wait for the journal.
FEED = SYSTEM.journal_feeds[REGISTRY].name
#: What others than services file with the registry, beside dossiers.
_FILINGS = frozenset(
    each.event_type.type
    for each in SYSTEM[REGISTRY].subscriptions
    if each.queue == QUEUE and each.event_type.exchange == INTAKE
) - {DOSSIER_FILED.type}


@dataclass(frozen=True)
class Filed:
    """What goes back, and the id that a rejection of it has; None where it cannot be read, or is a council's result."""

    message: AbstractIncomingMessage
    rejection: str | None


@dataclass
class Dossiers:
    """What the journal has of dossiers and of what became of them; `note` takes its messages in their order.

    `_filed` has each dossier by the id that a `product.submitted` in answer to it has, or by its offset where it cannot
    be read; whatever else goes back, by ids of its own. `_given` has the codes that such answers gave new products,
    `_evaluated` those that evaluation names with the answer that it has read.
    """

    _filed: dict[str, Filed] = field(default_factory=dict)
    _given: dict[str, str] = field(default_factory=dict)
    _evaluated: dict[str, str] = field(default_factory=dict)
    _submitted: set[str] = field(default_factory=set)
    _named: set[str] = field(default_factory=set)
    _turned_back: set[str] = field(default_factory=set)
    _rejections: set[str] = field(default_factory=set)
    #: what was filed and does not go back, by kind: it is not the registry's
    left_out: Counter[str] = field(default_factory=Counter)

    def note(self, message: AbstractIncomingMessage) -> None:
        """Take in a message of the journal; what is no filing and no answer that counts here is passed over.

        Raises:
            UnreadableError: what a service has said of one is not in its contract.
        """
        event, services = _event(message), frozenset(SYSTEM.names)
        sender = sender_of(message, own_user=REGISTRY, services=services)
        if sender.is_a_service and event and event.type == COUNCIL_RESULT.type:
            self._filed.setdefault(event.id, Filed(message, None))
        elif sender.is_a_service:
            if event:
                self._note_answer(event)
        elif sender.user not in services:  # by any key: a dossier may come by another's copy
            self._note_filing(event, message)

    def _note_filing(self, event: Event | None, message: AbstractIncomingMessage) -> None:
        if event is None or event.type == DOSSIER_FILED.type or event.type not in BY_TYPE:
            self._note_dossier(event, message)
        elif event.type in _FILINGS:
            rejection = derived_id(event.key, FILING_REJECTED.type)
            self._filed.setdefault(rejection, Filed(message, rejection))
        elif not BY_TYPE[event.type].is_question:
            self.left_out[BY_TYPE[event.type].name] += 1

    def _note_dossier(self, event: Event | None, message: AbstractIncomingMessage) -> None:
        answer = derived_id(event.key, PRODUCT_SUBMITTED.type) if event else str(offset_of(message))
        rejection = derived_id(event.key, DOSSIER_REJECTED.type) if event else None
        self._filed.setdefault(answer, Filed(message, rejection))

    def _note_answer(self, event: Event) -> None:
        if event.type in {DOSSIER_REJECTED.type, FILING_REJECTED.type}:
            self._rejections.add(event.id)
        elif event.type == CERTIFICATE_ISSUED.type and event.data.get("round") is None:
            self._named.add(str(event.data.get("product_code")))  # it was brought in, and its product given the code
        elif event.type == PRODUCT_RATED.type:
            self._note_evaluated(event, contents(event, ProductRated))
        elif event.type == ASSESSMENT_REJECTED.type:
            rejected = contents(event, AssessmentRejected)
            self._note_evaluated(event, rejected)
            self._turned_back.add(rejected.product_code)
        elif event.type == PRODUCT_SUBMITTED.type and event.id not in self._submitted:
            submitted = contents(event, ProductSubmitted)
            code = submitted.product_code
            if not submitted.dossier.product_code and code not in self._named and code not in self._turned_back:
                self._given[event.id] = code
            self._submitted.add(event.id)
            self._named.add(code)

    def _note_evaluated(self, event: Event, evaluated: ProductRated | AssessmentRejected) -> None:
        code, first = evaluated.product_code, evaluated.registration is RegistrationKind.FIRST
        if event.causation_id and first and code not in self._turned_back:
            self._evaluated.setdefault(event.causation_id, code)

    @property
    def codes(self) -> dict[str, str]:
        """The codes that new products were given, each by its answer's id.

        Where an answer is missing in the journal, what evaluation made of it says which code it gave.
        """
        silent = self._filed.keys() - self._submitted
        healed = {id: code for id, code in self._evaluated.items() if id in silent and code not in self._named}
        return self._given | healed

    @property
    def numbered(self) -> list[tuple[str, AbstractIncomingMessage]]:
        """The dossiers that were given a code, each with it, in the order of place, year and serial number."""
        given = sorted((parts_of(code), id, code) for id, code in self.codes.items() if id in self._filed)
        return [(code, self._filed[id].message) for _, id, code in given]

    @property
    def rest(self) -> list[AbstractIncomingMessage]:
        """All others without a rejection, in the journal's order: dossiers, offices' filings, councils' results."""
        given = self.codes
        others = (filed for id, filed in self._filed.items() if id not in given)
        return [filed.message for filed in others if filed.rejection not in self._rejections]

    @property
    def lost(self) -> dict[str, str]:
        """The codes whose dossiers the journal has not, from where it was begun to be read, each by its answer's id."""
        lost = {id: code for id, code in self.codes.items() if id not in self._filed}
        return dict(sorted(lost.items(), key=lambda each: parts_of(each[1])))

    def unused(self, *, from_the_first: bool) -> list[str]:
        """Return the codes between those that were given which no answer gave: an answer is missing.

        `from_the_first` tells that the journal was read as a whole: then those before are missing too.
        """
        named = self._named | set(self._evaluated.values())
        return [code for code in _between(self.codes.values(), from_the_first=from_the_first) if code not in named]


def _between(codes: Iterable[str], *, from_the_first: bool) -> Iterator[str]:
    """Yield the codes that are not among these, of each place and year up to the highest."""
    serials: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    for place, year, serial in map(parts_of, codes):
        serials[place, year].add(serial)
    for (place, year), given in sorted(serials.items()):
        lowest = 1 if from_the_first else min(given)
        yield from (f"{place}-{serial}-{year}" for serial in range(lowest, max(given)) if serial not in given)


def _event(message: AbstractIncomingMessage) -> Event | None:
    try:
        return read(message.headers, message.content_type, message.body, content_encoding=message.content_encoding)
    except UnreadableError:
        return None
