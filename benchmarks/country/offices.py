"""Who files on the day: a portal, the communes and the 34 provinces, each as a user of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage

from benchmarks.arena import Arena, Json
from benchmarks.councils import Filed, message
from benchmarks.country.hearing import Heard, HeardEvent
from services.registry.units import PROVINCES
from shared.contracts.catalogue import INTAKE, EventType
from shared.integrations import queue_of, user_of

PORTAL, COMMUNES = "cong", "xa"


def province_user(code: str) -> str:
    """Return the integration of a province."""
    return f"tinh-{code}"


def integrations() -> str:
    """Return the file of integrations: each province hears of everything in its places."""
    codes = [f"{code:02}" for code in PROVINCES]
    quoted = ", ".join(f'"{code}"' for code in codes)
    lines = [
        f"{PORTAL}: {{scope: {{portal: everywhere}}, listens_to: [filing.rejected]}}",
        f"{COMMUNES}: {{scope: {{commune: [{quoted}]}}, listens_to: [filing.rejected]}}",
        *(f'{province_user(code)}: {{scope: {{province: "{code}"}}}}' for code in codes),
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Offices:
    """All who file, by name, and what is heard of the services' events."""

    intakes: Mapping[str, AbstractExchange]
    heard: Heard

    async def file(self, by: str, filed: Filed) -> None:
        """File an event."""
        kind, id, data = filed
        self.heard.filed(id)
        await self.intakes[by].publish(message(kind, id, data, user_of(by)), kind.routing_key)

    async def file_all(self, by: str, filed: list[Filed]) -> None:
        """File events as fast as the broker confirms them, the first before all others."""
        await self.file(by, filed[0])
        await asyncio.gather(*(self.file(by, each) for each in filed[1:]))

    async def answered(self, by: str, kind: EventType[Any], id: str, data: Json, answer: EventType[Any]) -> HeardEvent:
        """File an event, and return the one that answers it. Raise BenchmarkError where it is rejected."""
        awaited = self.heard.answer(id, answer)
        await self.file(by, (kind, id, data))
        return await awaited


@asynccontextmanager
async def connected(arena: Arena, heard: Heard) -> AsyncIterator[Offices]:
    """Connect all who file, each to its own queue too: what the provinces hear is what is heard."""
    async with AsyncExitStack() as opened:
        intakes = {}
        for name in (PORTAL, COMMUNES, *(province_user(f"{code:02}") for code in PROVINCES)):
            connection = await aio_pika.connect(arena.stack.credentials(user_of(name)).amqp_url)
            channel = await (await opened.enter_async_context(connection)).channel()
            intakes[name] = await channel.get_exchange(INTAKE, ensure=False)
            queue = await channel.get_queue(queue_of(name), ensure=False)
            await queue.consume(_passed_by if name in {PORTAL, COMMUNES} else heard.take, no_ack=True)
        yield Offices(intakes, heard)


async def _passed_by(_message: AbstractIncomingMessage) -> None:
    """Take what a province has heard of, too."""
