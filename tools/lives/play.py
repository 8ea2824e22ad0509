"""Plays a life on a running stack: files what its steps say, in its own time, and holds what follows against them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import aio_pika
from aio_pika.abc import AbstractExchange, AbstractQueue
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from shared.contracts.catalogue import BY_TYPE, INTAKE, EventType
from shared.contracts.envelope import read
from shared.contracts.event import Event, derived_id
from shared.contracts.writing import write
from shared.integrations import load_integrations, queue_of, user_of
from shared.storage import database_of
from tools.lives.life import INTEGRATIONS, Life, Step, data_of
from tools.running import SetClock, running_services
from tools.stack import LocalStack

#: seconds without the expected event after which a life is stuck
PATIENCE_SECONDS = 60.0
#: Who sees every event of the country.
_WATCHER = "centre"
#: What does not belong to the life itself: whether the producer was reached.
_ALERTS = frozenset({"alert.delivered", "alert.failed"})

#: Hears of each step and of what followed it.
Told = Callable[[Step, Sequence[Event]], None]


class LifeDiffersError(Exception):
    """What followed a step is not what its life says; the text says which, and what."""


@dataclass
class Player:
    """Plays lives, one after the other, on services whose clock it sets.

    `until_recorded` waits until a service has recorded the event with an id: what has no answer would else be overtaken
    by the next step, which is days later.
    """

    clock: SetClock
    intakes: Mapping[str, AbstractExchange]
    inbox: AbstractQueue
    until_recorded: Callable[[str], Awaitable[None]]
    run_id: str
    patience_seconds: float = PATIENCE_SECONDS
    _code: str | None = field(default=None, init=False)
    _stories: set[str] = field(default_factory=set, init=False)

    async def play(self, life: Life, told: Told = lambda _step, _events: None) -> None:
        """Play a life to its end. Raise LifeDiffersError."""
        self._code, self._stories = None, set()
        async with self.inbox.iterator(no_ack=True) as messages:
            for number, step in enumerate(life.steps, 1):
                self.clock.set(step.at)
                if step.kind and step.by:
                    id = await self._file(f"{life.name}-{number}", step, step.kind, step.by)
                    if not step.expect:
                        await self.until_recorded(id)
                found = await self._followed(f"{life.name}, step {number}", step, messages)
                told(step, found)

    async def _file(self, name: str, step: Step, kind: EventType[Any], by: str) -> str:
        """File what a step says, and return its id."""
        id = derived_id(self.run_id, name)
        self._stories.add(id)
        event = Event(id, f"/lives/{by}", kind.type, data_of(step, self._code), time=step.at)
        written = write(event)
        message = aio_pika.Message(
            written.body,
            headers=dict(written.headers),
            content_type=written.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=id,
            user_id=user_of(by),
        )
        await self.intakes[by].publish(message, kind.routing_key)
        return id

    async def _followed(self, where: str, step: Step, messages: Any) -> list[Event]:
        """Return the events that follow a step, once all are there that its life says."""
        missing, found = list(step.expected), []
        while missing:
            try:
                async with asyncio.timeout(self.patience_seconds):
                    event = await self._next(messages)
            except TimeoutError:
                raise LifeDiffersError(f"{where}: without {_words(missing)}") from None
            match = next((each for each in missing if _is(event, *each)), None)
            if match is None:
                raise LifeDiffersError(f"{where}: {_differs(event, missing)}, in the place of {_words(missing)}")
            missing.remove(match)
            found.append(event)
        return found

    async def _next(self, messages: Any) -> Event:
        """Return the next event of this life: of its product, or of what it has filed."""
        async for message in messages:
            event = read(message.headers, message.content_type, message.body)
            is_ours = event.correlation_id in self._stories or (self._code and event.subject == self._code)
            if is_ours and _name(event) not in _ALERTS:
                self._code = self._code or event.data.get("product_code")
                return event
        raise LifeDiffersError("the broker has closed the connection")


def _name(event: Event) -> str:
    return BY_TYPE[event.type].name


def _is(event: Event, name: str, fields: Mapping[str, Any]) -> bool:
    return _name(event) == name and _holds(event.data, fields)


def _holds(data: Any, expected: Any) -> bool:
    """Return whether data has what is expected of it; what is not named may be anything."""
    if isinstance(expected, Mapping):
        return isinstance(data, Mapping) and all(_holds(data.get(name), value) for name, value in expected.items())
    return bool(data == expected)


def _differs(event: Event, expected: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return an event in short: what it has in the place of what is expected of its kind, else why it came."""
    name = _name(event)
    fields = {field for kind, fields in expected if kind == name for field in fields} or {
        "to_stage",
        "faults",
        "milestone",
    }
    return f"{name} { ({field: event.data[field] for field in sorted(fields) if field in event.data}) }"


def _words(expected: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    return ", ".join(f"{name} {dict(fields)}" if fields else name for name, fields in expected)


@asynccontextmanager
async def player(stack: LocalStack, begins: datetime, run_id: str) -> AsyncIterator[Player]:
    """Start the services by a clock of their own on a stack that knows the lives' integrations."""
    async with AsyncExitStack() as opened:
        clock = SetClock(begins)
        await opened.enter_async_context(running_services(stack, clock, integrations=INTEGRATIONS))
        intakes: dict[str, AbstractExchange] = {}
        for name in load_integrations(INTEGRATIONS):
            connection = await opened.enter_async_context(
                await aio_pika.connect(stack.credentials(user_of(name)).amqp_url)
            )
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            intakes[name] = await channel.get_exchange(INTAKE)
            if name == _WATCHER:
                inbox = await channel.get_queue(queue_of(name))
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(stack.mongo_url, tz_aware=True)
        opened.push_async_callback(client.close)
        ratings = client[database_of("evaluation")]["ratings"]  # of a council, all that has no answer
        yield Player(clock, intakes, inbox, partial(_until_recorded, ratings), run_id)


async def _until_recorded(collection: AsyncCollection[dict[str, Any]], id: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), await collection.watch() as changes:
        while await collection.find_one({"event.id": id}) is None:
            await anext(changes)
