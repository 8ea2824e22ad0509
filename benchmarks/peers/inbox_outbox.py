"""FastStream and Motor with an inbox and an outbox: what we promise, built the way that books and libraries describe.

Follows Chris Richardson's patterns "Transactional outbox", "Polling publisher" and "Idempotent consumer"
(https://microservices.io/patterns), Debezium's "MongoDB Outbox Event Router" (state and outbox in one multi-document
transaction), NServiceBus' "Outbox" (sent right after the commit; what a crash left behind is sent later) and
MassTransit's "Transactional Outbox" (what is sent is removed), MongoDB's manual on transactions (the callback form) and
on `bulkWrite` over several collections, FastStream's pages named in `plain_faststream.py`, and RabbitMQ's "Dead Letter
Exchanges" and "Quorum Queues".

Guarantees: in one transaction the handled message's id (inbox), the document, and what is to be sent (outbox), with the
majority and the journal; only then the message is acknowledged. A repeat meets the inbox's unique key and changes
nothing. A relay sends with confirms, `mandatory`, and removes what is confirmed. Errors: again after a delay in a
queue of its own, five times, then a dead letter; a message that kills its process 20 times, or that nobody can read, is
a dead letter at once. All queues are quorum queues; what passes between them is confirmed by the next one.

For speed, and all of it within the pattern: 100 messages in flight; the transaction's three inserts are one request
(`client.bulk_write`, MongoDB 8), the commit is the second; the relay has each message from memory as soon as its
transaction is committed, up to 100 unconfirmed at once, and removes what is confirmed by the batch; its poll for what a
crash left reads the outbox by `_id`, whose time is in it, so there is no second index. Nothing cleans up the inbox.
SecantusDB, which stands in for MongoDB, has such transactions, side by side: docs/performance.md says what they cost.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import uvloop
from bson import ObjectId
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo import InsertOne
from pymongo.errors import ClientBulkWriteException

from benchmarks.peers import rules
from benchmarks.peers.environment import AMQP_URL, DATABASE, DURABLE, MONGO_URL
from benchmarks.peers.messages import Alerted, Filed, Rated, Submitted
from benchmarks.peers.outbox_relay import Relay
from benchmarks.peers.rules import Json

#: messages that a step has unacknowledged
IN_FLIGHT = 100
#: attempts after which a message is a dead letter, and milliseconds before the next one
ATTEMPTS = 5
RETRY_MILLISECONDS = 10_000
#: deliveries without an answer, so that the process was lost, after which a message is a dead letter
DELIVERIES = 20

_DUPLICATE_KEY = 11000

log = logging.getLogger("alerts")


#: What a step has decided: the document to record, and the message to send.
Decided = tuple[Json, BaseModel]


def register(filed: Filed) -> Decided:
    """Register a product."""
    document, submitted = rules.register(filed.id, filed.data)
    return document, Submitted(id=filed.id, data=submitted)


def rate(submitted: Submitted) -> Decided:
    """Rate a product."""
    document, rated = rules.rate(submitted.id, submitted.data)
    return document, Rated(id=submitted.id, data=rated)


def alert(rated: Rated) -> Decided:
    """Alert a producer."""
    document = rules.alert(rated.id, rated.data)
    log.info("alert %s", document["alert_id"])
    return document, Alerted(id=rated.id)


def _quorum_queue(name: str, arguments: dict[str, int], *, dead_letters_to: str) -> RabbitQueue:
    """Return a queue whose dead letters are in the other queue before they leave this one."""
    kept: Any = {
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_letters_to,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        **arguments,
    }
    return RabbitQueue(name, durable=True, queue_type=QueueType.QUORUM, arguments=kept)


@dataclass(frozen=True)
class Step:
    """One of the three: the queue that it reads, the collection of its documents, the queue that it sends to."""

    source: str
    collection: str
    target: str

    @property
    def queue(self) -> RabbitQueue:
        """The queue that it reads."""
        return _quorum_queue(self.source, {"x-delivery-limit": DELIVERIES}, dead_letters_to=self.dead_letters.name)

    @property
    def retries(self) -> RabbitQueue:
        """Where a message waits for its next attempt."""
        return _quorum_queue(f"{self.source}.retry", {"x-message-ttl": RETRY_MILLISECONDS}, dead_letters_to=self.source)

    @property
    def dead_letters(self) -> RabbitQueue:
        """Where messages end that could not be handled."""
        return RabbitQueue(f"{self.source}.dead", durable=True, queue_type=QueueType.QUORUM)


STEPS = {
    "register": Step("dossiers", "products", "submitted"),
    "rate": Step("submitted", "ratings", "rated"),
    "alert": Step("rated", "alerts", "alerted"),
}


@dataclass
class Service:
    """One step as an application of its own, with its own inbox and outbox."""

    name: str
    broker: RabbitBroker
    database: Any
    relay: Relay

    @property
    def step(self) -> Step:
        """What it reads, records and sends to."""
        return STEPS[self.name]

    async def handle(self, incoming: RabbitMessage, decide: Callable[[], Decided]) -> None:
        """Decide and commit, once for each message id; after an error let the message wait for its next attempt.

        Raise the error of the last attempt, so that the message is rejected, which makes it a dead letter.
        """
        attempt = int(incoming.headers.get("attempt", 1))
        try:
            await self._handle_once(incoming, decide)
        except Exception:
            log.exception("attempt %s failed", attempt)
            if attempt >= ATTEMPTS:
                raise
            await self._retry(incoming, attempt + 1)

    async def _handle_once(self, incoming: RabbitMessage, decide: Callable[[], Decided]) -> None:
        document, answer = decide()
        outgoing = {
            "_id": ObjectId(),
            "body": answer.model_dump_json().encode(),
            "correlation_id": incoming.correlation_id,
        }
        if await self._commit(incoming.message_id, document, outgoing):
            await self.relay.take(outgoing)

    async def _commit(self, message_id: str, document: Json, outgoing: Json) -> bool:
        """Record all three or nothing. Return False where the message was handled before."""
        writes = [
            InsertOne({"_id": message_id, "handled_at": datetime.now(UTC)}, f"{self.database.name}.{self.name}_inbox"),
            InsertOne(document, f"{self.database.name}.{self.step.collection}"),
            InsertOne(outgoing, f"{self.database.name}.{self.relay.outbox.name}"),
        ]

        async def record(session: Any) -> None:
            try:
                await self.database.client.bulk_write(writes, session=session)
            except ClientBulkWriteException as error:
                if (
                    error.error
                ):  # it says, where the driver looks for that, whether the transaction is to be tried again
                    raise error.error from error
                raise

        async with await self.database.client.start_session() as session:
            try:
                await session.with_transaction(record, write_concern=DURABLE)
            except ClientBulkWriteException as error:
                if _is_a_repeat(error):
                    return False
                raise
        return True

    async def _retry(self, incoming: RabbitMessage, attempt: int) -> None:
        await self.broker.publish(
            incoming.body,
            self.step.retries.name,
            content_type=incoming.content_type,
            headers={"attempt": attempt},
            persist=True,
            message_id=incoming.message_id,
            correlation_id=incoming.correlation_id,
        )

    async def run(self) -> None:
        """Run until a signal says to stop."""
        await self.prepare()
        async with asyncio.TaskGroup() as tasks:
            relaying = tasks.create_task(self.relay.run())
            await FastStream(self.broker).run()
            relaying.cancel()

    async def prepare(self) -> None:
        """Connect, make queues and collections before anything needs them, and subscribe."""
        await self.broker.connect()
        for queue in (self.step.dead_letters, self.step.retries):
            await self.broker.declare_queue(queue)
        there = await self.database.list_collection_names()
        for name in (f"{self.name}_inbox", self.step.collection, self.relay.outbox.name):
            if name not in there:
                await self.database.create_collection(name)
        channel = Channel(prefetch_count=IN_FLIGHT)
        subscriber = self.broker.subscriber(self.step.queue, channel=channel, ack_policy=AckPolicy.REJECT_ON_ERROR)
        subscriber(self._handlers()[self.name])

    def _handlers(self) -> dict[str, Callable[..., Any]]:
        async def on_filed(filed: Filed, incoming: RabbitMessage) -> None:
            await self.handle(incoming, partial(register, filed))

        async def on_submitted(submitted: Submitted, incoming: RabbitMessage) -> None:
            await self.handle(incoming, partial(rate, submitted))

        async def on_rated(rated: Rated, incoming: RabbitMessage) -> None:
            await self.handle(incoming, partial(alert, rated))

        return {"register": on_filed, "rate": on_submitted, "alert": on_rated}


def _is_a_repeat(error: ClientBulkWriteException) -> bool:
    """Return whether the first write, that to the inbox, met its own key."""
    return any(each["idx"] == 0 and each["code"] == _DUPLICATE_KEY for each in error.details["writeErrors"])


def service_of(name: str, *, amqp_url: str, mongo_url: str, database: str) -> Service:
    """Return one of the three services, not yet connected."""
    broker = RabbitBroker(amqp_url, logger=None, default_channel=Channel(on_return_raises=True))
    client: AsyncIOMotorClient[Json] = AsyncIOMotorClient(mongo_url, tz_aware=True)
    own = client.get_database(database, write_concern=DURABLE)
    return Service(name, broker, own, Relay(broker, own[f"{name}_outbox"], STEPS[name].target))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    uvloop.run(service_of(sys.argv[1], amqp_url=AMQP_URL, mongo_url=MONGO_URL, database=DATABASE).run())
