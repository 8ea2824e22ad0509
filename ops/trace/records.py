"""What the services have recorded of a story, read as the operator's user of the database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ops.database_reader import Reader
from ops.journal.detail import rating
from ops.named import one_line
from ops.records.reading import dossier_id, understood
from ops.trace.happening import Happening, Kind
from ops.trace.subject import Subject
from shared.storage import Document
from shared.system import SYSTEM

#: records of one service; a product has a handful
_MOST = 500


async def records_of(reader: Reader, subject: Subject) -> tuple[Subject, list[Happening]]:
    """Return the records of the stories that are meant, and the stories.

    Raises:
        OutageError: the database is away.
        AccessError: a record is of another version.
    """
    found = await _recorded(reader, _by_subject(subject))
    stories = frozenset(_story(document) for _, document in found)
    if stories - {subject.id}:  # what was asked for is no story's id; there is no index, so this takes its time
        found = await _recorded(reader, {"event.correlation_id": {"$in": sorted(stories)}})
    happenings = [_happening(service, document) for service, document in found]
    return subject.with_stories(frozenset(map(one_line, stories))), happenings


def _by_subject(subject: Subject) -> dict[str, Any]:
    if subject.code:
        return {"product_code": subject.code}
    return {"$or": [{name: subject.id} for name in ("event.id", "event.correlation_id", "announced.id")]}


async def _recorded(reader: Reader, query: Mapping[str, Any]) -> list[tuple[str, Document]]:
    return [
        (service, document)
        for service, collection in SYSTEM.collections.items()
        for document in await reader.find(service, collection, query, order="recorded_at", limit=_MOST)
    ]


def _story(record: Document) -> str:
    with understood(record):
        return dossier_id(record)


def _happening(service: str, record: Document) -> Happening:
    with understood(record):
        return _told(service, record)


def _told(service: str, record: Document) -> Happening:
    recorded_at: datetime = record["recorded_at"]
    return Happening(
        Kind.RECORD,
        recorded_at,
        who=service,
        what=f"recorded: {one_line(record.get('outcome'))}",
        detail=_detail(record),
        story=one_line(record["event"]["correlation_id"]),
        event_id=one_line(record["event"]["id"]),
        announced=tuple(one_line(event["id"]) for event in record["announced"]),
    )


def _detail(record: Document) -> str:
    filed_by, kept = record["event"].get("filed_by"), record.get("dead_letter")
    parts = (
        record.get("product_code"),
        rating(record["total"], record["stars"]) if record.get("total") is not None else None,
        f"filed by {filed_by}" if filed_by else None,
        record.get("channel"),
        record.get("detail"),
        f"kept as a dead letter: {kept}" if kept else None,
    )
    return one_line(", ".join(str(part) for part in parts if part))
