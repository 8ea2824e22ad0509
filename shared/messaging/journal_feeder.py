"""Lets what is filed go on into the journal, from a queue that keeps it until the journal has it.

A stream that is bound beside queues misses what is confirmed while it has no leader. So what is filed also goes to a
queue (`journal_feed_of`) whose dead letters go into the stream, at least once, by the broker itself: what is rejected
here goes there as it came, with the user and the routing key that the broker has checked. Nobody but the broker could
write those again. It is looked at before, since a stranger may have written what a stream cannot hold; then a clean
copy goes in its place.

All of this is beside the handling of messages, and needs the broker alone.
"""

import asyncio
from contextlib import suppress

from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import ChannelAccessRefused, ChannelNotFoundEntity

from shared.advice import typed
from shared.errors import OutageError
from shared.logs import Action, log
from shared.messaging.amqp_properties import is_storable
from shared.messaging.connection import as_outage, close, connect
from shared.messaging.delivery import ATTEMPT, FILED_BY
from shared.messaging.publisher import Publisher
from shared.messaging.topology import RETRY

#: messages that the broker sends ahead
_AHEAD = 100
#: seconds between two looks for a broker or a queue that is not there, and before a copy is tried again
_LOOK_SECONDS = 0.5
#: What the broker says where it has older definitions.
_NOT_OURS = (ChannelAccessRefused, ChannelNotFoundEntity)


class JournalFeeder:
    """Empties one queue into the journal. `publisher` publishes the copies, and its user is the one who reads."""

    def __init__(self, url: str, queue: str, publisher: Publisher) -> None:
        self._url = url
        self._queue = queue
        self._publisher = publisher
        self._logged: str | None = None

    async def run(self) -> None:
        """Feed the journal whenever the broker is there, without an end."""
        while True:
            with suppress(OutageError):
                await self._feed()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _feed(self) -> None:
        """Feed the journal until the connection, or the queue, is gone. Raise OutageError."""
        connection = await connect(self._url, name=f"{self._publisher.service}: feeding the journal")
        arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()  # None: no more will come
        try:
            with as_outage(f"{self._queue} cannot be read"):
                channel = await connection.channel()
                channel.close_callbacks.add(lambda *_: arrived.put_nowait(None))
                underlay = await channel.get_underlay_channel()
                underlay.on_consumer_cancel_callbacks.add(lambda *_: arrived.put_nowait(None))
                await channel.set_qos(prefetch_count=_AHEAD)
                await (await channel.get_queue(self._queue, ensure=False)).consume(arrived.put)
                self._logged = None
                while message := await arrived.get():
                    await self._take(message)
        except OutageError as error:
            self._note(error)
            raise
        finally:
            await close(connection)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        """Let a message go on, or a copy in its place. Where the connection is gone the broker has it again."""
        if message.user_id == self._publisher.user or is_storable(message.headers):
            await message.reject(requeue=False)
        elif await self._is_copied(message):
            await message.ack()
        else:
            await message.nack(requeue=True)

    async def _is_copied(self, message: AbstractIncomingMessage) -> bool:
        """Put a clean copy into the queue, and say whether the broker has taken it."""
        headers = {ATTEMPT: 0, **({FILED_BY: message.user_id} if message.user_id else {})}
        try:
            await self._publisher.publish_copy(message, RETRY, self._queue, headers)
        except OutageError:
            await asyncio.sleep(_LOOK_SECONDS)
            return False
        return True

    def _note(self, error: OutageError) -> None:
        """Log once what concerns this queue alone; that the broker is away says the service itself."""
        if isinstance(error.__cause__, _NOT_OURS) and self._logged != str(error):
            self._logged = str(error)
            log(Action.WAIT, reason=f"{error}: run {typed('ocop access apply')}")
