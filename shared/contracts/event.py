"""An event: what happened, to what, when, and what led to it; its key, its answers, its contents."""

import hashlib
import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from shared.contracts.catalogue import EventType
from shared.contracts.fault_codes import Unreadable
from shared.contracts.text import Contract

_NAMESPACE = uuid.UUID("6f636f70-2026-5000-8000-000000000026")

#: The fields of announced events that are another text when a lost decision is made again: what is sealed, and what is
#: signed, with the moment in it and perhaps by a newer key.
SEALED = frozenset({"sealed_contact", "sealed_recipient", "token"})

Data = TypeVar("Data", bound=Contract)


class UnreadableError(Exception):
    """The message is no CloudEvent that this system can read; `code` is stable, the text says what was wrong where."""

    def __init__(self, code: Unreadable | Literal["breaks-contract", "from-a-service"], detail: str) -> None:
        super().__init__(_printable(detail)[:1000])  # it may repeat what was sent
        self.code = str(code)


class BrokenContractError(UnreadableError):
    """The event can be read, and its data is not what its contract says."""

    def __init__(self, detail: str) -> None:
        super().__init__("breaks-contract", detail)


@dataclass(frozen=True)
class Event:
    """A CloudEvent: what happened (`type`), to what (`subject`), when (UTC), and what led to it.

    `data` is the JSON object as it was sent or will be sent; the models of this package read and write it.
    `correlation_id` is the id of the first event that led to it, `causation_id` that of the event this one answers.
    `sequence` is the version of the history that it moved, 1, 2, …: what has a lower one is older.
    `place` is where, as product codes begin (`01-09574`, or `01` alone), and `filed_by` the broker's user that filed
    the first event that led to it, both where known.
    `refiled_as` is the product code that a dossier was given before its record was lost, where it was brought back: no
    part of the event, and not announced.
    """

    id: str
    source: str
    type: str
    data: dict[str, Any]
    time: datetime | None = None
    subject: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None
    place: str | None = None
    sequence: int | None = None
    filed_by: str | None = None
    refiled_as: str | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the data, whatever the order of its names and the mode of the message.

        What is sealed or signed does not count: made anew, when a lost decision is made again, it is another text.
        """
        data = {name: value for name, value in self.data.items() if name not in SEALED}
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    @cached_property
    def key(self) -> str:
        """What identifies this event: `source` and `id` (CloudEvents 1.0, section 3.1.1) and the content.

        The content counts because a sender may use an id twice by mistake, and neither of its messages may be lost.
        """
        return derived_id(self.source, self.id, self.digest)

    @property
    def identity(self) -> str:
        """What CloudEvents makes unique: `source` and `id`, whatever the content (1.0, section 3.1.1)."""
        return derived_id(self.source, self.id)

    @property
    def reference(self) -> dict[str, Any]:
        """What the record of this event's answer says of it; its data is in the answer."""
        return {
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": self.time,
            "correlation_id": self.correlation_id or self.id,
        }

    def answer_id(self, kind: EventType[Any], discriminator: str | None = None) -> str:
        """Return the id of the event of a kind that answers this one, as `answer` gives it."""
        discriminated = () if discriminator is None else (discriminator,)
        return derived_id(self.key, kind.type, *discriminated)

    def named_by_its_data(self) -> "Event":
        """Return this answer under an id that its data has part in.

        Asked again under the same id, a question may have another answer: one id has one content.
        """
        return replace(self, id=derived_id(self.id, self.digest))

    def answer(
        self,
        kind: EventType[Data],
        data: Data,
        *,
        source: str,
        subject: str,
        now: datetime,
        place: str | None = None,
        discriminator: str | None = None,
    ) -> "Event":
        """Return the event that answers this one. Its id follows from this event's, so a repeat is recognised.

        Its place is this event's, if no other is given.

        Where an event has several answers of one kind (two alerts, two channels), `discriminator` distinguishes them:
        it has to be the same whenever this event is answered.
        """
        return Event(
            id=self.answer_id(kind, discriminator),
            source=source,
            type=kind.type,
            time=now,
            data=data.model_dump(mode="json"),
            subject=subject,
            correlation_id=self.correlation_id or self.id,
            causation_id=self.id,
            traceparent=self.traceparent,
            place=place or self.place,
            filed_by=self.filed_by,
        )


def derived_id(*parts: str) -> str:
    """Return the id that always follows from these parts (uuid5)."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(parts)))


def contents(event: Event, model: type[Data]) -> Data:
    """Return an event's data as its contract has it.

    Raises:
        BrokenContractError: the text names the places, not the values.
    """
    try:
        return model.model_validate(event.data)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False))
        raise BrokenContractError(f"{error.error_count()} faults: {places}") from None


def _printable(text: str) -> str:
    """Return text in ASCII without control characters, which could rewrite the terminal that shows it."""
    escaped = text.encode("ascii", "backslashreplace").decode()
    return escaped if escaped.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in escaped)
