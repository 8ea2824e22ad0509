"""Celery on RabbitMQ, with PyMongo: a chain of three tasks, each in a worker of its own.

Follows Celery's pages "Canvas: Designing Work-flows" (chains), "Routing Tasks", "Tasks" (`acks_late`), "Using RabbitMQ"
(quorum queues), "Workers Guide" (concurrency) (https://docs.celeryq.dev), and PyMongo's page on forks, which asks for a
client that is made after the fork.

Guarantees: quorum queues; publisher confirms (`confirm_publish`); tasks acknowledged late, and again given to a worker
where one is lost; writes acknowledged by the majority and journaled. No result is kept, since nobody asks for one.
About 100 messages in flight: the number of processes times the prefetch multiplier.
"""

import sys
from functools import cache
from pathlib import Path

from celery import Celery, chain
from celery.utils.log import get_task_logger
from pymongo import MongoClient
from pymongo.database import Database

from benchmarks.peers import rules
from benchmarks.peers.environment import AMQP_URL, DATABASE, DURABLE, MONGO_URL, filed_in
from benchmarks.peers.rules import Json
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import ProductRated

#: Processes of each worker.
CONCURRENCY = 8

app = Celery("benchmarks", broker=AMQP_URL)
app.conf.update(
    broker_transport_options={"confirm_publish": True},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_default_queue_type="quorum",
    task_create_missing_queue_type="quorum",
    task_routes={
        "benchmarks.register": {"queue": "register"},
        "benchmarks.rate": {"queue": "rate"},
        "benchmarks.alert": {"queue": "alert"},
        "benchmarks.alerted": {"queue": "alerted"},
    },
    worker_concurrency=CONCURRENCY,
    worker_prefetch_multiplier=100 // CONCURRENCY,
)
log = get_task_logger(__name__)


@cache
def database() -> Database[Json]:
    """Connect once in each process."""
    client: MongoClient[Json] = MongoClient(MONGO_URL, tz_aware=True)
    return client.get_database(DATABASE, write_concern=DURABLE)


@app.task(name="benchmarks.register")
def register(filed: Json) -> Json:
    """Register a product."""
    document, _ = rules.register(filed["id"], filed["data"])
    database()["products"].insert_one(document)
    return {"id": filed["id"], "data": document["submitted"]}


@app.task(name="benchmarks.rate")
def rate(submitted: Json) -> Json:
    """Rate a product."""
    document, _ = rules.rate(submitted["id"], ProductSubmitted.model_validate(submitted["data"]))
    database()["ratings"].insert_one(document)
    return {"id": submitted["id"], "data": document["rated"]}


@app.task(name="benchmarks.alert")
def alert(rated: Json) -> Json:
    """Alert a producer."""
    document = rules.alert(rated["id"], ProductRated.model_validate(rated["data"]))
    log.info("alert %s", document["alert_id"])
    database()["alerts"].insert_one(document)
    return {"id": rated["id"]}


@app.task(name="benchmarks.alerted")
def alerted(alert: Json) -> None:
    """For whoever wants to know that an alert is out: no worker of the benchmark takes this one."""


def file_all(file: Path) -> None:
    """File every dossier of a file."""
    for filed in filed_in(file):
        chain(register.s(filed), rate.s(), alert.s(), alerted.s()).apply_async()


if __name__ == "__main__":
    file_all(Path(sys.argv[1]))
