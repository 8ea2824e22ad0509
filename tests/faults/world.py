"""What broker and database hold when all is over, as the accounting sees it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Announcement:
    """An event of a service; `content` is a digest of its data."""

    id: str
    type: str
    subject: str
    content: str


@dataclass(frozen=True)
class Registered:
    """A product's entry in the register."""

    code: str
    place: str
    year: int
    serial: int


@dataclass(frozen=True)
class Record:
    """A document of a service: which event it answers, how, and what was announced of it."""

    key: str
    event_id: str
    event_type: str
    outcome: str
    product_code: str | None
    announced: tuple[Announcement, ...]
    registered: Registered | None = None
    alert_id: str | None = None
    channel: str | None = None


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
        heard: the events that reached the queue of who files, by id.
        journal: the events of the services in the journal, by id.
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
    filed: Counter[str] = field(default_factory=Counter)
    waiting: Mapping[str, int] = field(default_factory=dict)
    kept: dict[str, Counter[bytes]] = field(default_factory=dict)
    mails: Counter[str] = field(default_factory=Counter)
