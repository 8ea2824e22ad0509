"""What a handler makes of a message: a decision that answers it, or what is to become of it without one."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from shared.contracts.event import Event
from shared.handling.history import Version


@dataclass(frozen=True)
class Provisional:
    """Why another answer may be the right one in a moment: what it depends on may still be on its way.

    It is waited for as many of the early delays as `delays` says; None: all of them.
    """

    reason: str
    delays: int | None = None


@dataclass(frozen=True)
class Decision:
    """What was decided of one event: the events that follow, and the service's own fields of the record.

    `version` is that of the history which the event moved, with the state after it; None where it moved none.
    `dead_letter` says why the original message is to be kept in the dead-letter queue besides, None where it is not;
    `repeated` that it was on record already. `provisional` says why another answer may be the right one in a moment.
    """

    key: str
    announced: tuple[Event, ...]
    fields: dict[str, Any] = field(default_factory=dict)
    version: Version[Any] | None = None
    dead_letter: str | None = None
    repeated: bool = False
    provisional: Provisional | None = None


@dataclass(frozen=True)
class Answered:
    """The message is answered: with this decision, where one was recorded."""

    decision: Decision | None = None


@dataclass(frozen=True)
class DeadLetter:
    """The message is to be kept as a dead letter."""

    reason: str
    detail: str


#: What is done with a question that nobody can be told the answer of.
ASKER_UNKNOWN = DeadLetter("asker-unknown", "no user_id of an integration: there is nobody to answer")


@dataclass(frozen=True)
class Wait:
    """A message is to be delayed: `attempts` are behind it, this one included, and it waits for so many seconds."""

    attempts: int
    seconds: float


@dataclass(frozen=True)
class Retry:
    """The message is to be handled again after a delay.

    `last_resort` is what to do once all delays are used up; without it the message is kept as a dead letter. What came
    too `early` has short delays of its own, and `delays` says how many of them at most. `before_waiting` notes that it
    waits, and may raise OutageError.
    """

    reason: str
    detail: str
    last_resort: "Callable[[], Awaitable[Outcome]] | None" = None
    early: bool = False
    delays: int | None = None
    before_waiting: Callable[[Wait], Awaitable[None]] | None = None


Outcome = Answered | DeadLetter | Retry
