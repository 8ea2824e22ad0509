"""Runs a plan on servers of its own, and says what came of it."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractIncomingMessage, AbstractQueue
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.contracts.catalogue import INTAKE
from shared.contracts.envelope import read
from shared.contracts.event import Event
from shared.integrations import load_integrations, queue_of, user_of
from shared.storage import database_of
from shared.system import SYSTEM
from tests.lives.documents import Documents
from tests.lives.law.days import VIETNAM, instant
from tests.lives.law.said import Said
from tests.lives.plan import Plan
from tests.lives.reading import in_short
from tests.lives.recorded import Recorded
from tests.lives.sender import Sender
from tests.lives.service_process import APPS
from tests.lives.services import Services
from tests.lives.world import World
from tools.lives.life import INTEGRATIONS
from tools.stack import LocalStack

#: Who sees every event of the country.
_WATCHER = "centre"
#: milliseconds that what came too early waits before it is looked at again, in the place of 1 to 30 seconds
_DELAY_MILLISECONDS = 150
#: seconds between two lines of progress
_PROGRESS_SECONDS = 15.0


@dataclass(frozen=True)
class Result:
    """What a run has shown."""

    plan: Plan
    filings: int
    messages: int
    repeated_later: int
    events: int
    kills: int
    seconds: float
    differences: tuple[str, ...]


async def run(plan: Plan, folder: Path, say: Callable[[str], None]) -> Result:
    """Play a plan's lives to their end."""
    content = definitions(load_integrations(INTEGRATIONS), delay_milliseconds=_DELAY_MILLISECONDS)
    async with LocalStack(folder, definitions=content, fresh=True) as stack, _world(stack, plan, say) as world:
        began = time.monotonic()
        async with _telling(world):
            await world.play()
        world.finish(await _on_record(stack))
        world.services.note_ends()
        broken = [*world.differences, *world.services.misconduct, *[each async for each in _dead_letters(stack)]]
        return Result(
            plan,
            world.sender.filings,
            world.sender.messages,
            world.sender.repeated_later,
            len(world.events),
            world.services.kills,
            time.monotonic() - began,
            tuple(broken),
        )


@asynccontextmanager
async def _telling(world: World) -> AsyncIterator[None]:
    """Say from time to time how far it is."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(_PROGRESS_SECONDS)
            day, sender = f"{world.services.now.astimezone(VIETNAM):%d %b %Y}", world.sender
            world.say(
                f"{day}: {sender.filings:,} filings, {len(world.events):,} events, "
                f"{world.services.kills} kills, {len(world.differences)} differences"
            )

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()


@asynccontextmanager
async def _world(stack: LocalStack, plan: Plan, say: Callable[[str], None]) -> AsyncIterator[World]:
    """Start the services, connect every user that files, and hear all that is announced."""
    async with AsyncExitStack() as opened:
        services = Services(stack, instant(plan.begins), say)
        await services.start()
        intakes, inbox = await _connected(stack, opened)
        recorded, sender = Recorded(), Sender(intakes, f"lives-{plan.seed}", Random(plan.seed))
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(stack.mongo_url)
        opened.push_async_callback(client.close)
        await opened.enter_async_context(_listening(client, recorded))
        world = World(plan, services, sender, recorded, Documents(client), say)

        async def hear(message: AbstractIncomingMessage) -> None:
            world.hear(read(message.headers, message.content_type, message.body))

        opened.push_async_callback(world.stop)
        await inbox.consume(hear, no_ack=True)
        yield world


async def _connected(stack: LocalStack, opened: AsyncExitStack) -> tuple[Mapping[str, AbstractExchange], AbstractQueue]:
    intakes: dict[str, AbstractExchange] = {}
    for name in load_integrations(INTEGRATIONS):
        connection = await aio_pika.connect(stack.credentials(user_of(name)).amqp_url)
        await opened.enter_async_context(connection)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        intakes[name] = await channel.get_exchange(INTAKE)
        if name == _WATCHER:
            inbox = await channel.get_queue(queue_of(name))
    return intakes, inbox


@asynccontextmanager
async def _listening(client: AsyncMongoClient[dict[str, Any]], recorded: Recorded) -> AsyncIterator[None]:
    ratings, ready = client[database_of("evaluation")][SYSTEM.collections["evaluation"]], asyncio.Event()
    listening = asyncio.create_task(recorded.listen(ratings, ready))
    await ready.wait()
    try:
        yield
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


async def _on_record(stack: LocalStack) -> Mapping[str, Mapping[str, Said]]:
    """Return what both services have on record as announced: code → id of the event → the event in short."""
    found: dict[str, dict[str, Said]] = defaultdict(dict)
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        for service in APPS:
            async for record in client[database_of(service)][SYSTEM.collections[service]].find({}):
                for each in record.get("announced", ()):
                    event = Event(each["id"], each["source"], each["type"], each["data"], subject=each.get("subject"))
                    if short := in_short(event):
                        found[str(event.subject)][event.id] = short
    return found


async def _dead_letters(stack: LocalStack) -> AsyncIterator[str]:
    """Yield what became a dead letter: nothing should."""
    async with await aio_pika.connect(stack.amqp_url) as connection:
        channel = await connection.channel()
        for service in APPS:
            for queue in SYSTEM[service].subscriptions:
                declared = await channel.declare_queue(queue.dead, passive=True)
                if waiting := declared.declaration_result.message_count:
                    yield f"{waiting} dead letters on {queue.dead}"
