"""Connections to RabbitMQ: what they see of a broker that is away, what is declared and what is published over them."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from time import perf_counter
from weakref import WeakValueDictionary

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from yarl import URL

from shared.advice import typed
from shared.errors import OutageError
from shared.logs import Action, log
from shared.messaging.topology import EXCHANGES, JOURNAL, Queue
from shared.metrics import PUBLISH_SECONDS

#: seconds between the broker's signs of life; a frozen broker is noticed after a little over three times that
HEARTBEAT_SECONDS = 10

#: Where brokers listen, if their URL does not say.
_PORTS = {"amqp": 5672, "amqps": 5671}

#: seconds; how long a connection may take to open
CONNECT_SECONDS = 10

#: seconds; how long a connection may take to close in good order, before it is left to the broker to notice
CLOSE_SECONDS = 3

#: Publishes that wait for their confirm at the same time. More brings no more throughput, only memory.
MAX_IN_FLIGHT = 200

#: An exchange that every broker has.
_ALWAYS_THERE = "amq.topic"

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
    with suppress(OutageError), as_outage("closing"):
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
        raise OutageError(f"RabbitMQ has no definitions of OCOP yet: run {typed('ocop access apply')}") from error


async def declare(channel: AbstractChannel, queues: Iterable[Queue]) -> None:
    """Declare the queues of one service, and what they are bound to.

    The exchanges are the definitions' to bring: a service has no right to declare what is not its own.
    """
    for queue in queues:
        declared = await channel.declare_queue(queue.name, durable=True, arguments=dict(queue.arguments))
        for exchange, routing_key in queue.bindings:
            await declared.bind(exchange, routing_key)


class PublishingConnection:
    """A connection for publishing alone, confirmed, which what is published opens anew where it was lost.

    RabbitMQ blocks connections that publish when it runs out of memory or disk; consumers on another one can still
    answer. A channel that the broker closed for one publish is opened anew likewise.

    `user` is the broker's user that it publishes as, `place` where the broker is; `queues` are the service's own.
    """

    def __init__(self, url: str, *, service: str, timeout_seconds: float, queues: Sequence[Queue] = ()) -> None:
        self._url = url
        self.user = URL(url).user or "guest"
        self.place = place_of(url)
        self.service = service
        self._queues = queues
        self._timeout_seconds = timeout_seconds
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._connecting = asyncio.Lock()
        self._opening = asyncio.Lock()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._exchanges: dict[str, AbstractExchange] = {}
        self._asking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect where that is needed, and declare what the service needs.

        Raises:
            OutageError: the broker does not answer, or has not got the definitions yet.
        """
        with as_outage(f"{self.place} does not answer"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await self.ping()
                connection = await self._connected()
                await require_definitions(connection)
                await self._declare(connection)

    async def close(self) -> None:
        """Close the connection."""
        if self._asking:
            self._asking.cancel()
        if self._connection:
            await close(self._connection)

    async def ping(self) -> None:
        """Ask the broker for something that only it can answer. Raise OutageError."""
        # One question at a time, and whoever gives up waiting does not take it back: while the broker blocks this
        # connection, each would leave a channel behind.
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
            self._asking.add_done_callback(_forget)
        await asyncio.shield(self._asking)

    async def publish(
        self, exchange: str, routing_key: str, message: aio_pika.Message, *, name: str | None = None
    ) -> None:
        """Publish a message that some queue is bound to. Raise OutageError where the broker did not confirm it.

        `name` is what the error calls it: not the places in its key, of which each would be a reason of its own.
        """
        # The library knows a returned message by its id alone, which its sender chose: one at a time of each.
        turn = self._turns.setdefault(message.message_id, asyncio.Lock()) if message.message_id else nullcontext()
        try:
            with as_outage(f"RabbitMQ did not take {name or routing_key}"):
                async with self._in_flight, asyncio.timeout(self._timeout_seconds), turn:
                    opened = await self._exchange(exchange)
                    started = perf_counter()
                    await opened.publish(message, routing_key, mandatory=True)
                    PUBLISH_SECONDS.observe(perf_counter() - started)
        except OutageError as error:
            if isinstance(error.__cause__, aiormq.exceptions.PublishError):
                await self._restore()
            raise

    async def _exchange(self, name: str) -> AbstractExchange:
        async with self._opening:
            connection = await self._connected()
            if self._channel is None or self._channel.is_closed:
                channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
                # named, not asked for: one that is missing must stop its own publishes only
                self._exchanges = {known: await channel.get_exchange(known, ensure=False) for known in EXCHANGES}
                self._channel = channel
        return self._exchanges[name]

    async def _connected(self) -> AbstractConnection:
        async with self._connecting:
            if self._connection is None or not self._connection.connected.is_set():
                lost = self._connection
                connection = await connect(self._url, name=f"{self.service}: publishing")
                self._connection = connection
                if lost:
                    await close(lost)
                    log(Action.RECONNECT, connection="publishing")
            return self._connection

    async def _ask(self) -> None:
        with as_outage(f"{self.place} does not answer"):
            connection = await self._connected()
            async with connection.channel(publisher_confirms=False) as channel:
                await channel.get_exchange(_ALWAYS_THERE)

    async def _restore(self) -> None:
        with as_outage(f"{self.place} does not answer"):
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._declare(await self._connected())

    async def _declare(self, connection: AbstractConnection) -> None:
        async with connection.channel() as channel:
            await declare(channel, self._queues)


def _forget(asking: asyncio.Task[None]) -> None:
    """Ignore a result that the caller has had already, or no longer waits for."""
    if not asking.cancelled():
        asking.exception()


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
