"""Brings the dossiers of the journal back to the registry, for a database that was restored to an older state.

The registry numbers a commune's products in the order in which it takes dossiers. So they go back in the journal's
order, onto an empty queue that nobody takes from yet: then their products get the codes that they had.
"""

from aio_pika.abc import AbstractConnection, AbstractExchange, AbstractIncomingMessage
from aio_pika.exceptions import DeliveryError

from ops.broker_access import AccessError
from ops.journal.entry import OFFSET, offset_of
from shared.contracts.catalogue import DOSSIER_FILED, INTAKE
from shared.messaging import topology
from shared.messaging.copies import copy_of
from shared.messaging.provenance import FILED_BY, filed_by
from shared.messaging.topology import REPLAY

_REGISTRY = "registry"
#: Where dossiers wait for the registry.
QUEUE = topology.subscription(_REGISTRY, DOSSIER_FILED).queue


def was_filed(message: AbstractIncomingMessage) -> bool:
    """Tell whether a message of the journal was one for the registry to answer: filed, and not by a service."""
    by_service = any(message.user_id == known.service for known in topology.SUBSCRIPTIONS)
    return (message.exchange, message.routing_key) == (INTAKE, DOSSIER_FILED.routing_key) and not by_service


async def require_rest(connection: AbstractConnection) -> None:
    """Make sure that no registry runs and that nothing waits for one.

    Raises:
        AccessError: one runs, or dossiers wait that it would take before the older ones.
    """
    channel = await connection.channel()
    declared = (await channel.declare_queue(QUEUE, passive=True)).declaration_result
    await channel.close()
    if declared.consumer_count:
        raise AccessError("the registry runs: stop every instance of it first")
    if declared.message_count:
        raise AccessError(
            f"{declared.message_count:,} dossiers wait in {QUEUE}, and would be taken before the older ones: purge it "
            f"(rabbitmqctl purge_queue {QUEUE}), and begin with --from before the oldest of them; the journal has them"
        )


class Refiler:
    """Publishes dossiers of the journal anew, one after the other, as the operator's user; each is confirmed."""

    def __init__(self, exchange: AbstractExchange, *, user: str) -> None:
        self._exchange = exchange
        self._user = user

    async def refile(self, message: AbstractIncomingMessage) -> None:
        """Publish a dossier once more, byte for byte, and with whoever filed it. Raises AccessError."""
        kept = {name: value for name, value in message.headers.items() if name not in {OFFSET, FILED_BY}}
        sender = filed_by(message, own_user=_REGISTRY)
        headers = kept | ({FILED_BY: sender} if sender else {})
        try:
            await self._exchange.publish(copy_of(message, headers, user=self._user), QUEUE)
        except DeliveryError as error:
            raise AccessError(f"the broker did not take the dossier at {offset_of(message)} of the journal") from error


async def opened_refiler(connection: AbstractConnection, *, user: str) -> Refiler:
    """Give a refiler whose publishes are confirmed, and refused where no queue would take them."""
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    return Refiler(await channel.get_exchange(REPLAY, ensure=False), user=user)
