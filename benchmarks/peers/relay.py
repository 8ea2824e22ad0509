"""The bound: messages carried over three hops by plain aio-pika, with confirms and no work at all.

Follows aio-pika's pages "Publisher confirms" and "Work queues" (https://docs.aio-pika.com/rabbitmq-tutorial/).

Guarantees: quorum queues, publisher confirms, persistent messages, acknowledgement after the confirm of the next hop.
Up to 100 messages in flight, as the services have; nothing is read, decided or recorded. What these pages do not do,
such as acknowledging many messages at once, the services do not do either.
"""

import asyncio
import sys

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from benchmarks.peers.environment import AMQP_URL

HOPS = {"register": ("dossiers", "submitted"), "rate": ("submitted", "rated"), "alert": ("rated", "alerted")}
QUORUM = {"x-queue-type": "quorum"}


async def run(step: str) -> None:
    """Carry messages from one queue to the next."""
    source, target = HOPS[step]
    async with await aio_pika.connect_robust(AMQP_URL) as connection:
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=100)
        queue = await channel.declare_queue(source, durable=True, arguments=QUORUM)
        await channel.declare_queue(target, durable=True, arguments=QUORUM)

        async def carry(message: AbstractIncomingMessage) -> None:
            await channel.default_exchange.publish(
                aio_pika.Message(message.body, headers=message.headers, delivery_mode=aio_pika.DeliveryMode.PERSISTENT),
                routing_key=target,
            )
            await message.ack()

        await queue.consume(carry)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1]))
