"""What reading the journal on and on leaves behind, with a broker in memory."""

import asyncio
from typing import Any

from shared.messaging.journal import OFFSET, consuming


class Message:
    """A message of the journal."""

    def __init__(self, offset: int) -> None:
        self.headers = {OFFSET: offset}


class Channel:
    """A channel over which a message comes each time that one is waited for; `waiting` wait for its end."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[bool]] = []
        self._sent = 0

    async def set_qos(self, *, prefetch_count: int) -> None: ...

    async def get_queue(self, _: str, **__: object) -> "Channel":
        return self

    async def consume(self, arrived: Any, **_: object) -> None:
        self._arrived = arrived

    def closed(self) -> asyncio.Future[bool]:
        self.waiting.append(asyncio.get_running_loop().create_future())
        self._sent += 1
        self._sending = asyncio.create_task(self._arrived(Message(self._sent)))
        return self.waiting[-1]

    async def close(self) -> None: ...


class Connection:
    """A connection with one channel."""

    def __init__(self) -> None:
        self.only = Channel()

    async def channel(self) -> Channel:
        return self.only


async def test_nothing_is_kept_of_messages_that_were_waited_for() -> None:
    connection: Any = Connection()
    async with asyncio.timeout(10), consuming(connection, 0) as messages:
        offsets = [(await anext(messages)).headers[OFFSET] for _ in range(5)]

        assert offsets == [1, 2, 3, 4, 5]
        assert [each for each in connection.only.waiting if not each.done()] == []
