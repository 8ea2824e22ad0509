"""Delivers events once more that were answered long ago: as an operator would, who alone can."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aio_pika
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from shared.contracts.catalogue import BY_TYPE
from shared.errors import OutageError
from shared.messaging.connection import as_outage
from shared.messaging.delivery import FILED_BY, OPERATOR
from shared.messaging.topology import REPLAY
from shared.storage import database_of
from shared.system import SYSTEM
from tests.faults.system import System

#: seconds between two tries, while another fault goes on
_PAUSE_SECONDS = 0.5


async def deliver_again(system: System, count: int) -> None:
    """Put the newest announced events of each service on the queues of their readers again, past the journal."""
    while True:
        try:
            events = await _newest(system, count)
            with as_outage("delivering again"):
                await _publish(system, events)
        except (PyMongoError, OutageError):
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def _newest(system: System, count: int) -> list[Mapping[str, Any]]:
    announced: list[Mapping[str, Any]] = []
    async with AsyncMongoClient[dict[str, Any]](system.mongo_url) as client:
        for service, name in SYSTEM.collections.items():
            async for document in client[database_of(service)][name].find().sort("recorded_at", -1).limit(count):
                announced += document["announced"]
    return announced


async def _publish(system: System, events: list[Mapping[str, Any]]) -> None:
    async with await aio_pika.connect(system.operator_url) as connection, connection.channel() as channel:
        exchange = await channel.get_exchange(REPLAY)
        for event in events:
            for queue in _readers(event["type"]):
                await exchange.publish(_message(event), queue)


def _readers(type: str) -> list[str]:
    return [subscription.queue for subscription in SYSTEM.subscriptions if subscription.event_type == BY_TYPE[type]]


def _message(event: Mapping[str, Any]) -> aio_pika.Message:
    headers = {f"ce-{name}": value for name, value in event.items() if name not in {"data", "datacontenttype"}}
    headers[FILED_BY] = event["source"].rpartition("/")[2]
    return aio_pika.Message(
        json.dumps(event["data"]).encode(),
        headers=headers,
        content_type="application/json",
        message_id=event["id"],
        user_id=OPERATOR,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
