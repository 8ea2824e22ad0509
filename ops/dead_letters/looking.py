"""Looks through a queue and leaves it as it was: nothing used up, nothing kept, the order the same for the next reader.

RabbitMQ 3.10 gives back what is returned at once in no order when it is more than 32 messages, and forgets the order
between consumers when a connection ends. So messages are taken 32 at a time, each lot on a channel of its own, and the
lots are given back one after the other. Where the process is killed nothing is lost, only the order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from ops.broker_access import AccessError
from shared.messaging.connection import AWAY

#: messages
LOT = 32
#: messages; a connection has 2,047 channels at most
MAX_LOOKED_AT = 2_000 * LOT
#: seconds without a message after which the queue is asked whether it has any left
_SILENCE_SECONDS = 1.0
#: seconds without a message after which the broker is given up, though the queue has some
_PATIENCE_SECONDS = 30.0


@asynccontextmanager
async def looking_through(
    connection: AbstractConnection, queue: str
) -> AsyncIterator[AsyncIterator[AbstractIncomingMessage]]:
    """Give the messages that are ready in a queue at the start, the oldest first, one after the other.

    Those that are acknowledged in the block are gone; all others are given back at its end.
    """
    lots: list[AbstractChannel] = []
    try:
        yield _messages(connection, queue, lots)
    finally:
        for channel in lots:
            with suppress(*AWAY):
                await _give_back(channel)


async def count(connection: AbstractConnection, queue: str) -> int:
    """Count the messages that are ready in a queue."""
    channel = await connection.channel()
    declared = await channel.declare_queue(queue, passive=True)  # needs no right
    await channel.close()
    return declared.declaration_result.message_count or 0


async def _messages(
    connection: AbstractConnection, queue: str, lots: list[AbstractChannel]
) -> AsyncIterator[AbstractIncomingMessage]:
    left = min(await count(connection, queue), MAX_LOOKED_AT)
    while left:
        channel = await connection.channel()
        lots.append(channel)
        lot = await _taken(connection, channel, queue, min(left, LOT))
        left = left - len(lot) if lot else 0  # somebody else has the rest in hand
        for message in lot:
            yield message


async def _taken(
    connection: AbstractConnection, channel: AbstractChannel, queue: str, wanted: int
) -> list[AbstractIncomingMessage]:
    """Take so many messages, or fewer where others take them too."""
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await channel.set_qos(prefetch_count=wanted)
    consumed = await channel.get_queue(queue, ensure=False)
    tag = await consumed.consume(arrived.put)
    taken: list[AbstractIncomingMessage] = []
    silent_seconds = 0.0
    while len(taken) < wanted:
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                taken.append(await arrived.get())
            silent_seconds = 0.0
        except TimeoutError:
            silent_seconds += _SILENCE_SECONDS
            if not await count(connection, queue):
                break
            if silent_seconds >= _PATIENCE_SECONDS:
                raise AccessError(f"the broker has messages in {queue} and does not deliver them") from None
    await consumed.cancel(tag)  # or what is acknowledged would make room for messages that nobody asked for
    return taken


async def _give_back(channel: AbstractChannel) -> None:
    underlying = await channel.get_underlay_channel()
    await underlying.basic_nack(0, multiple=True, requeue=True)  # 0: all that are not acknowledged
    await channel.close()
