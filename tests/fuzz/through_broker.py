"""Throws mutated messages through the real broker at the services as processes, and accounts for every one."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from random import SystemRandom
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.contracts.catalogue import ASSESSMENT_REJECTED, CATALOGUE, EVENTS, TASKS
from shared.contracts.envelope import read
from shared.integrations import load_integrations
from shared.messaging.routing import binding_key
from shared.storage import database_of
from shared.system import SYSTEM
from tests.fuzz.accounting import DEAD_LETTERS, Account
from tests.fuzz.corpus import filed_dossiers, filed_event
from tests.fuzz.sending import NUMBER, Sent, fresh, messages
from tests.fuzz.wire import Wire
from tests.integration.portal import Portal, opened_portal
from tests.integration.raw_publisher import RawPublisher, RefusedError
from tests.unit.contact_keys import PRIVATE_KEYS, PUBLIC_KEY
from tools.services import start_services
from tools.stack import LocalStack, Process

#: seconds without any news after which what is still open counts as lost
PATIENCE_SECONDS = 60
#: KiB that a service's resident memory may grow from the first third of a run to its end: far less than what passed
#: through it (43 KB a message, some 1 MiB), so that what is kept of messages would show
MEMORY_ALLOWANCE_KIB = 40 * 1024
#: The type of the message that ends the reading of a queue.
_LAST = "tests.last"
#: milliseconds that a retry waits, instead of seconds to a day
_DELAY_MILLISECONDS = 50
#: messages that are sent before the first are accounted for
_AT_ONCE = 500
#: Examples that end in a rating, in a rejected dossier and in a rejected assessment: every queue has a part in them.
_GOOD, _FAULTY, _UNKNOWN_ANSWERS = 0, 29, 32


@dataclass
class Run:
    """What one run came to: how many messages the broker took or did not, and all that did not hold."""

    taken: int
    unconfirmed: Counter[str]
    kept: Counter[str]
    answered: Counter[str]
    faults: list[str]
    #: KiB of resident memory, by service: after the first third, and at the end
    memory: dict[str, tuple[int, int]]

    def grown(self, allowance: int) -> list[str]:
        """Return the services whose memory grew by more than so many KiB."""
        return [name for name, (first, last) in self.memory.items() if last - first > allowance]

    def lines(self) -> list[str]:
        """Return the run as text."""
        return [
            f"{self.taken} messages taken by the broker, {self.unconfirmed.total()} not",
            *(f"  {count:>6} {reason}" for reason, count in self.unconfirmed.most_common()),
            *(f"  {count:>6} kept in {queue}" for queue, count in sorted(self.kept.items())),
            *(f"  {count:>6} {event}" for event, count in sorted(self.answered.items())),
            *(
                f"  {name}: {first:,} KiB after a third, {last:,} at the end"
                for name, (first, last) in self.memory.items()
            ),
            *self.faults,
            f"{len(self.faults)} faults",
        ]


@dataclass
class _Watch:
    """`news` is set whenever something came in; `ends` when a queue of dead letters has been read to its end."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    ends: dict[str, asyncio.Event] = field(default_factory=lambda: {name: asyncio.Event() for name in DEAD_LETTERS})


def fuzz_definitions() -> dict[str, Any]:
    """Return the broker's definitions with short delays."""
    return definitions(load_integrations(), delay_milliseconds=_DELAY_MILLISECONDS)


