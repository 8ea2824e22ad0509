"""Checks what the operator's user may do on the broker: reads where it may read, publishes where it may publish.

Nothing is taken and nothing kept by it, and no queue is read that may use up what is read.
"""

from collections.abc import Awaitable, Sequence

import aiormq.exceptions
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import DeliveryError

from ops.dead_letters.replay import replay_exchange
from ops.dead_letters.selection import dead_queues
from ops.doctor.check import Check, listed, ok, wrong
from ops.queues.state import READABLE, QueueState
from shared.messaging.topology import JOURNAL, REPLAY

#: A key that operators may publish to, and to which no queue is bound: nothing can come of it.
_NOWHERE = "registry.ocop-doctor"


async def check_rights(connection: AbstractConnection, user: str, states: Sequence[QueueState]) -> Check:
    """Try the rights to read every dead-letter queue and the journal, and to publish to the replay exchange."""
    untried = [
        state.queue for state in states if state.kind in READABLE and state.waiting and not state.keeps_when_read
    ]
    tried = [queue for queue in (*dead_queues(), JOURNAL) if queue not in untried]
    refused = [queue for queue in tried if not await _is_allowed(_read(connection, queue))]
    if not await _is_allowed(_publish(connection, user)):
        refused.append(f"publishing to {REPLAY}")
    if refused:
        return wrong("rights", f"refused: {listed(refused)}", "log in as the user operator, or ocop access apply")
    but = f", but not tried, since it might use up what is there: {listed(untried)}" if untried else ""
    return ok("rights", f"dead letters, unrouted messages and the journal can be read, dead letters replayed{but}")


async def _is_allowed(attempt: Awaitable[None]) -> bool:
    try:
        await attempt
    except aiormq.exceptions.ChannelAccessRefused:
        return False
    except (aiormq.exceptions.ChannelNotFoundEntity, DeliveryError):
        pass  # what is missing is the topology's check to report; that no queue takes our message is as it must be
    return True


async def _read(connection: AbstractConnection, queue: str) -> None:
    """Begin to consume and leave at once: what came meanwhile goes back to its place, the first."""
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=1)
    consumed = await channel.get_queue(queue, ensure=False)
    await consumed.consume(_ignore, arguments={"x-stream-offset": "next"} if queue == JOURNAL else {})
    await channel.close()


async def _ignore(_: object) -> None:
    pass


async def _publish(connection: AbstractConnection, user: str) -> None:
    exchange = await replay_exchange(connection)
    message = Message(b"", user_id=user, delivery_mode=DeliveryMode.NOT_PERSISTENT)
    await exchange.publish(message, _NOWHERE, mandatory=True)
