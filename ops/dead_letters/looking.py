"""Looks through a queue and leaves it as it was: nothing used up, nothing kept, the order the same for the next reader.

RabbitMQ 3.10 gives back what is returned at once in no order when it is more than 32 messages, and forgets the order
between consumers when a connection ends. So messages are taken 32 at a time, each lot on a channel of its own, and the
lots are given back one after the other. Where the process is killed nothing is lost, only the order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

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
#: seconds in which a queue takes back what it is given, and between two questions whether it has
_TAKING_BACK_SECONDS = 2.0
_ASK_AGAIN_SECONDS = 0.01


@dataclass
class _Hand:
    """What is held at the moment: its channels in the order in which they were filled, and how many messages."""

    connection: AbstractConnection
    queue: str
    channels: list[AbstractChannel] = field(default_factory=list)
    held: int = 0


@asynccontextmanager
async def looking_through(
    connection: AbstractConnection, queue: str
) -> AsyncIterator[AsyncIterator[AbstractIncomingMessage]]:
    """Return the messages that are ready in a queue at the start, the oldest first, one after the other.

    Those that are acknowledged in the block are gone; all others are given back at its end.
    """
    hand = _Hand(connection, queue)
    try:
        yield _messages(hand)
    finally:
        with suppress(*AWAY):
            await _give_back(hand)


async def count(connection: AbstractConnection, queue: str) -> int:
    """Count the messages that are ready in a queue."""
    channel = await connection.channel()
    declared = await channel.declare_queue(queue, passive=True)  # needs no right
    await channel.close()
    return declared.declaration_result.message_count or 0


async def _messages(hand: _Hand) -> AsyncIterator[AbstractIncomingMessage]:
    left = min(await count(hand.connection, hand.queue), MAX_LOOKED_AT)
    while left:
        lot = await _taken(hand, min(left, LOT))
        left = left - len(lot) if lot else 0  # somebody else has the rest in flight
        for message in lot:
            yield message
            hand.held -= message.processed


async def _taken(hand: _Hand, wanted: int) -> list[AbstractIncomingMessage]:
    """Take so many messages, or fewer where others take them too."""
    channel = await hand.connection.channel()
    hand.channels.append(channel)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await channel.set_qos(prefetch_count=wanted)
    consumed = await channel.get_queue(hand.queue, ensure=False)
    tag = await consumed.consume(arrived.put)
    taken = [message async for message in _arriving(hand, arrived, wanted)]
    await consumed.cancel(tag)  # or what is acknowledged would make room for messages that nobody asked for
    hand.held += len(taken)
    return taken


async def _arriving(
    hand: _Hand, arrived: asyncio.Queue[AbstractIncomingMessage], wanted: int
) -> AsyncIterator[AbstractIncomingMessage]:
    silent_seconds = 0.0
    while wanted:
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                message = await arrived.get()
        except TimeoutError:
            if not await count(hand.connection, hand.queue):
                return
            silent_seconds += _SILENCE_SECONDS
            if silent_seconds >= _PATIENCE_SECONDS:
                raise AccessError(f"the broker has messages in {hand.queue} and does not deliver them") from None
        else:
            wanted, silent_seconds = wanted - 1, 0.0
            yield message


async def _give_back(hand: _Hand) -> None:
    for channel in hand.channels:
        underlying = await channel.get_underlay_channel()
        await underlying.basic_nack(0, multiple=True, requeue=True)  # 0: all that are not acknowledged
        await channel.close()
    await _until_back(hand)


async def _until_back(hand: _Hand) -> None:
    """Wait until the queue has taken back what was held: who looked before would see a part, and change the order."""
    with suppress(TimeoutError):  # somebody else has taken some of it
        async with asyncio.timeout(_TAKING_BACK_SECONDS):
            while await count(hand.connection, hand.queue) < hand.held:  # noqa: ASYNC110  # the broker tells nobody
                await asyncio.sleep(_ASK_AGAIN_SECONDS)