async def throw(stack: LocalStack, count: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Run:
    """Throw that many messages of this seed, account for each, and see that the services still serve."""
    keys = {"OCOP_CONTACT_PUBLIC_KEY": PUBLIC_KEY, "OCOP_CONTACT_PRIVATE_KEYS": PRIVATE_KEYS}  # those of the corpus
    services = [running.process for running in await start_services(stack, say, **keys)]
    account, stream, first_third = Account(), islice(messages(seed), count), dict[str, int]()
    async with _watching(stack, account) as watch:
        for sent_so_far in range(_AT_ONCE, count + _AT_ONCE, _AT_ONCE):
            await _send(stack, account, islice(stream, _AT_ONCE))
            await _until_settled(stack, account, watch.news)
            say(f"{min(sent_so_far, count)} messages through the broker, {len(account.open())} not accounted for")
            if not first_third and sent_so_far * 3 >= count:
                first_third = _memory(services)
        memory = {name: (first_third[name], now) for name, now in _memory(services).items()}
        async with opened_portal(stack.amqp_url) as portal:
            faults = await _unanswered_at_the_end(portal, account)
            await _stop(services, portal)
            await _until_read(portal.channel, watch.ends)
            faults += await _left(portal.channel)
        faults += [*_troubles(services), *account.faults(), *await _unlike(stack, account)]
    answers = [event for events in account.answers.values() for event in events.values()]
    return Run(
        taken=len(account.sent),
        unconfirmed=account.reasons,
        kept=Counter({queue: sum(numbers.values()) for queue, numbers in account.kept.items()}),
        answered=Counter(event.type for event in answers),
        faults=faults,
        memory=memory,
    )


async def _send(stack: LocalStack, account: Account, stream: Iterator[tuple[Sent, Wire]]) -> None:
    """Send messages one after the other, and note which the broker did not confirm."""
    waiting = True
    while waiting:  # a refusal closes the connection
        async with RawPublisher(stack.amqp_url) as publisher:
            try:
                waiting = False
                for sent, message in stream:
                    account.sent[sent.number] = sent
                    await publisher.publish_to(
                        message.exchange, message.routing_key, message.header_frame, message.body
                    )
            except RefusedError as error:
                account.reasons[str(error)[:60]] += 1
                account.unconfirmed[sent.number] = account.sent.pop(sent.number)
                waiting = True


@asynccontextmanager
async def _watching(stack: LocalStack, account: Account) -> AsyncIterator[_Watch]:
    """Take in every dead letter and every announced event."""
    watch = _Watch()
    async with await aio_pika.connect(stack.amqp_url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=50)

        async def kept(queue: str, message: AbstractIncomingMessage) -> None:
            if message.type == _LAST:
                watch.ends[queue].set()
            else:
                account.take_in_kept(queue, message)
            await message.ack()
            watch.news.set()

        async def announced(message: AbstractIncomingMessage) -> None:
            if message.app_id in SYSTEM.names and NUMBER not in message.headers:
                account.take_in_answer(read(message.headers, message.content_type, message.body))
                watch.news.set()

        for name in DEAD_LETTERS:
            await (await channel.declare_queue(name, passive=True)).consume(partial(kept, name))
        inbox = await channel.declare_queue(exclusive=True)
        for event_type in CATALOGUE:  # not to `#`, or nothing would be unrouted
            await inbox.bind(EVENTS, binding_key(event_type))
        await inbox.consume(announced, no_ack=True)
        yield watch


async def _until_settled(stack: LocalStack, account: Account, news: asyncio.Event) -> None:
    """Wait until every message is kept or answered, as long as there is news."""
    async with _database(stack) as documents:
        while open_ := account.open():
            account.noted |= await _noted(documents, [sent.id for sent, _ in open_ if sent.id])
            if len(account.open()) < len(open_):
                continue
            news.clear()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await news.wait()
            except TimeoutError:
                return  # the account will say what is missing


async def _noted(documents: Any, ids: list[str]) -> set[str]:
    found = documents["registry"].find(
        {"event.id": {"$in": ids}, "event.type": ASSESSMENT_REJECTED.type}, {"event.id": 1}
    )
    return {document["event"]["id"] async for document in found}


async def _unanswered_at_the_end(portal: Portal, account: Account) -> list[str]:
    """File a dossier of each fate, and return those that nobody was told of."""
    lost = []
    for example in (_GOOD, _FAULTY, _UNKNOWN_ANSWERS):
        dossier = fresh(SystemRandom(), filed_event(filed_dossiers()[example], "last"))
        account.others.add(dossier.id)
        try:
            await portal.event(await portal.file(dossier.data, id=dossier.id), "alert.delivered")
        except TimeoutError:
            lost.append(f"example {example} was not answered at the end")
    return lost


async def _stop(services: list[Process], portal: Portal) -> None:
    """Stop the services, those whose events others still read before those others.

    An answer is not always the end: a rejected assessment is answered by an alert while the registry moves its round.
    """
    for service in services:
        for queue in SYSTEM.queues:
            if queue.name.startswith(f"{service.name}."):
                await portal.until_depth(queue.name, 0)
        await service.stop()


async def _until_read(channel: AbstractChannel, ends: dict[str, asyncio.Event]) -> None:
    """Wait until every queue of dead letters has been read up to a last message that we put there."""
    for name in DEAD_LETTERS:
        await channel.default_exchange.publish(aio_pika.Message(b"", type=_LAST), name)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(end.wait() for end in ends.values()))


def _troubles(services: list[Process]) -> list[str]:
    """Return what the services' own logs tell of bugs, and of lines that are no JSON."""
    troubles = []
    for service in services:
        for line in service.log_file.read_text("utf-8", "surrogateescape").splitlines():
            try:
                logged: dict[str, Any] = json.loads(line)
            except ValueError:
                troubles.append(f"{service.name} printed {line[:300]!r}")
            else:
                if logged.get("action") == "fail" or logged.get("level") == "critical":
                    troubles.append(f"{service.name}: {logged.get('error')} {logged.get('traceback', '')[-300:]}")
    return troubles[:20]


#: What notifications gives itself to do is announced to nobody.
_TASKS = frozenset(kind.type for kind in TASKS)


def _memory(services: list[Process]) -> dict[str, int]:
    """Return each service's resident memory in KiB."""
    return {
        service.name: int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{service.pid}/status").read_text())[1])  # type: ignore[index]
        for service in services
    }


async def _unlike(stack: LocalStack, account: Account) -> list[str]:
    """Return the events that were announced and stand in no record, and the other way round."""
    announced = {event.id for events in account.answers.values() for event in events.values()}
    recorded: Counter[str] = Counter()
    async with _database(stack) as documents:
        for collection in documents.values():
            async for document in collection.find({}, {"announced.id": 1, "announced.type": 1}):
                recorded.update(event["id"] for event in document["announced"] if event["type"] not in _TASKS)
    return [
        *(f"the event {id} stands in {count} records" for id, count in recorded.items() if count > 1),
        *(f"the event {id} was announced and not recorded" for id in announced - recorded.keys()),
        *(f"the event {id} was recorded and not announced" for id in recorded.keys() - announced),
    ]


async def _left(channel: AbstractChannel) -> list[str]:
    """Return the queues, read by nobody any more, that still have messages."""
    left = []
    for queue in SYSTEM.queues:
        declared = await channel.declare_queue(queue.name, passive=True)
        if (waiting := declared.declaration_result.message_count) and queue.name != "ocop.journal":
            left.append(f"{waiting} messages are left in {queue.name}")
    return left


@asynccontextmanager
async def _database(stack: LocalStack) -> AsyncIterator[dict[str, Any]]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(stack.mongo_url, tz_aware=True)
    try:
        yield {service: client[database_of(service)][name] for service, name in SYSTEM.collections.items()}
    finally:
        await client.close()
