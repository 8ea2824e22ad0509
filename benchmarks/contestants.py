"""Who takes part: the services, what people would pick instead, and the bound that none of them can pass."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aio_pika.abc import AbstractIncomingMessage
from yarl import URL

from benchmarks.arena import Arena, python
from shared.contracts.catalogue import ALERT_DELIVERED, DOSSIER_FILED, PRODUCT_RATED, PRODUCT_SUBMITTED
from shared.messaging.routing import binding_key
from shared.storage import database_of
from shared.system import SYSTEM
from tools.stack.ports import free_ports

#: How dossiers come to the first queue: as CloudEvents, as plain JSON, or by the peer's own client.
Form = Literal["cloudevent", "json", "own-client"]

#: Where every contestant's last step leaves a message once an alert is recorded.
ALERTED = "alerted"


@dataclass(frozen=True)
class Worker:
    """A process to start; it is ready once /ready says so on its port, or else once its queue has a consumer."""

    name: str
    command: list[str]
    environment: dict[str, str]
    http_port: int | None = None


def _by_attributes(alerted: AbstractIncomingMessage) -> str:
    """Return the dossier's id from a message's CloudEvents attributes, or else its correlation id."""
    return str(alerted.headers.get("ce-correlationid") or alerted.headers.get("ce-id") or alerted.correlation_id)


@dataclass(frozen=True)
class Contestant:
    """A pipeline of three steps, from a queue that takes dossiers to a queue with a message for each recorded alert.

    `queues` are those that its workers consume, in the order of the steps. `exchange` and `routing_key` say where
    dossiers go, `alerted_by` where the last message comes from, if it does not come to `ALERTED` by itself. `module`
    files the dossiers of a peer whose client has a form of its own. `collections` are the databases and
    collections that hold a document of each dossier in the end. `dossier_of` reads a dossier's id in its last message.
    """

    name: str
    title: str
    vhost: str
    form: Form
    workers: Callable[[Arena], list[Worker]]
    queues: tuple[str, ...] = ("register", "rate", "alert")
    exchange: str = ""
    routing_key: str = ""
    alerted_by: tuple[str, str] | None = None
    module: str = ""
    collections: tuple[tuple[str, str], ...] = ()
    dossier_of: Callable[[AbstractIncomingMessage], str] = _by_attributes


def peer_environment(arena: Arena, name: str) -> dict[str, str]:
    """Return the environment in which a peer finds its virtual host and its database."""
    return arena.environment(
        BENCHMARK_AMQP_URL=arena.amqp_url(name),
        BENCHMARK_MONGO_URL=arena.stack.mongo_url,
        BENCHMARK_DATABASE=_database(name),
    )


def _database(peer: str) -> str:
    return f"benchmark_{peer}"


def services(arena: Arena, *, module: str = "services.{}", **settings: str) -> list[Worker]:
    """Return the three services, alerts through the log channel since there is no mail server."""
    ports = free_ports(len(SYSTEM.names))
    return [
        _service(arena, name, module.format(name), port, settings)
        for name, port in zip(SYSTEM.names, ports, strict=True)
    ]


def _service(arena: Arena, name: str, module: str, port: int, settings: Mapping[str, str]) -> Worker:
    own = arena.stack.credentials(name)
    environment = arena.environment(
        **own.settings
        | {
            # a service is stopped for some seconds while dossiers are filed: its heartbeat must survive that
            "OCOP_AMQP_URL": str(URL(own.amqp_url).update_query(heartbeat="60")),
            "OCOP_HTTP_PORT": str(port),
            **settings,
        }
    )
    return Worker(name, python("-m", *module.split(" ")), environment, port)


def _faststream(arena: Arena) -> list[Worker]:
    return _three(arena, "faststream", lambda step: python("-m", "benchmarks.peers.plain_faststream", step))


def _inbox_outbox(arena: Arena) -> list[Worker]:
    return _three(arena, "inbox-outbox", lambda step: python("-m", "benchmarks.peers.inbox_outbox", step))


def _celery(arena: Arena) -> list[Worker]:
    app = ("-m", "celery", "-A", "benchmarks.peers.celery_chain", "worker", "--loglevel", "INFO")
    return _three(arena, "celery", lambda step: python(*app, "-Q", step, "-n", f"{step}@%h"))


def _dramatiq(arena: Arena) -> list[Worker]:
    module = "benchmarks.peers.dramatiq_pipeline"
    return _three(
        arena,
        "dramatiq",
        lambda step: python("-m", "dramatiq", module, "--queues", step),
        dramatiq_queue_prefetch="100",
    )


def _relay(arena: Arena) -> list[Worker]:
    return _three(arena, "relay", lambda step: python("-m", "benchmarks.peers.relay", step))


def _three(arena: Arena, name: str, command: Callable[[str], list[str]], **settings: str) -> list[Worker]:
    environment = peer_environment(arena, name) | settings
    return [Worker(step, command(step), environment) for step in ("register", "rate", "alert")]


def _ocop(name: str, title: str, **settings: str) -> Contestant:
    subscriptions = (("registry", DOSSIER_FILED), ("evaluation", PRODUCT_SUBMITTED), ("notifications", PRODUCT_RATED))
    return Contestant(
        name=name,
        title=title,
        vhost="",
        form="cloudevent",
        workers=lambda arena: services(arena, **settings),
        queues=tuple(SYSTEM[service].subscription(event_type).queue for service, event_type in subscriptions),
        exchange=DOSSIER_FILED.exchange,
        routing_key=DOSSIER_FILED.routing_key,
        alerted_by=(ALERT_DELIVERED.exchange, binding_key(ALERT_DELIVERED)),
        collections=tuple((database_of(service), collection) for service, collection in SYSTEM.collections.items()),
    )


def _peer(name: str, title: str, workers: Callable[[Arena], list[Worker]], **more: Any) -> Contestant:
    collections = tuple((_database(name), collection) for collection in SYSTEM.collections.values())
    return Contestant(name, title, name, workers=workers, **{"form": "own-client", "collections": collections} | more)


OURS = _ocop("ours", "OCOP services")
ALONE = _ocop("alone", "OCOP, no group commit", module="benchmarks.switched_off group-commit {}")
_BY_HAND = {"queues": ("dossiers", "submitted", "rated"), "routing_key": "dossiers"}
FASTSTREAM = _peer("faststream", "FastStream + Motor", _faststream, form="json", **_BY_HAND)
INBOX_OUTBOX = _peer("inbox-outbox", "FastStream + Motor, inbox and outbox", _inbox_outbox, form="json", **_BY_HAND)
CELERY = _peer(
    "celery",
    "Celery + PyMongo",
    _celery,
    module="benchmarks.peers.celery_chain",
    dossier_of=lambda alerted: str(json.loads(alerted.body)[0][0]["id"]),  # a task's positional arguments come first
)
DRAMATIQ = _peer(
    "dramatiq",
    "Dramatiq + PyMongo",
    _dramatiq,
    module="benchmarks.peers.dramatiq_pipeline",
    dossier_of=lambda alerted: str(json.loads(alerted.body)["args"][0]["id"]),
)
RELAY = _peer("relay", "raw aio-pika relay", _relay, form="cloudevent", collections=(), **_BY_HAND)

CONTESTANTS = (OURS, ALONE, FASTSTREAM, INBOX_OUTBOX, CELERY, DRAMATIQ, RELAY)
VHOSTS = tuple(each.vhost for each in CONTESTANTS if each.vhost)

#: The services with one thing changed: what that thing is worth.
VARIANTS = (
    OURS,
    _ocop("asyncio-loop", "asyncio's own loop", module="benchmarks.switched_off uvloop {}"),
    *(_ocop(f"prefetch-{count}", f"{count} in flight", OCOP_PREFETCH=str(count)) for count in (10, 30, 300)),
    _ocop("quiet", "log level WARNING", OCOP_LOG_LEVEL="WARNING"),
)
