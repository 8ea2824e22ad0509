"""`ocop queues`: what waits on the queues of the broker."""

from rich.console import Console
from rich.table import Table

from ops.access.integrations import load_integrations, queue_of
from ops.broker_access import Access, connected
from shared.messaging.topology import SUBSCRIPTIONS, queues


async def show_queues(access: Access, console: Console) -> int:
    """Show every service's and every integration's queue, and of the others those with messages. Gives the exit code.

    Raises:
        AccessError: the broker is away or refuses.
    """
    rows = Table("Queue", "Messages", "Consumers")
    always = {subscription.queue for subscription in SUBSCRIPTIONS}
    async with connected(access, name="ocop queues") as connection:
        channel = await connection.channel()
        for name in (*(queue.name for queue in queues()), *map(queue_of, load_integrations())):
            found = (await channel.declare_queue(name, passive=True)).declaration_result
            if found.message_count or name in always or name.endswith(".events"):
                rows.add_row(name, str(found.message_count), str(found.consumer_count))
    console.print(rows)
    return 0
