"""Reads what broker and database hold, past every code of the services."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pamqp.common import FieldTable
from pymongo import AsyncMongoClient

from services.notifications.told import BY_TYPE, is_told
from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ASSESSMENT_REJECTED,
    CERTIFICATE_ISSUED,
    DEADLINE_DUE,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
    ROUND_MOVED,
    TASKS,
)
from shared.messaging.topology import JOURNAL, STREAM, UNROUTED
from shared.storage import database_of, now_database_of
from shared.system import SYSTEM
from tests.faults.broker import HEARD
from tests.faults.filings import SOURCE, STRUCTURED
from tests.faults.system import INBOXES, System
from tests.faults.world import Announced, Announcement, Entry, Record, Registered, World

#: The queues that only people read.
KEEPING = {UNROUTED, *SYSTEM.dead_letter_queues}
#: The queues that must be empty when all is done; those who file go on reading theirs until then.
PASSING = ({queue.name for queue in SYSTEM.queues if queue.arguments != STREAM} - KEEPING) | set(INBOXES.values())

_FROM_FIRST: FieldTable = {"x-stream-offset": "first"}
#: The records of what was handled; the registry also notes its key.
_OF_EVENTS = {"event": {"$exists": True}}
#: messages that a queue may hand out before we have answered for them
_PREFETCH = 500


async def milestones_begun(system: System) -> int:
    """Count the milestones that an instance of the registry has begun, and not announced yet."""
    async with AsyncMongoClient[dict[str, Any]](system.mongo_url, tz_aware=True) as client:
        return await client[now_database_of(database_of("registry"))]["milestones"].count_documents({})


async def read_world(system: System) -> World:
    """Read everything. The services must have stopped; the kept messages are taken from their queues."""
    world = World(mails=_mails(system.mail_folder))
    depths = await system.broker.depths()
    world.waiting = {name: depths[name] for name in sorted(PASSING)}
    async with AsyncMongoClient[dict[str, Any]](system.mongo_url, tz_aware=True) as client:
        found = {
            service: client[database_of(service)][name].find(_OF_EVENTS) for service, name in SYSTEM.collections.items()
        }
        world.products = [_record("registry", document) async for document in found["registry"]]
        world.ratings = [_record("evaluation", document) async for document in found["evaluation"]]
        world.alerts = [_record("notifications", document) async for document in found["notifications"]]
    async with await aio_pika.connect(system.amqp_url) as connection:
        for queue in sorted(KEEPING):
            note = partial(_note_kept, bodies=world.kept.setdefault(queue, Counter()))
            await _read_all(await connection.channel(), queue, note)
        await _read_all(await connection.channel(), HEARD, lambda message: _note_event(message, world.heard))
        await _read_all(
            await connection.channel(), JOURNAL, lambda message: _note_journaled(message, world), _FROM_FIRST
        )
    return world


def _record(service: str, document: Mapping[str, Any]) -> Record:
    registered, history = document.get("registered"), document.get("history") or {}
    state = history.get("state", {})
    return Record(
        key=document["_id"],
        event_id=document["event"]["id"],
        event_type=document["event"]["type"],
        outcome=document["outcome"],
        product_code=document.get("product_code"),
        announced=tuple(
            Announcement(event["id"], event["type"], event["subject"], _content(event["data"]), _is_told(event))
            for event in document["announced"]
            if event["type"] not in _TASKS
        ),
        registered=registered and Registered(*(registered[name] for name in ("code", "place", "year", "serial"))),
        alert_id=document.get("alert_id"),
        channel=document.get("channel"),
        story=document["event"]["correlation_id"],
        filed_by=document["event"].get("filed_by"),
        faults=frozenset(fault["code"] for event in document["announced"] for fault in event["data"].get("faults", ())),
        glance=tuple(document.get(name, state.get(name)) for name in _GLANCES[service]),
        version=(history["of"], history["version"]) if history else None,
        recorded_at=document["recorded_at"],
    )


#: What notifications gives itself to do is announced to nobody.
_TASKS = frozenset(kind.type for kind in TASKS)
#: What is compared of a record and of the event that it announced, by service: fields of the record or of its state.
_GLANCES = {
    "registry": ("outcome", "product_code"),
    "evaluation": ("outcome", "product_code", "stars", "total"),
    "notifications": ("outcome", "product_code", "channel", "alert_id"),
}


#: What opens or moves a round here, and the outcome of its record.
_MOVED_BY = {DOSSIER_FILED.name: "submitted", ASSESSMENT_REJECTED.name: "awaits-correction"}


def _glance(type: str, data: Mapping[str, Any]) -> tuple[object, ...]:
    """Return the same of an event's data."""
    code = data.get("product_code")
    match type:
        case PRODUCT_SUBMITTED.type | ROUND_MOVED.type:
            return (_MOVED_BY[data.get("why", DOSSIER_FILED.name)], code)
        case DEADLINE_DUE.type | CERTIFICATE_ISSUED.type:
            return ("fallen-due" if type == DEADLINE_DUE.type else "imported", code)
        case DOSSIER_REJECTED.type:
            return ("rejected", None)
        case PRODUCT_RATED.type | ASSESSMENT_REJECTED.type:
            return ("rated" if type == PRODUCT_RATED.type else "rejected", code, data.get("stars"), data.get("total"))
        case ALERT_DELIVERED.type:
            return ("delivered", code, data["channel"], data["alert_id"])
        case _:
            return (data["reason"], code, data["channel"], data["alert_id"])


