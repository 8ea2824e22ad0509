"""What evaluation keeps of a council's session, and of council work on a product: two kinds of histories."""

from collections.abc import Mapping
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from services.evaluation.regulations import Regulation
from shared.contracts.councils import Level, Member, Seat
from shared.contracts.dossier import RegistrationKind
from shared.contracts.query import CertificateState
from shared.contracts.rounds import Closing, Stage
from shared.handling.history import State

#: With what the keys of these histories begin; behind it stands the session's id or the product's code.
SESSION, WORK = "session/", "council/"

#: Where a product waits for which council.
LEVEL_AT: Mapping[Stage, Level] = {
    Stage.AT_PROVINCE: Level.PROVINCE,
    Stage.BACK_AT_PROVINCE: Level.PROVINCE,
    Stage.AT_CENTRE: Level.CENTRE,
}


class Kept(BaseModel):
    """What a state keeps of something: read again years later, so it only grows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Session(State):
    """A council's session, as it was convened: it is never changed.

    `regulation` is the version in force on that day. `visits` are its products, each with the visit at which it was
    convened: once that ended, the session holds the product no more.
    """

    id: str
    level: Level
    province_code: str | None
    regulation: Regulation
    members: tuple[Member, ...]
    visits: dict[str, int] = Field(default_factory=dict)

    def member(self, id: str) -> Member | None:
        """Return the member with this id, None where nobody has it."""
        return next((each for each in self.members if each.id == id), None)

    def presides(self, id: str) -> bool:
        """Return whether this is the chair, or a deputy."""
        member = self.member(id)
        return member is not None and member.seat in {Seat.CHAIR, Seat.DEPUTY}


class Card(Kept):
    """A member's scorecard: what it comes to. The whole of it is on record under `key`, the key of its event.

    `filed_at` is when its sender says that it was filed.
    """

    key: str
    member: str
    total: int
    filed_at: datetime | None = None

    def replaces(self, earlier: "Card | None") -> bool:
        """Return whether it comes in the place of another card of its member: one that waited on its way does not."""
        if earlier is None or self.filed_at is None or earlier.filed_at is None:
            return True
        return self.filed_at >= earlier.filed_at


class FilledCard(Card):
    """A scorecard with what was filled in: `options` are positions on the sheet by criterion."""

    options: dict[str, int]
    eliminations: tuple[str, ...] = ()


class Work(State):
    """The councils' work on one product, and where its newest round and its certificate are.

    `sequence` is that of the registry's newest event here, by which what comes late is known, `move` the number of its
    round's newest move. `visit` is the one that brought the product to its council, 0 while it is at none;
    `letter_date` the day before which its council cannot have met: of the letter or the corrected dossier that it came
    with, or of the council that it comes from. `cards` are the newest of each member of `session`: after a result or a
    return, they are on record alone. `rescored` is how often this session was asked to score anew,
    `concluded` are sessions that gave a result.
    """

    code: str
    product_name: str = ""
    product_set: int = 0
    registration: RegistrationKind = RegistrationKind.FIRST
    must_declare_quality: bool = True
    sealed_recipient: str | None = None
    round: int | None = None
    stage: Stage | None = None
    closing: Closing | None = None
    due_on: date | None = None
    sequence: int = 0
    visit: int = 0
    move: int = 0
    letter_date: date | None = None
    session: str | None = None
    cards: tuple[Card, ...] = ()
    rescored: int = 0
    concluded: tuple[str, ...] = ()
    certificate: CertificateState | None = None
    certificate_sequence: int = 0

    @property
    def waits_for(self) -> Level | None:
        """The council that the product waits for, None where it waits for none, or has its result."""
        return LEVEL_AT.get(self.stage) if self.visit and self.stage else None

    def cards_of(self, session: str) -> tuple[Card, ...]:
        """Return the newest card of each member of a session."""
        return self.cards if self.session == session else ()


def session_key(id: str) -> str:
    """Return the key of a session's history."""
    return f"{SESSION}{id}"


def work_key(product_code: str) -> str:
    """Return the key of the history of council work on a product."""
    return f"{WORK}{product_code}"


def is_of_councils(history: str) -> bool:
    """Return whether a history is one of these two kinds."""
    return history.startswith((SESSION, WORK))
