"""Consuming: FastStream's subscribers on a connection of their own, started and stopped as often as it takes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aio_pika import RobustQueue
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from faststream import AckPolicy
from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitMessage, RabbitQueue

from shared.errors import OutageError
from shared.messaging.connection import CLOSE_SECONDS, CONNECT_SECONDS, as_outage, broker_url, close

#: seconds; how long the broker may take to confirm that it sends no more
_CANCEL_SECONDS = 2
#: seconds; more than connecting alone may take: cut short from outside, the library would go on with it
_START_SECONDS = 2 * CONNECT_SECONDS
#: seconds; a library that reconnects by itself would do so beside us
_NEVER = 10 * 365 * 86_400.0


class Consumer:
    """Takes messages from a service's queues.

    `lost` is set when the broker will send no more: the connection or a channel is gone, or a queue was deleted. The
    deliveries in flight are void then. There is one way back, whatever happened: `stop`, and `start` again.
    """

    def __init__(self, url: str, *, service: str, prefetch: int) -> None:
        self.broker = RabbitBroker(
            broker_url(url, name=f"{service}: consuming"),
            app_id=service,
            graceful_timeout=CLOSE_SECONDS,
            logger=None,
            timeout=CONNECT_SECONDS,
            reconnect_interval=_NEVER,
            on_close=[self._note_loss],
            apply_types=False,  # it would send each message through a thread, to call a handler of ours
        )
        self.lost = asyncio.Event()
        self._prefetch = prefetch
        self._connection: AbstractConnection | None = None
        self._in_order: set[str] = set()
        self._taking = False

    def subscribe(
        self,
        queue: str,
        take: Callable[[AbstractIncomingMessage], Awaitable[None]],
        *,
        in_order: bool = False,
        at_once: int | None = None,
    ) -> None:
        """Pass every message of a queue to `take`, up to `at_once` at a time, by default the service's prefetch.

        `in_order`: to one consumer of the queue at a time, whichever process it is in. It remains that one until the
        connection closes, and takes no more: cancelled before, another would begin with what came later than the
        messages that are in flight here.
        """
        arguments: Any = {"x-single-active-consumer": True} if in_order else None
        subscriber = self.broker.subscriber(
            RabbitQueue(queue, queue_type=QueueType.QUORUM, durable=True, arguments=arguments),
            channel=Channel(prefetch_count=at_once or self._prefetch),  # of its own; RabbitMQ 4.3 refuses global limits
            ack_policy=AckPolicy.MANUAL,
            decoder=_as_it_came,
            no_reply=True,  # or `reply_to` would make us publish where its sender may not
            title=queue,
        )

        @subscriber
        async def taken(message: RabbitMessage) -> None:
            if self._taking or not in_order:
                await take(message.raw_message)

        if in_order:
            self._in_order.add(queue)

    @property
    def subscribed(self) -> bool:
        """Return whether there is a queue to take from."""
        return bool(self.broker.subscribers)

    async def start(self) -> None:
        """Connect and take messages. Raise OutageError; then `stop` clears away what was begun."""
        self.lost.clear()
        self._taking = True
        for subscriber in self.broker.subscribers:
            # FastStream drops, unacknowledged, what arrives before it has noted that it runs
            subscriber.running = True
        with as_outage("RabbitMQ went away"):
            async with asyncio.timeout(_START_SECONDS):
                self._connection = await self.broker.connect()
                await self.broker.start()
                for queue, _ in self._consumed():
                    queue.channel.close_callbacks.add(self._note_loss)
                    underlying = await queue.channel.get_underlay_channel()
                    underlying.on_consumer_cancel_callbacks.add(self._note_loss)

    async def stop_taking(self) -> None:
        """Take no more messages; those in flight go on. Safe to repeat."""
        # FastStream's own stop waits for the handlers first, while the broker goes on to fill the prefetch window
        self._taking = False
        ended = [(queue, tag) for queue, tag in self._consumed() if queue.name not in self._in_order]
        await asyncio.gather(*(_cancel(queue, tag) for queue, tag in ended))

    async def stop(self) -> None:
        """Close the connection: the broker takes back what was not settled. Safe to repeat."""
        if self._connection:  # first, or FastStream would wait for the answers of a broker that gives none
            await close(self._connection)
            self._connection = None
        with suppress(OutageError, ExceptionGroup), as_outage("stopping"):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.broker.stop()

    def _consumed(self) -> list[tuple[RobustQueue, str]]:
        """Return what is consumed now: each queue, and the consumer's tag."""
        pairs = ((getattr(s, "_queue_obj", None), getattr(s, "_consumer_tag", None)) for s in self.broker.subscribers)
        return [(queue, tag) for queue, tag in pairs if queue is not None and tag is not None]

    def _note_loss(self, *_: object) -> None:
        self.lost.set()


async def _cancel(queue: RobustQueue, tag: str) -> None:
    if not queue.channel.is_closed:
        with suppress(OutageError), as_outage("cancelling"):
            await queue.cancel(tag, timeout=_CANCEL_SECONDS)


async def _as_it_came(message: RabbitMessage) -> RabbitMessage:
    """Leave the body alone: it is read strictly, and where it cannot be read it is kept."""
    return message
