"""Messages that may be what ended the process before: handled one at a time, so that they take no others with them.

When a process dies, every message in its hand counts a delivery, the guilty one and its neighbours alike; at the
queue's limit all of them would be dead letters. Nobody knows which one it was. So each time they come back they are
taken one after the other, in another order: whoever comes before the guilty one is answered, and soon it is alone.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.messaging.delivery import Delivery

#: deliveries that ended without an answer, before a message is suspected; a stop or an outage costs one, a crash loop
#: gets there in seconds
SUSPECT_AFTER = 5
#: seconds over which the suspected ones of one delivery are spread
SPREAD_SECONDS = 1.0


class PoisonGuard:
    """Lets suspected messages pass one at a time, and all others at once."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    @asynccontextmanager
    async def passing(self, delivery: Delivery) -> AsyncIterator[None]:
        """Handle a message in here."""
        if delivery.unanswered < SUSPECT_AFTER:
            yield
            return
        await asyncio.sleep(SPREAD_SECONDS * turn(delivery.body, delivery.unanswered))
        async with self._one_at_a_time:
            yield


def turn(body: bytes, failed: int) -> float:
    """Return when it is a suspected message's turn, from 0 (first) to 1 (last): another time with every failure."""
    digest = hashlib.sha256(body + failed.to_bytes(8, "big")).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
