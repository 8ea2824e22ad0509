"""The relay of the peer with an inbox and an outbox (`inbox_outbox.py`): it sends what is committed."""

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from faststream.rabbit import RabbitBroker

from benchmarks.peers.rules import Json

#: messages that are unconfirmed at once
UNCONFIRMED = 100
#: messages that are removed from the outbox, or read from it, at once
BATCH = 500
#: seconds between two looks for what a crash left in the outbox, and after which a message counts as left
POLL_SECONDS = 5
LEFT_SECONDS = 10

log = logging.getLogger("relay")


@dataclass
class Relay:
    """Sends what is in the outbox, and removes it once the broker has confirmed it."""

    broker: RabbitBroker
    outbox: Any
    target: str
    left_seconds: float = LEFT_SECONDS
    _committed: "asyncio.Queue[Json]" = field(default_factory=lambda: asyncio.Queue(10 * UNCONFIRMED))
    _sent: "asyncio.Queue[ObjectId]" = field(default_factory=asyncio.Queue)
    #: what this process will send and remove, which its poll therefore leaves alone
    _in_hand: set[ObjectId] = field(default_factory=set)

    async def take(self, message: Json) -> None:
        """Send a message whose transaction is committed; wait where too many are before it."""
        self._in_hand.add(message["_id"])
        await self._committed.put(message)

    async def run(self) -> None:
        """Send, remove and poll, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(UNCONFIRMED):
                tasks.create_task(self._send())
            tasks.create_task(self._remove())
            tasks.create_task(self._poll())

    async def _send(self) -> None:
        while True:
            message = await self._committed.get()
            try:
                await self._publish(message)
            except (Exception, asyncio.CancelledError):
                if _is_ending():
                    raise
                log.exception("not sent: the poll finds it again")
                self._in_hand.discard(message["_id"])
            else:
                self._sent.put_nowait(message["_id"])

    async def _publish(self, message: Json) -> None:
        """Publish and wait for the confirm. Raise where the broker does not confirm it, or has no queue for it."""
        await self.broker.publish(
            message["body"],
            self.target,
            content_type="application/json",
            persist=True,
            message_id=str(message["_id"]),
            correlation_id=message["correlation_id"],
        )

    async def _remove(self) -> None:
        while True:
            sent = [await self._sent.get()]
            while len(sent) < BATCH and not self._sent.empty():
                sent.append(self._sent.get_nowait())
            try:
                await self.outbox.delete_many({"_id": {"$in": sent}})
            except Exception:
                log.exception("sent, not removed: the poll sends it again, and its reader knows it")
            self._in_hand.difference_update(sent)

    async def _poll(self) -> None:
        while True:
            try:
                await self.take_what_is_left()
            except Exception:
                log.exception("the outbox cannot be read: the next poll tries again")
            await asyncio.sleep(POLL_SECONDS)

    async def take_what_is_left(self) -> None:
        """Send what was committed a while ago and is still there."""
        before = ObjectId.from_datetime(datetime.now(UTC) - timedelta(seconds=self.left_seconds))
        async for message in self.outbox.find({"_id": {"$lt": before}}).sort("_id", 1).limit(BATCH):
            if message["_id"] not in self._in_hand:
                await self.take(message)


def _is_ending() -> bool:
    """Return whether this task is to end: aiormq raises `CancelledError` for a lost connection too."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
