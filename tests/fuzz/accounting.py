"""What became of every message that the broker took, by reading the broker and the database."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256

from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.event import Event
from shared.messaging.topology import UNROUTED
from shared.sealing import BrokenSealError, UnknownKeyError
from shared.system import SYSTEM
from tests.fuzz.sending import NUMBER, Sent
from tests.unit.contact_keys import opened

INTAKE_QUEUE = "registry.life"
DEAD_LETTERS = (*SYSTEM.dead_letter_queues, UNROUTED)

#: Faults of a dossier that break its contract (docs/contract.md): then the message is kept besides.
_BREAKS_CONTRACT = frozenset(
    {
        *("broken-characters", "empty", "invalid", "missing", "not-allowed"),
        *("out-of-range", "too-long", "wrong-format", "wrong-type"),
    }
)


def _has_a_broken_seal(message: AbstractIncomingMessage) -> bool:
    """Return whether a message is what evaluation says of a product whose recipient's seal was mutated.

    It passes the seal on unopened, and notifications keeps its event: nobody else could have sealed it.
    """
    if message.app_id not in SYSTEM.names:
        return False
    try:
        opened(json.loads(message.body)["sealed_recipient"])
    except (BrokenSealError, UnknownKeyError):
        return True
    return False


@dataclass
class Account:
    """Everything that was sent, and everything that came of it.

    `kept` has the numbers of those that lie in a queue of dead letters, by queue; `answers` the events that name an
    event as their cause; `recorded` the ids of the events that the database says were handled, by service.
    """

    sent: dict[int, Sent] = field(default_factory=dict)
    kept: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    answers: dict[str, dict[str, Event]] = field(default_factory=lambda: defaultdict(dict))
    noted: set[str] = field(default_factory=set)
    stray: list[str] = field(default_factory=list)
    #: messages that the broker did not confirm: it may have taken them all the same, or not
    unconfirmed: dict[int, Sent] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    #: ids of dossiers that are not accounted for here
    others: set[str] = field(default_factory=set)
    _contents: dict[str, str] = field(default_factory=dict)

    def take_in_kept(self, queue: str, message: AbstractIncomingMessage) -> None:
        """Note a dead letter, or what nobody was bound to; its body has to be that of a message that was sent."""
        digest, home = sha256(message.body).hexdigest(), queue.removesuffix(".dead")
        number = self._number(message, home, digest)
        if number in self.unconfirmed or (number is None and _has_a_broken_seal(message)):
            return
        if number is None or self.sent[number].sha256 != digest or home not in self.sent[number].queues:
            self.stray.append(f"{queue}: {len(message.body)} bytes that nobody sent there, number {number}")
        else:
            self.kept[home][number] += 1

    def take_in_answer(self, event: Event) -> None:
        """Note what a service announced; the same id may come again, with the same content."""
        if self._contents.setdefault(event.id, event.digest) != event.digest:
            self.stray.append(f"{event.type} {event.id} was announced with two contents")
        self.answers[event.causation_id or ""][event.id] = event

    def open(self) -> list[tuple[Sent, str]]:
        """Return what is neither kept nor answered yet, with its queue."""
        return [(s, queue) for s in self.sent.values() for queue in s.queues if not self._is_settled(s, queue)]

    def faults(self) -> list[str]:
        """Return everything that is not as it has to be: the last word, once all is quiet."""
        everything = (*self.sent.values(), *self.unconfirmed.values())
        by_place = Counter((sent.id, queue) for sent in everything for queue in sent.queues)
        places = ((sent, queue) for sent in self.sent.values() for queue in sent.queues)
        wrong = [
            f"message {sent.number} ({', '.join(sent.names)}) on {queue}: {fault}"
            for sent, queue in places
            if (fault := self._fault(sent, queue, namesakes=by_place[sent.id, queue]))
        ]
        return [*self.stray, *wrong, *self._answers_to_nobody()]

    def _number(self, message: AbstractIncomingMessage, home: str, digest: str) -> int | None:
        """Return the number that a copy carries, else (its headers were unreadable) that of one with this body."""
        written = message.headers.get(NUMBER)
        if isinstance(written, str) and written.isdecimal() and int(written) in {*self.sent, *self.unconfirmed}:
            return int(written)
        all_sent = (*self.sent.values(), *self.unconfirmed.values())
        missing = (s for s in all_sent if s.sha256 == digest and home in s.queues)
        return next((s.number for s in missing if not self.kept[home][s.number]), None)

    def _is_settled(self, sent: Sent, queue: str) -> bool:
        return bool(self.kept[queue][sent.number] or self._answers(sent, queue))

    def _answers(self, sent: Sent, queue: str) -> list[str]:
        """Return what a service answered to a message: the types of events, or a note in the database."""
        if sent.id is None:
            return []
        if sent.is_note and (sent.id in self.noted or self.kept[queue][sent.number]):
            return ["noted"] if sent.id in self.noted else []  # else it is answered, where it is kept too or a dossier
        service = f"/ocop/{queue.partition('.')[0]}"
        return [event.type for event in self.answers.get(sent.id, {}).values() if event.source == service]

    def _fault(self, sent: Sent, queue: str, *, namesakes: int) -> str | None:
        kept, answers = self.kept[queue][sent.number], len(self._answers(sent, queue))
        if kept > 1:
            return f"kept {kept} times"
        if queue != INTAKE_QUEUE or sent.is_note:
            once = kept + answers == 1 or (namesakes > 1 and kept + answers)
            return None if once else f"kept {kept} times, answered {answers} times"
        if sent.id is None:
            return None if kept else "kept nowhere, and nobody to answer"
        if not 1 <= answers <= namesakes:
            return f"answered {answers} times"
        return None if namesakes > 1 or bool(kept) == self._must_be_kept(sent.id) else f"kept {kept} times"

    def _must_be_kept(self, id: str) -> bool:
        [answer] = [event for event in self.answers[id].values() if event.source == "/ocop/registry"]
        codes = {fault["code"] for fault in answer.data.get("faults", ())}
        return bool(codes & _BREAKS_CONTRACT) or any(code.startswith("unreadable-") for code in codes)

    def _answers_to_nobody(self) -> list[str]:
        all_sent = (*self.sent.values(), *self.unconfirmed.values())
        known = {sent.id for sent in all_sent} | self._contents.keys() | self.others
        return [f"an answer to {cause!r}, which nobody sent" for cause in self.answers if cause not in known]
