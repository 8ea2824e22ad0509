"""Who takes part: the services, what people would pick instead, and the bound that none of them can pass."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from benchmarks.arena import Arena, python
from ops.services import NAMES
from ops.stack.ports import free_ports
from shared.contracts.catalogue import ALERT_DELIVERED, DOSSIER_FILED, PRODUCT_RATED, PRODUCT_SUBMITTED
from shared.messaging.topology import subscription

#: How dossiers come to the first queue: as CloudEvents, as plain JSON, or by the peer's own client.
Form = Literal["cloudevent", "json", "own-client"]

#: Where every contestant's last step leaves a message once an alert is recorded.
TOLD = "told"


@dataclass(frozen=True)
class Worker:
    """A process to start; it is ready once /ready says so on its port, or else once its queue has a consumer."""

    name: str
    command: list[str]
    environment: dict[str, str]
    http_port: int | None = None


@dataclass(frozen=True)
class Contestant:
    """A pipeline of three steps, from a queue that takes dossiers to a queue that tells of recorded alerts.

    `queues` are those that its workers consume, in the order of the steps. `exchange` and `routing_key` say where
    dossiers go, `told_by` where the last message comes from, where it does not come to `TOLD` by itself. `module` files
    the dossiers of a peer whose client has a form of its own. `records` tells whether anything reaches the database.
    """

    name: str
    title: str
    vhost: str
    form: Form
    workers: Callable[[Arena], list[Worker]]
    queues: tuple[str, ...] = ("register", "rate", "tell")
    exchange: str = ""
    routing_key: str = ""
    told_by: tuple[str, str] | None = None
    module: str = ""
    records: bool = True


def database_of_peer(name: str) -> str:
    """Give the database of a peer; the services have one each."""
    return f"benchmark_{name}"


def peer_environment(arena: Arena, name: str) -> dict[str, str]:
    """Give the environment in which a peer finds its virtual host and its database."""
    return arena.environment(
        BENCHMARK_AMQP_URL=arena.amqp_url(name),
        BENCHMARK_MONGO_URL=arena.stack.mongo_url,
        BENCHMARK_DATABASE=database_of_peer(name),
    )


def services(arena: Arena, *, module: str = "services.{}") -> list[Worker]:
    """Give the three services, alerts through the log channel since there is no mail server."""
    return [_service(arena, name, module.format(name), port) for name, port in zip(NAMES, free_ports(3), strict=True)]


def _service(arena: Arena, name: str, module: str, port: int) -> Worker:
    own = arena.stack.credentials(name)
    environment = arena.environment(
        # a service is stopped for some seconds while dossiers are filed: its heartbeat must survive that
        OCOP_AMQP_URL=own.amqp_url.replace("heartbeat=10", "heartbeat=60"),
        OCOP_MONGO_URL=own.mongo_url or "",
        OCOP_HTTP_PORT=str(port),
    )
    return Worker(name, python("-m", *module.split(" ")), environment, port)


def _faststream(arena: Arena) -> list[Worker]:
    return _three(arena, "faststream", lambda step: python("-m", "benchmarks.peers.plain_faststream", step))


def _celery(arena: Arena) -> list[Worker]:
    app = ("-m", "celery", "-A", "benchmarks.peers.celery_chain", "worker", "--loglevel", "INFO")
    from benchmarks.peers.celery_chain import CONCURRENCY  # noqa: PLC0415  # only in the benchmark's environment

    options = ("--concurrency", str(CONCURRENCY))
    return _three(arena, "celery", lambda step: python(*app, *options, "-Q", step, "-n", f"{step}@%h"))


def _dramatiq(arena: Arena) -> list[Worker]:
    options = ("--processes", "1", "--threads", "8")
    module = "benchmarks.peers.dramatiq_pipeline"
    return _three(arena, "dramatiq", lambda step: python("-m", "dramatiq", module, *options, "--queues", step))


def _relay(arena: Arena) -> list[Worker]:
    return _three(arena, "relay", lambda step: python("-m", "benchmarks.peers.relay", step))


def _three(arena: Arena, name: str, command: Callable[[str], list[str]]) -> list[Worker]:
    return [Worker(step, command(step), peer_environment(arena, name)) for step in ("register", "rate", "tell")]


def _ocop(name: str, title: str, workers: Callable[[Arena], list[Worker]]) -> Contestant:
    subscriptions = (("registry", DOSSIER_FILED), ("evaluation", PRODUCT_SUBMITTED), ("notifications", PRODUCT_RATED))
    return Contestant(
        name=name,
        title=title,
        vhost="",
        form="cloudevent",
        workers=workers,
        queues=tuple(subscription(service, event_type).queue for service, event_type in subscriptions),
        exchange=DOSSIER_FILED.exchange,
        routing_key=DOSSIER_FILED.routing_key,
        told_by=(ALERT_DELIVERED.exchange, ALERT_DELIVERED.routing_key),
    )


_FASTSTREAM_QUEUES = ("dossiers", "submitted", "rated")

OURS = _ocop("ours", "OCOP services", services)
ALONE = _ocop(
    "alone", "OCOP, no group commit", lambda arena: services(arena, module="benchmarks.without_group_commit {}")
)
FASTSTREAM = Contestant(
    "faststream", "FastStream + Motor", "faststream", "json", _faststream, _FASTSTREAM_QUEUES, routing_key="dossiers"
)
CELERY = Contestant(
    "celery", "Celery + PyMongo", "celery", "own-client", _celery, module="benchmarks.peers.celery_chain"
)
DRAMATIQ = Contestant(
    "dramatiq", "Dramatiq + PyMongo", "dramatiq", "own-client", _dramatiq, module="benchmarks.peers.dramatiq_pipeline"
)
RELAY = Contestant(
    "relay",
    "raw aio-pika relay",
    "relay",
    "cloudevent",
    _relay,
    _FASTSTREAM_QUEUES,
    routing_key="dossiers",
    records=False,
)

CONTESTANTS = (OURS, ALONE, FASTSTREAM, CELERY, DRAMATIQ, RELAY)
VHOSTS = tuple(each.vhost for each in CONTESTANTS if each.vhost)
