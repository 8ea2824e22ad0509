"""An event of the journal as a value, and which entries are asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from ops.named import named, one_line, short_type
from shared.masking import mask_data

#: A stranger may write as many types as messages.
_MOST_TYPES = 30


#: The header in which the broker says where in the stream a message is.
OFFSET = "x-stream-offset"


@dataclass(frozen=True)
class Entry:
    """One event. Every text is one printable line, masked; `data` is masked too, None where it could not be read.

    `offset` counts the stream from its beginning. `writer` is the program that says it wrote it, or else its user.
    """

    offset: int
    time: datetime | None
    type: str
    subject: str
    product: str
    id: str
    source: str
    correlation_id: str
    writer: str
    user: str
    data: dict[str, Any] | None


def read_entry(message: AbstractIncomingMessage) -> Entry:
    """Read a message of the journal. No message is too strange: the intake takes whatever integrations send."""
    said = named(message)
    event = said.event
    data = event.data if event else None
    return Entry(
        offset=offset_of(message),
        time=said.time,
        type=said.type or one_line(message.routing_key),
        subject=one_line(event.subject if event else None),
        product=one_line(_product(data)),
        id=said.id,
        source=said.source,
        correlation_id=one_line(event.correlation_id if event else None) or said.id,
        writer=one_line(message.app_id or message.user_id),
        user=one_line(message.user_id),
        data=mask_data(data),
    )


def offset_of(message: AbstractIncomingMessage, *, otherwise: int = 0) -> int:
    """Return where in the stream a message is, as the broker says; `otherwise` where its headers are unreadable."""
    offset = message.headers.get(OFFSET)
    return offset if isinstance(offset, int) else otherwise


@dataclass(frozen=True)
class Wanted:
    """All that is asked of an entry; None asks nothing."""

    product: str | None = None
    correlation_id: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def asks_nothing(self) -> bool:
        """Whether every entry from the start on is asked for."""
        return self == Wanted(since=self.since)

    def includes(self, entry: Entry, *, before: datetime | None = None) -> bool:
        """Tell whether an entry is asked for.

        One without a time counts as written when the one before it was (`before`), and is not turned away where nobody
        knows when that was.
        """
        time = entry.time or before
        return (
            self.product in {None, entry.subject, entry.product}
            and (self.correlation_id is None or one_line(self.correlation_id) == entry.correlation_id)
            and (self.type is None or self.type in {entry.type, short_type(entry.type)})
            and (self.since is None or entry.time is None or entry.time >= self.since)
            and (self.until is None or time is None or time < self.until)
        )


@dataclass
class Seen:
    """What was read, for who finds nothing in it: a type that was mistyped, say."""

    count: int = 0
    types: set[str] = field(default_factory=set)

    def note(self, entry: Entry) -> None:
        """Take in an entry."""
        self.count += 1
        if len(self.types) < _MOST_TYPES:
            self.types.add(short_type(entry.type))

    @property
    def words(self) -> str:
        """What was read, in words."""
        if not self.count:
            return "there are no events there"
        return f"{self.count:,} events were read, of the types {', '.join(sorted(self.types))}"


def _product(data: Mapping[str, Any] | None) -> object:
    return data.get("product_code") if data else None
