"""Plain FastStream and Motor: three subscribers in three processes, each records with `insert_one` and publishes.

Follows FastStream's pages "Subscription Basics", "Publisher Decorator" and "Acknowledgment" (https://faststream.ag2.ai),
and Motor's tutorial (`insert_one`). uvloop runs it, as it does under the command `faststream run`.

Guarantees: quorum queues; publisher confirms (FastStream's default), persistent messages; a message is acknowledged
after its handler has recorded and its answer is confirmed, and goes back to its queue where the handler raises; writes
acknowledged by the majority and journaled. Up to 100 messages in flight, as the services have; FastStream's own two log
lines a message are off, as they are there.
"""

import logging
import sys
from typing import Any

import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from motor.motor_asyncio import AsyncIOMotorClient

from benchmarks.peers import rules
from benchmarks.peers.environment import AMQP_URL, DATABASE, DURABLE, MONGO_URL
from benchmarks.peers.messages import Alerted, Filed, Rated, Submitted
from benchmarks.peers.rules import Json

broker = RabbitBroker(AMQP_URL, logger=None)
client: "AsyncIOMotorClient[Json]" = AsyncIOMotorClient(MONGO_URL, tz_aware=True)
database = client.get_database(DATABASE, write_concern=DURABLE)
log = logging.getLogger("alerts")


def _queue(name: str) -> RabbitQueue:
    return RabbitQueue(name, durable=True, queue_type=QueueType.QUORUM)


DOSSIERS, SUBMITTED, RATED, ALERTED = (_queue(name) for name in ("dossiers", "submitted", "rated", "alerted"))
IN_FLIGHT = Channel(prefetch_count=100)


async def register(filed: Filed) -> Submitted:
    """Register a product."""
    document, submitted = rules.register(filed.id, filed.data)
    await database["products"].insert_one(document)
    return Submitted(id=filed.id, data=submitted)


async def rate(submitted: Submitted) -> Rated:
    """Rate a product."""
    document, rated = rules.rate(submitted.id, submitted.data)
    await database["ratings"].insert_one(document)
    return Rated(id=submitted.id, data=rated)


async def alert(rated: Rated) -> Alerted:
    """Alert a producer."""
    document = rules.alert(rated.id, rated.data)
    log.info("alert %s", document["alert_id"])
    await database["alerts"].insert_one(document)
    return Alerted(id=rated.id)


STEPS: dict[str, tuple[RabbitQueue, Any, RabbitQueue]] = {
    "register": (DOSSIERS, register, SUBMITTED),
    "rate": (SUBMITTED, rate, RATED),
    "alert": (RATED, alert, ALERTED),
}


async def run(name: str) -> None:
    """Run one of the three, as each of them would be an application of its own."""
    source, step, target = STEPS[name]
    subscriber = broker.subscriber(source, channel=IN_FLIGHT, ack_policy=AckPolicy.NACK_ON_ERROR)
    subscriber(broker.publisher(target, persist=True)(step))
    await FastStream(broker).run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    uvloop.run(run(sys.argv[1]))