def _is_told(event: Mapping[str, Any]) -> bool:
    kind = BY_TYPE.get(event["type"])
    return kind is not None and is_told(kind.model.model_validate(event["data"]))


def _content(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


async def _read_all(
    channel: AbstractChannel,
    queue: str,
    note: Callable[[AbstractIncomingMessage], None],
    arguments: FieldTable | None = None,
) -> None:
    """Read a queue up to a mark of ours, which we put at its end."""
    mark, reached = uuid4().hex, asyncio.Event()
    await channel.default_exchange.publish(aio_pika.Message(b"", message_id=mark), queue)
    await channel.set_qos(prefetch_count=_PREFETCH)

    async def take(message: AbstractIncomingMessage) -> None:
        if message.message_id == mark:
            reached.set()
        else:
            note(message)
        await message.ack()

    tag = await (read := await channel.get_queue(queue)).consume(take, arguments=arguments)
    await reached.wait()
    await read.cancel(tag)


def _note_kept(message: AbstractIncomingMessage, *, bodies: Counter[bytes]) -> None:
    bodies[message.body] += 1


def _note_event(message: AbstractIncomingMessage, events: dict[str, Announced]) -> None:
    headers = {name: str(value) for name, value in message.headers.items() if name.startswith("ce-")}
    if headers.get("ce-source", "").startswith("/ocop/"):
        event = events.setdefault(headers["ce-id"], Announced(headers["ce-type"]))
        event.times += 1
        event.contents.add(_content(json.loads(message.body)))
        event.messages.add(hashlib.sha256(json.dumps(headers, sort_keys=True).encode() + message.body).hexdigest())


def _note_journaled(message: AbstractIncomingMessage, world: World) -> None:
    _note_event(message, world.journal)
    _note_entry(message, world.entries)
    if message.headers.get("ce-source") == SOURCE:
        world.filed[str(message.headers["ce-id"])] += 1
    elif message.content_type == STRUCTURED:
        world.filed[json.loads(message.body)["id"]] += 1


def _note_entry(message: AbstractIncomingMessage, entries: dict[str, Entry]) -> None:
    headers = {name: str(value) for name, value in message.headers.items()}
    if headers.get("ce-source", "").startswith("/ocop/"):
        data = json.loads(message.body)
        entries[headers["ce-id"]] = Entry(
            id=headers["ce-id"],
            type=headers["ce-type"],
            subject=headers["ce-subject"],
            cause=headers["ce-causationid"],
            story=headers["ce-correlationid"],
            glance=_glance(headers["ce-type"], data),
            told=_is_told({"type": headers["ce-type"], "data": data}),
        )


def _mails(folder: Path) -> Counter[str]:
    """Count the mails of each alert, by the part of the Message-ID that is the alert's id."""
    parser = BytesHeaderParser()
    ids = (str(parser.parsebytes(file.read_bytes())["Message-ID"]) for file in folder.glob("*.eml"))
    return Counter(id.strip("<>").partition("@")[0] for id in ids)
