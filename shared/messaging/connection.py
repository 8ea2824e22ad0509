"""Connections to RabbitMQ and the topology declared over them."""

import asyncio
from pathlib import Path

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractRobustConnection
from aiormq.abc import ExceptionType
from aiormq.base import FutureStore
from yarl import URL

from shared.errors import OutageError
from shared.messaging.topology import JOURNAL, queues

#: seconds between the broker's signs of life; a frozen broker is noticed after twice that
HEARTBEAT_SECONDS = 10

#: seconds; how long a connection may take to open
CONNECT_SECONDS = 10

#: What a client sees when the broker is away, frozen, refuses to take a message, or forgot its answer.
AWAY = (
    aio_pika.exceptions.AMQPError,
    aiormq.exceptions.AMQPError,
    ConnectionError,
    TimeoutError,
    RuntimeError,
    StopAsyncIteration,  # aiormq: the broker hung up during the greeting
)

_reject_all = FutureStore.reject_all


async def _reject_with_a_reason(store: FutureStore, exception: ExceptionType | None) -> None:
    await _reject_all(store, exception or aiormq.exceptions.AMQPConnectionError("the broker hung up"))


# Where the broker hangs up between two frames, aiormq has no reason to give, and fails what waits for an answer with a
# bare `Exception`: to us it would look like a bug of ours, which ends a start and counts against a message.
FutureStore.reject_all = _reject_with_a_reason  # type: ignore[method-assign]


def broker_url(url: str, *, name: str) -> str:
    """Give the broker's URL with the name that its lists will show, and a heartbeat unless it has one."""
    parsed = URL(url)
    return str(parsed.update_query({"heartbeat": str(HEARTBEAT_SECONDS), **parsed.query, "name": name}))


def with_authority(url: str, ca_file: Path | None) -> str:
    """Give the broker's URL with the authority that its certificate is held to, where it is encrypted (`amqps`)."""
    parsed = URL(url)
    return str(parsed.update_query(cafile=str(ca_file))) if ca_file and parsed.scheme == "amqps" else url


async def connect(url: str, *, name: str) -> AbstractRobustConnection:
    """Open a connection that reconnects by itself. Raises OutageError where the broker is not there."""
    connection = aio_pika.RobustConnection(URL(broker_url(url, name=name)))
    try:
        async with asyncio.timeout(CONNECT_SECONDS):  # some refusals aio-pika would repeat to itself without end
            await connection.connect(timeout=CONNECT_SECONDS)
    except AWAY as error:
        await connection.close()
        raise OutageError(f"RabbitMQ is away: {type(error).__name__}") from error
    return connection


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


async def declare(channel: AbstractChannel, service: str) -> None:
    """Declare the queues of one service; a robust channel does so again after a reconnect.

    The exchanges are the definitions' to bring: a service has no right to declare what is not its own.
    """
    for queue in queues(service):
        declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
        for exchange, routing_key in queue.bindings:
            await declared.bind(exchange, routing_key)
