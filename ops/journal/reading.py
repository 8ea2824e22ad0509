"""Reads the stream over AMQP: from anywhere, to where it ended when one began to read, or on and on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage

from ops.broker_access import AccessError
from ops.commands import moment
from ops.journal.entry import OFFSET, offset_of
from shared.messaging.connection import AWAY
from shared.messaging.topology import JOURNAL

#: `first`, `last` (the last chunk that was written), `next`, an offset, or a time by the broker's clock.
Start = str | int | datetime

#: messages that the broker sends ahead; their bodies are all the memory that reading takes
_AHEAD = 100
#: seconds in which a stream that holds anything sends its last chunk
_EMPTY_SECONDS = 3.0
#: seconds without a message after which a chunk is over
_SILENCE_SECONDS = 0.3
#: messages; a chunk is smaller, so beyond that the stream is growing while we look
_MAX_CHUNK = 10_000
#: seconds without a message that is there, after which the broker is given up
_PATIENCE_SECONDS = 30.0

Messages = AsyncIterator[AbstractIncomingMessage]


def start_of(text: str) -> Start:
    """Read where one wants to begin. Raises Exit (code 2) where it is no such place."""
    if text in {"first", "last", "next"}:
        return text
    if text.isdecimal() and len(text) != len("20261124"):
        return int(text)
    return moment(text) or "first"


@asynccontextmanager
async def consuming(connection: AbstractConnection, start: Start) -> AsyncIterator[Messages]:
    """Return the messages of the journal from a start on, without an end."""
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=_AHEAD)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    stream = await channel.get_queue(JOURNAL, ensure=False)
    await stream.consume(arrived.put, arguments={"x-stream-offset": start})
    try:
        yield _numbered(_acknowledged(arrived, channel), start - 1 if isinstance(start, int) else -1)
    finally:
        with suppress(*AWAY):
            await channel.close()


async def last_offset(connection: AbstractConnection) -> int | None:
    """Return the highest offset of the journal, None where it is empty.

    No client can ask for it: the number that a stream gives for its messages lags behind. So the last chunk is read.
    """
    highest, patience_seconds, seen = None, _EMPTY_SECONDS, 0
    async with consuming(connection, "last") as messages:
        while seen < _MAX_CHUNK:
            try:
                async with asyncio.timeout(patience_seconds):
                    highest = offset_of(await anext(messages))
            except TimeoutError:
                break
            seen, patience_seconds = seen + 1, _SILENCE_SECONDS
    return highest


async def up_to(messages: Messages, end: int, *, may_be_none: bool) -> Messages:
    """Return messages up to and including an offset. `may_be_none`: the start, a time, may lie behind all of them.

    Raises:
        AccessError: the broker does not send what is there.
    """
    patience_seconds = _EMPTY_SECONDS if may_be_none else _PATIENCE_SECONDS
    while True:
        try:
            async with asyncio.timeout(patience_seconds):
                message = await anext(messages)
        except TimeoutError:
            if may_be_none:
                return
            raise AccessError("the broker stopped sending the journal before its end") from None
        patience_seconds, may_be_none = _PATIENCE_SECONDS, False
        if offset_of(message) <= end:
            yield message
        if offset_of(message) >= end:
            return


async def _numbered(messages: Messages, last: int) -> Messages:
    """Return each message with its offset: one whose headers cannot be read comes after the one before it."""
    async for message in messages:
        last = offset_of(message, otherwise=last + 1)
        message.headers[OFFSET] = last
        yield message


async def _acknowledged(arrived: asyncio.Queue[AbstractIncomingMessage], channel: AbstractChannel) -> Messages:
    """Return what arrives; a stream sends on only as much as is acknowledged."""
    in_flight = 0
    while True:
        message = await _next(arrived, channel)
        in_flight += 1
        if in_flight >= _AHEAD // 2:
            await message.ack(multiple=True)
            in_flight = 0
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
    raise ConnectionResetError("the broker closed the channel")
