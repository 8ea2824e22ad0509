"""Reads what broker and database hold, past every code of the services."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pymongo import AsyncMongoClient

from shared.contracts.catalogue import DOSSIER_FILED
from shared.messaging.topology import JOURNAL, QUORUM, SUBSCRIPTIONS, UNROUTED, queues
from tests.faults.stream import SOURCE
from tests.faults.system import System
from tests.faults.world import Announcement, Journaled, Record, Registered, World

#: Where each service keeps its records: database and collection.
COLLECTIONS = {"products": ("ocop", "products"), "ratings": ("ocop", "ratings"), "alerts": ("ocop", "alerts")}

#: The queues that only people read.
KEEPING = {UNROUTED, *(subscription.dead for subscription in SUBSCRIPTIONS)}
#: The queues that must be empty when all is done.
PASSING = {queue.name for queue in queues() if queue.arguments == QUORUM} - KEEPING

#: messages that the journal may hand out before we have answered for them
_PREFETCH = 500


async def read_world(system: System) -> World:
    """Read everything. The services must have stopped; the kept messages are taken from their queues."""
    world = World(mails=_mails(system.mail_folder))
    depths = await system.broker.depths()
    world.waiting = {name: depths[name] for name in sorted(PASSING)}
    async with AsyncMongoClient[dict[str, Any]](system.mongo_url) as client:
        for collection, records in (("products", world.products), ("ratings", world.ratings), ("alerts", world.alerts)):
            database, name = COLLECTIONS[collection]
            records += [_record(document) async for document in client[database][name].find()]
    async with await aio_pika.connect(system.broker.url) as connection:
        for queue in sorted(KEEPING):
            world.kept[queue] = await _kept(await connection.channel(), queue)
        await _read_journal(await connection.channel(), world)
    return world


def _record(document: Mapping[str, Any]) -> Record:
    registered = document.get("registered")
    return Record(
        key=document["_id"],
        event_id=document["event"]["id"],
        event_type=document["event"]["type"],
        outcome=document["outcome"],
        product_code=document.get("product_code"),
        announced=tuple(
            Announcement(event["id"], event["type"], event["subject"], _content(event["data"]))
            for event in document["announced"]
        ),
        registered=registered and Registered(*(registered[name] for name in ("code", "place", "year", "serial"))),
        alert_id=document.get("alert_id"),
        channel=document.get("channel"),
    )


def _content(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


async def _kept(channel: AbstractChannel, queue: str) -> Counter[bytes]:
    bodies = Counter[bytes]()
    kept = await channel.get_queue(queue)
    while message := await kept.get(fail=False, no_ack=True):
        bodies[message.body] += 1
    return bodies


async def _read_journal(channel: AbstractChannel, world: World) -> None:
    """Read the stream from its first message to a mark of ours, which we put at its end."""
    mark, reached = uuid4().hex, asyncio.Event()
    await channel.default_exchange.publish(aio_pika.Message(b"", message_id=mark), JOURNAL)
    await channel.set_qos(prefetch_count=_PREFETCH)

    async def take(message: AbstractIncomingMessage) -> None:
        if message.message_id == mark:
            reached.set()
        else:
            _note(message, world)
        await message.ack()

    journal = await channel.get_queue(JOURNAL)
    await journal.consume(take, arguments={"x-stream-offset": "first"})
    await reached.wait()


def _note(message: AbstractIncomingMessage, world: World) -> None:
    headers = {name: str(value) for name, value in message.headers.items() if name.startswith("ce-")}
    if headers.get("ce-source", "").startswith("/ocop/"):
        event = world.journal.setdefault(headers["ce-id"], Journaled(headers["ce-type"]))
        event.times += 1
        event.contents.add(_content(json.loads(message.body)))
        event.messages.add(hashlib.sha256(json.dumps(headers, sort_keys=True).encode() + message.body).hexdigest())
    elif headers.get("ce-source") == SOURCE:
        world.filed[headers["ce-id"]] += 1
    elif message.routing_key == DOSSIER_FILED.routing_key and message.content_type != "application/json":
        world.filed[json.loads(message.body)["id"]] += 1


def _mails(folder: Path) -> Counter[str]:
    """Count the mails of each alert, by the part of the Message-ID that is the alert's id."""
    parser = BytesHeaderParser()
    ids = (str(parser.parsebytes(file.read_bytes())["Message-ID"]) for file in folder.glob("*.eml"))
    return Counter(id.strip("<>").partition("@")[0] for id in ids)
