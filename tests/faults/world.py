"""What broker and database hold when all is over, as the accounting sees it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Announcement:
    """An event of a service; `content` is a digest of its data, `told` says whether a producer is alerted to it."""

    id: str
    type: str
    subject: str
    content: str
    told: bool = False


@dataclass(frozen=True)
class Registered:
    """A product's entry in the register."""

    code: str
    place: str
    year: int
    serial: int


@dataclass(frozen=True)
class Record:
    """A document of a service: which event it answers, how, and what was announced of it.

    `story` is the id of the event with which it all began, `filed_by` the broker's user that filed it, `faults` are the
    codes with which it was turned back, `glance` is what the announced event has to say as well,
    `version` which history it moved, and its number there.
    """

    key: str
    event_id: str
    event_type: str
    outcome: str
    product_code: str | None
    announced: tuple[Announcement, ...]
    registered: Registered | None = None
    alert_id: str | None = None
    channel: str | None = None
    story: str = ""
    filed_by: str | None = None
    faults: frozenset[str] = frozenset()
    glance: tuple[object, ...] = ()
    recorded_at: datetime | None = None
    version: tuple[str, int] | None = None


@dataclass(frozen=True)
class Entry:
    """An event of a service as the journal has it: which event it answers, and what it says at a glance.

    `cause` is the id of the event that it answers, `story` that of the dossier. `glance` is what the service's record
    has to say as well: outcome, product code, and what else the kind of event has. `told` is as in `Announcement`.
    """

    id: str
    type: str
    subject: str
    cause: str
    story: str
    glance: tuple[object, ...]
    told: bool = False


@dataclass
class Announced:
    """An event as it was received: every different data and every different message that came under its id."""

    type: str
    times: int = 0
    contents: set[str] = field(default_factory=set)
    messages: set[str] = field(default_factory=set)


@dataclass
class World:
    """Everything that was read.

    Attributes:
        heard: the events that were announced, by id.
        confirmed: the ids of the messages that the broker has confirmed.
        inboxes: the ids of the events that each sender has seen, by its user.
        journal: the events of the services in the journal, by id.
        entries: what these say, by id.
        filed: how often the journal has each dossier.filed, by id.
        waiting: messages on each queue that a service reads, and on each delay queue.
        kept: the bodies on each dead-letter queue and on `ocop.unrouted`, each with how often it is there.
        mails: how often a mail of each alert arrived, by the alert's id.
    """

    products: list[Record] = field(default_factory=list)
    ratings: list[Record] = field(default_factory=list)
    alerts: list[Record] = field(default_factory=list)
    heard: dict[str, Announced] = field(default_factory=dict)
    journal: dict[str, Announced] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    inboxes: dict[str, frozenset[str]] = field(default_factory=dict)
    filed: Counter[str] = field(default_factory=Counter)
    waiting: Mapping[str, int] = field(default_factory=dict)
    kept: dict[str, Counter[bytes]] = field(default_factory=dict)
    mails: Counter[str] = field(default_factory=Counter)
