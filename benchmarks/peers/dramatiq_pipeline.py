"""Dramatiq on RabbitMQ, with PyMongo: a pipeline of three actors, each in a worker of its own.

Follows Dramatiq's pages "User Guide" (message brokers), "Cookbook" (composition: pipelines) and "API Reference"
(`RabbitmqBroker`) (https://dramatiq.io).

Guarantees: durable queues, persistent messages (Dramatiq declares classic queues and has no setting for quorum queues),
publisher confirms (`confirm_delivery`); a message is acknowledged after its actor has recorded and the next message is
confirmed; writes acknowledged by the majority and journaled. As many processes as there are cores and 8 threads in
each, as the command has it by itself; 100 messages in flight for each process (`dramatiq_queue_prefetch`).
"""

import logging
import sys
from pathlib import Path

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from pymongo import MongoClient

from benchmarks.peers import rules
from benchmarks.peers.environment import AMQP_URL, DATABASE, DURABLE, MONGO_URL, filed_in
from benchmarks.peers.rules import Json
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated

dramatiq.set_broker(RabbitmqBroker(url=AMQP_URL, confirm_delivery=True))
client: MongoClient[Json] = MongoClient(MONGO_URL, tz_aware=True, connect=False)
database = client.get_database(DATABASE, write_concern=DURABLE)
log = logging.getLogger("alerts")


@dramatiq.actor(queue_name="register")
def register(filed: Json) -> Json:
    """Register a product."""
    document, _ = rules.register(filed["id"], filed["data"])
    database["products"].insert_one(document)
    return {"id": filed["id"], "data": document["submitted"]}


@dramatiq.actor(queue_name="rate")
def rate(submitted: Json) -> Json:
    """Rate a product."""
    document, _ = rules.rate(submitted["id"], ProductSubmitted.model_validate(submitted["data"]))
    database["ratings"].insert_one(document)
    return {"id": submitted["id"], "data": document["rated"]}


@dramatiq.actor(queue_name="alert")
def alert(rated: Json) -> Json:
    """Alert a producer."""
    document = rules.alert(rated["id"], ProductRated.model_validate(rated["data"]))
    log.info("alert %s", document["alert_id"])
    database["alerts"].insert_one(document)
    return {"id": rated["id"]}


@dramatiq.actor(queue_name="alerted")
def alerted(alert: Json) -> None:
    """For whoever wants to know that an alert is out: no worker of the benchmark takes this one."""


def file_all(file: Path) -> None:
    """File every dossier of a file."""
    for filed in filed_in(file):
        dramatiq.pipeline([register.message(filed), rate.message(), alert.message(), alerted.message()]).run()


if __name__ == "__main__":
    file_all(Path(sys.argv[1]))
