"""Browses a queue and leaves it as it was: nothing used up, nothing kept, the order the same for the next reader.

RabbitMQ 3.10 gives back what is returned at once in no order when it is more than 32 messages, and forgets the order
between consumers when a connection ends. So messages are taken 32 at a time, each lot on a channel of its own, and the
lots are given back one after the other. Where the process is killed nothing is lost, only the order.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from ops.broker_access import AccessError
from ops.dead_letters.message import DeadMessage, read_dead_message
from shared.messaging.connection import AWAY

#: messages
LOT = 32
#: messages; a connection has 2,047 channels at most
MAX_BROWSED = 2_000 * LOT
#: seconds without a message after which the queue is asked whether it has any left
_SILENCE_SECONDS = 1.0
#: seconds without a message after which the broker is given up, though the queue has some
_PATIENCE_SECONDS = 30.0
#: seconds in which a queue takes back what is returned to it, and between two questions whether it has
_RETURN_SECONDS = 2.0
_ASK_AGAIN_SECONDS = 0.01


async def dead_messages(
    connection: AbstractConnection, *queues: str
) -> AsyncGenerator[tuple[DeadMessage, AbstractIncomingMessage], None]:
    """Yield what `browse` does of these queues, one after the other, each also as a value. Close it (`aclosing`)."""
    for queue in queues:
        position = 0
        async with aclosing(browse(connection, queue)) as messages:
            async for message in messages:
                position += 1
                yield read_dead_message(message, queue=queue, position=position), message


async def browse(connection: AbstractConnection, queue: str) -> AsyncGenerator[AbstractIncomingMessage, None]:
    """Yield the messages that are ready in a queue at the start, the oldest first. Close it (`aclosing`).

    Those that are acknowledged meanwhile are gone; all others go back when it is closed.

    Raises:
        AccessError: the broker does not deliver what is there.
    """
    lots: list[AbstractChannel] = []
    in_flight = 0
    try:
        left = min(await _count(connection, queue), MAX_BROWSED)
        while left:
            lots.append(await connection.channel())
            lot = await _taken(connection, lots[-1], queue, min(left, LOT))
            in_flight += len(lot)
            left = left - len(lot) if lot else 0  # another reader has the rest in flight
            for message in lot:
                yield message
                in_flight -= message.processed
    finally:
        with suppress(*AWAY):
            await _give_back(lots)
            await _until_back(connection, queue, in_flight)


async def _count(connection: AbstractConnection, queue: str) -> int:
    async with connection.channel() as channel:
        declared = await channel.declare_queue(queue, passive=True)  # needs no right
    return declared.declaration_result.message_count or 0


async def _taken(
    connection: AbstractConnection, channel: AbstractChannel, queue: str, wanted: int
) -> list[AbstractIncomingMessage]:
    """Take so many messages, or fewer where others take them too."""
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await channel.set_qos(prefetch_count=wanted)
    consumed = await channel.get_queue(queue, ensure=False)
    tag = await consumed.consume(arrived.put)
    taken = [message async for message in _arriving(connection, queue, arrived, wanted)]
    await consumed.cancel(tag)  # or what is acknowledged would make room for messages that nobody asked for
    return taken


async def _arriving(
    connection: AbstractConnection, queue: str, arrived: asyncio.Queue[AbstractIncomingMessage], wanted: int
) -> AsyncIterator[AbstractIncomingMessage]:
    silent_seconds = 0.0
    while wanted:
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                message = await arrived.get()
        except TimeoutError:
            if not await _count(connection, queue):
                return
            silent_seconds += _SILENCE_SECONDS
            if silent_seconds >= _PATIENCE_SECONDS:
                raise AccessError(f"the broker has messages in {queue} and does not deliver them") from None
        else:
            wanted, silent_seconds = wanted - 1, 0.0
            yield message


async def _give_back(lots: list[AbstractChannel]) -> None:
    for channel in lots:
        underlying = await channel.get_underlay_channel()
        await underlying.basic_nack(0, multiple=True, requeue=True)  # 0: all that are not acknowledged
        await channel.close()


async def _until_back(connection: AbstractConnection, queue: str, given_back: int) -> None:
    """Wait until the queue has its messages again: who looked before would see a part, and change the order."""
    with suppress(TimeoutError):  # another reader has taken some of them
        async with asyncio.timeout(_RETURN_SECONDS):
            while await _count(connection, queue) < given_back:  # noqa: ASYNC110  # the broker sends no notice
                await asyncio.sleep(_ASK_AGAIN_SECONDS)
