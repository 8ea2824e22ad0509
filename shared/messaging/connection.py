"""Connections to RabbitMQ and the topology declared over them."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractChannel, AbstractConnection
from yarl import URL

from shared.errors import OutageError
from shared.messaging.topology import JOURNAL, Queue

#: seconds between the broker's signs of life; a frozen broker is noticed after a little over three times that
HEARTBEAT_SECONDS = 10

#: Where brokers listen, if their URL does not say.
_PORTS = {"amqp": 5672, "amqps": 5671}

#: seconds; how long a connection may take to open
CONNECT_SECONDS = 10

#: seconds; how long a connection may take to close in good order, before it is left to the broker to notice
CLOSE_SECONDS = 3

#: What a client sees when the broker is away, frozen, refuses to take a message, or forgot its answer.
AWAY = (
    aio_pika.exceptions.AMQPError,
    aiormq.exceptions.AMQPError,
    ConnectionError,
    TimeoutError,
    RuntimeError,
    StopAsyncIteration,  # aiormq: the broker hung up during the greeting
)


def broker_url(url: str, *, name: str) -> str:
    """Return the broker's URL with the name that its lists will show, and a heartbeat unless it has one."""
    parsed = URL(url)
    return str(parsed.update_query({"heartbeat": str(HEARTBEAT_SECONDS), **parsed.query, "name": name}))


def place_of(url: str) -> str:
    """Return where the broker of a URL is, without a password."""
    return f"RabbitMQ at {address_of(url)}"


def address_of(url: str) -> str:
    """Return host and port of the broker of a URL."""
    parsed = URL(url)
    return f"{parsed.host}:{parsed.port or _PORTS.get(parsed.scheme, 5672)}"


def with_authority(url: str, ca_file: Path | None) -> str:
    """Return the broker's URL with the authority that its certificate is held to, where it is encrypted (`amqps`)."""
    parsed = URL(url)
    return str(parsed.update_query(cafile=str(ca_file))) if ca_file and parsed.scheme == "amqps" else url


@contextmanager
def as_outage(what: str) -> Iterator[None]:
    """Raise OutageError, beginning with `what`, where the client library raises in here: the broker is away."""
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # nobody has cancelled us: the library reports so that a connection got stuck
        raise OutageError(f"{what}: the connection was lost") from error
    except AWAY as error:
        raise OutageError(f"{what}: {_reason(error)}") from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        # aiormq has no other for what waits for an answer when the broker hangs up between two frames
        raise OutageError(f"{what}: the broker hung up") from error


@contextmanager
def unless_away(what: str) -> Iterator[None]:
    """Ignore in here that the broker is away: what is done is then no longer needed."""
    with suppress(OutageError), as_outage(what):
        yield


async def connect(url: str, *, name: str) -> AbstractConnection:
    """Open a connection. Once it is lost, it stays so. Raise OutageError where the broker is not there."""
    connection = aio_pika.Connection(URL(broker_url(url, name=name)))
    try:
        with as_outage(f"{place_of(url)} is away"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await connection.connect(timeout=CONNECT_SECONDS)
    except OutageError:
        await close(connection)
        raise
    return connection


async def close(connection: AbstractConnection) -> None:
    """Close a connection, in good order where the broker answers in time."""
    with unless_away("closing"):
        async with asyncio.timeout(CLOSE_SECONDS):
            await connection.close()


async def require_definitions(connection: AbstractConnection) -> None:
    """Make sure that the broker has been set up: no client can see the policies, which carry delays and dead letters.

    Raises:
        OutageError: the queue that only the definitions bring is not there.
    """
    try:
        async with connection.channel() as channel:
            await channel.declare_queue(JOURNAL, passive=True)
    except aio_pika.exceptions.ChannelNotFoundEntity as error:
        raise OutageError("RabbitMQ has no definitions of OCOP yet: run ocop access apply") from error


async def declare(channel: AbstractChannel, queues: Iterable[Queue]) -> None:
    """Declare the queues of one service, and what they are bound to.

    The exchanges are the definitions' to bring: a service has no right to declare what is not its own.
    """
    for queue in queues:
        declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
        for exchange, routing_key in queue.bindings:
            await declared.bind(exchange, routing_key)


def _reason(error: Exception) -> str:
    """Return what was wrong, in words where there are better ones than the exception's name."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiormq.exceptions.ChannelAccessRefused():
            return "access refused"
        case aiormq.exceptions.ChannelNotFoundEntity():
            return "not there"
        case aiormq.exceptions.PublishError():
            return "no queue is bound to it"
        case aiormq.exceptions.DeliveryError():
            return "its queue is full, or has no leader"
    return type(error).__name__
