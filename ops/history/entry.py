"""An event of the journal as a value, and as a line."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from ops.history.wording import told
from ops.language import in_english
from ops.named import named, one_line, printable, short_type
from shared.masking import mask_data
from shared.messaging.journal import offset_of


@dataclass(frozen=True)
class JournalEntry:
    """One event. Every text is one printable line, masked; `data` is masked too, None where it could not be read.

    `offset` counts the stream from its beginning. `writer` is the program that says it wrote it, or else its user.
    `causation_id` is the id of the event that it answers.
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
    causation_id: str = ""


def read_entry(message: AbstractIncomingMessage) -> JournalEntry:
    """Read any message of the journal, even garbage: the intake takes whatever integrations send."""
    said = named(message)
    event = said.event
    data = event.data if event else None
    return JournalEntry(
        offset=offset_of(message),
        time=said.time,
        type=said.type or one_line(message.routing_key),
        subject=one_line(event.subject if event else None),
        product=one_line(data.get("product_code") if data else None),
        id=said.id,
        source=said.source,
        correlation_id=one_line(event.correlation_id if event else None) or said.id,
        writer=one_line(message.app_id or message.user_id),
        user=one_line(message.user_id),
        data=mask_data(data),
        causation_id=one_line(event.causation_id if event else None),
    )


def line(entry: JournalEntry) -> str:
    """Return an entry as a line for people: time, offset, type, product, id, story, writer."""
    values = (
        f"{entry.time:%Y-%m-%dT%H:%M:%SZ}" if entry.time else "",
        entry.offset,
        entry.type,
        entry.product or entry.subject,
        entry.id,
        entry.correlation_id,
        entry.writer,
    )
    return "  ".join(str(value) or "-" for value in values)


def entry_as_json(entry: JournalEntry, *, with_data: bool) -> dict[str, Any]:
    """Return an entry as a JSON object."""
    return {name: value for name, value in asdict(entry).items() if with_data or name != "data"}


def data_lines(entry: JournalEntry) -> str:
    """Return an entry's data, masked, indented below its line."""
    text = json.dumps(entry.data, indent=2, ensure_ascii=False) if entry.data is not None else "(no readable data)"
    return "".join(f"    {printable(each)}\n" for each in text.splitlines())


def detail_of(entry: JournalEntry) -> str:
    """Return product, what moved in its life, points and stars, faults' codes, channel, reason: what an event has."""
    data, kind = entry.data or {}, short_type(entry.type)
    life = in_english(lambda: told(kind, data))
    if life:
        return in_a_few_words(data.get("product_code"), life)
    return in_a_few_words(
        data.get("product_code"),
        points_and_stars(data["total"], data.get("stars")) if "total" in data else None,
        ", ".join(dict.fromkeys(_codes(data))),
        data.get("channel"),
        data.get("reason"),
        data.get("detail"),
    )


def in_a_few_words(*parts: object) -> str:
    """Return those parts that there are as one masked line."""
    return one_line(", ".join(str(part) for part in parts if part))


def points_and_stars(total: object, stars: object) -> str:
    """Return a rating in a few words."""
    return f"{total} points, {f'{stars}★' if stars else 'stopped by the sheet'}"


def _codes(data: Mapping[str, Any]) -> list[str]:
    faults = data.get("faults")
    return [str(fault.get("code")) for fault in faults if isinstance(fault, dict)] if isinstance(faults, list) else []
