"""`make queues`: what waits on the queues of the stack that is up."""

from pathlib import Path

import aio_pika
from dotenv import dotenv_values
from rich.console import Console
from rich.table import Table

from ops.stack import StackError
from ops.up import URLS
from shared.messaging.topology import SUBSCRIPTIONS, queues


async def show_queues(folder: Path, console: Console) -> int:
    """Show every service's queue, and of the others those that hold messages. Gives the exit code.

    Raises:
        StackError: no stack of this folder is up.
    """
    url = dotenv_values(folder / URLS).get("OCOP_AMQP_URL")
    if not url:
        raise StackError(f"nothing is up in {folder}: start it with `make up`")
    rows = Table("Queue", "Messages", "Consumers")
    always = {subscription.queue for subscription in SUBSCRIPTIONS}
    try:
        connection = await aio_pika.connect(url)
    except OSError as error:
        raise StackError(f"the broker of {folder} does not answer: {error}") from error
    async with connection:
        channel = await connection.channel()
        for queue in queues():
            found = (await channel.declare_queue(queue.name, passive=True)).declaration_result
            if found.message_count or queue.name in always:
                rows.add_row(queue.name, str(found.message_count), str(found.consumer_count))
    console.print(rows)
    return 0
