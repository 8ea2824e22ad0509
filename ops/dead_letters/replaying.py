"""Brings dead letters back to the queue in which they failed.

Published and confirmed first, acknowledged then: a crash in between leaves a letter in both places. That is harmless,
since every service recognises what it has handled already.
"""

from collections.abc import Callable
from typing import Any

from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError

from ops.broker_access import AccessError
from ops.dead_letters.destination import destinations
from ops.dead_letters.letter import DeadLetter, replays, sender
from shared.handling.settlement import DETAIL, FAILED_AT, QUEUE, REASON, REPLAYED
from shared.messaging.publisher import copy_of
from shared.messaging.sender import ATTEMPT, FILED_BY
from shared.messaging.topology import REPLAY

#: What the last failure wrote, and the next attempt begins without.
_DIAGNOSIS = frozenset({ATTEMPT, REASON, DETAIL, FAILED_AT, QUEUE})

#: Hears of each dead letter: where it went, nowhere if it had to stay.
Told = Callable[[DeadLetter, tuple[str, ...]], None]


class Replayer:
    """Publishes dead letters anew, as the operator's user."""

    def __init__(self, exchange: AbstractExchange, *, user: str, to: str | None, tell: Told) -> None:
        self._exchange = exchange
        self._user = user
        self._to = to
        self._tell = tell

    async def replay(self, letter: DeadLetter, message: AbstractIncomingMessage) -> bool:
        """Publish a dead letter to where it belongs. Return False where that is nowhere.

        Raises:
            AccessError: the broker did not take it.
        """
        queues = destinations(letter, to=self._to)
        for queue in queues:
            try:
                await self._exchange.publish(copy_of(message, _headers(message, letter.queue), user=self._user), queue)
            except DeliveryError as error:
                raise AccessError(f"the broker did not take {letter.id} for {queue}; it stays where it was") from error
        self._tell(letter, queues)
        return bool(queues)


async def opened_replayer(connection: AbstractConnection, *, user: str, to: str | None, tell: Told) -> Replayer:
    """Return a replayer whose publishes are confirmed, and refused where no queue would take them."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    return Replayer(await channel.get_exchange(REPLAY, ensure=False), user=user, to=to, tell=tell)


def _headers(message: AbstractIncomingMessage, queue: str) -> dict[str, Any]:
    kept = {name: value for name, value in message.headers.items() if name not in (*_DIAGNOSIS, FILED_BY)}
    original = sender(message, queue)
    return kept | {REPLAYED: replays(message) + 1} | ({FILED_BY: original} if original else {})
