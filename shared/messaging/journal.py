"""Reads the journal, a stream, over AMQP: from anywhere to where it ended when one began to read, or on and on.

What the client library raises when the broker is away comes through as it is; a broker that sends nothing of what it
has is a TimeoutError.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import datetime

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from shared.messaging.connection import AWAY
from shared.messaging.topology import JOURNAL

#: `first`, `last` (the last chunk that was written), `next`, an offset, or a time by the broker's clock.
Start = str | int | datetime

#: The header in which the broker says where in the stream a message is.
OFFSET = "x-stream-offset"

#: messages that the broker sends ahead; their bodies are all the memory that reading takes
_AHEAD = 100
#: seconds in which a stream that holds anything sends its last chunk
_EMPTY_SECONDS = 3.0
#: seconds without a message after which a chunk is over
_SILENCE_SECONDS = 0.3
#: seconds in which the last chunk is read; beyond that, the stream is growing while we look
_CHUNK_SECONDS = 5.0
#: seconds without a message that is there, after which the broker is given up
_PATIENCE_SECONDS = 30.0

Messages = AsyncIterator[AbstractIncomingMessage]


def offset_of(message: AbstractIncomingMessage, *, otherwise: int = 0) -> int:
    """Return where in the stream a message is, as the broker says; `otherwise` where its headers are unreadable."""
    offset = message.headers.get(OFFSET)
    return offset if isinstance(offset, int) else otherwise


@asynccontextmanager
async def consuming(connection: AbstractConnection, start: Start) -> AsyncIterator[Messages]:
    """Return the messages of the journal from a start on, without an end."""
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=_AHEAD)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    stream = await channel.get_queue(JOURNAL, ensure=False)
    await stream.consume(arrived.put, arguments={"x-stream-offset": start})
    try:
        yield _numbered(arrived, channel, start - 1 if isinstance(start, int) else -1)
    finally:
        with suppress(*AWAY):
            await channel.close()


async def up_to(
    connection: AbstractConnection, start: Start, end: int
) -> AsyncGenerator[AbstractIncomingMessage, None]:
    """Yield the messages from a start up to and including an offset. Close it (`aclosing`).

    Raises:
        TimeoutError: the broker does not send what is there.
    """
    may_be_none = isinstance(start, datetime)  # the start, a time, may lie behind all of them
    patience_seconds = _EMPTY_SECONDS if may_be_none else _PATIENCE_SECONDS
    async with consuming(connection, start) as messages:
        while True:
            try:
                async with asyncio.timeout(patience_seconds):
                    message = await anext(messages)
            except TimeoutError:
                if may_be_none:
                    return
                raise TimeoutError("the broker stopped sending the journal before its end") from None
            patience_seconds, may_be_none = _PATIENCE_SECONDS, False
            if offset_of(message) <= end:
                yield message
            if offset_of(message) >= end:
                return


async def newest(connection: AbstractConnection, count: int, end: int) -> AsyncGenerator[AbstractIncomingMessage, None]:
    """Yield so many messages up to and including an offset, fewer where there are no more. Close it (`aclosing`).

    Raises:
        TimeoutError: the broker does not send what is there.
    """
    async with aclosing(up_to(connection, max(end - count + 1, 0), end)) as messages:
        async for message in messages:
            yield message


async def last_offset(connection: AbstractConnection, *, patience_seconds: float = _EMPTY_SECONDS) -> int | None:
    """Return the highest offset of the journal, None where it is empty: where nothing comes within the patience.

    No client can ask for it: the number that a stream gives for its messages lags behind. So the last chunk is read, up
    to a silence or, where the journal goes on growing, for a few seconds.
    """
    highest, until = None, None
    async with consuming(connection, "last") as messages:
        while until is None or _now() < until:
            try:
                async with asyncio.timeout(patience_seconds):
                    highest = offset_of(await anext(messages))
            except TimeoutError:
                break
            until, patience_seconds = until or _now() + _CHUNK_SECONDS, _SILENCE_SECONDS
    return highest


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _numbered(arrived: asyncio.Queue[AbstractIncomingMessage], channel: AbstractChannel, last: int) -> Messages:
    """Return what arrives, acknowledged, or the stream would send no more; each message with its offset.

    One whose headers cannot be read comes after the one before it.
    """
    unacknowledged = 0
    while True:
        message = await _next(arrived, channel)
        unacknowledged += 1
        if unacknowledged >= _AHEAD // 2:
            await message.ack(multiple=True)
            unacknowledged = 0
        last = message.headers[OFFSET] = offset_of(message, otherwise=last + 1)
        yield message


async def _next(arrived: asyncio.Queue[AbstractIncomingMessage], channel: AbstractChannel) -> AbstractIncomingMessage:
    if not arrived.empty():
        return arrived.get_nowait()
    getting = asyncio.ensure_future(arrived.get())
    closing = asyncio.ensure_future(channel.closed())
    try:
        await asyncio.wait({getting, closing}, return_when=asyncio.FIRST_COMPLETED)
        if getting.done():
            return getting.result()
    finally:
        getting.cancel()
        closing.cancel()  # or one for each message would wait for as long as the journal is read
    raise ConnectionResetError("the broker closed the channel")
