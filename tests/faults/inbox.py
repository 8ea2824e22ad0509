"""Reads the queue of an integration, as it should: whatever breaks, it comes back, and knows what it has seen."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from shared.contracts.catalogue import EventType
from shared.errors import OutageError
from shared.messaging.connection import as_outage, close, connect

#: seconds between two looks at whether the broker still knows us as a reader of the queue
_LOOK_SECONDS = 2.0
#: seconds; how long a look or the start of reading may take
_PATIENCE_SECONDS = 10
#: seconds between two looks for a broker that is not there
_PAUSE_SECONDS = 0.2
#: seconds; an answer that takes longer does not come: longer than the longest fault and the longest back-off together
ANSWER_SECONDS = 120
#: messages that the queue may hand out before we have answered for them
_PREFETCH = 200


class Inbox:
    """The events that have reached an integration; `seen` are their ids."""

    def __init__(self, url: str, queue: str) -> None:
        self.queue = queue
        self.seen: set[str] = set()
        self._url = url
        self._answers = defaultdict[tuple[str, str], asyncio.Future[str]](asyncio.get_running_loop().create_future)

    async def answer(self, id: str, event_type: EventType[Any]) -> str:
        """Wait until an event of this type answers what was filed under this id, and return its subject.

        Raises:
            TimeoutError: it does not come.
        """
        async with asyncio.timeout(ANSWER_SECONDS):
            return await asyncio.shield(self._answers[id, event_type.type])

    async def read(self) -> None:
        """Read without end; whatever breaks, begin again."""
        while True:
            try:
                connection = await connect(self._url, name="portal: reading")
                try:
                    with as_outage("reading"):
                        await self._read(await connection.channel())
                finally:
                    await close(connection)
            except OutageError:
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _read(self, channel: AbstractChannel) -> None:
        """Read until the broker knows no reader any more. Raise what the client library raises."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await channel.set_qos(prefetch_count=_PREFETCH)
            queue = await channel.get_queue(self.queue, ensure=False)
            await queue.consume(self._take)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            async with asyncio.timeout(_PATIENCE_SECONDS):
                declared = await channel.declare_queue(self.queue, passive=True)
            if not declared.declaration_result.consumer_count:
                return

    async def _take(self, message: AbstractIncomingMessage) -> None:
        if "ce-correlationid" in message.headers:  # garbage reaches integrations too
            self._note({name: str(value) for name, value in message.headers.items()})
        with suppress(OutageError), as_outage("acknowledging"):  # it comes again
            await message.ack()

    def _note(self, headers: Mapping[str, str]) -> None:
        self.seen.add(headers["ce-id"])
        answered = self._answers[headers["ce-correlationid"], headers["ce-type"]]
        if not answered.done():
            answered.set_result(headers["ce-subject"])
