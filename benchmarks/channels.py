"""Mail beside a webhook that hangs: thousands of deliveries that are not answered must not slow mails down."""

import asyncio
import statistics
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.contestants import services
from benchmarks.plan import Plan
from benchmarks.running import PATIENCE_SECONDS, says_ready
from shared.clock import system_clock
from shared.contracts.catalogue import EVENTS, PRODUCT_REFERRED
from shared.contracts.dossier import Contact, Recipient, RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rounds import Letter, ProductReferred
from shared.contracts.writing import write
from shared.legal_date import legal_date
from shared.messaging.routing import routing_key
from shared.sealing import SealingKey
from shared.system import SYSTEM

#: Mails on their way at the same time: the next event is announced when one has arrived.
ON_THEIR_WAY = 20
#: Where mails are about products of, and where the events of which the webhook alone is told.
_PLACE, _SUBSCRIBED = "25-07918", "01-09574"
_GRACE_SECONDS = 3


@dataclass(frozen=True)
class Mails:
    """Seconds from an event's announcement to its mail's arrival, by round; `waiting` deliveries hang beside them."""

    waiting: int
    medians: tuple[float, ...]
    rates: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the rounds' medians."""
        return statistics.median(self.medians)

    @property
    def rate(self) -> float:
        """Median of the rounds' mails a second."""
        return statistics.median(self.rates)


@dataclass
class _Inbox:
    """A mail server that takes every mail, and says that it came by the product's code in its subject's alert."""

    arrived: dict[str, asyncio.Event] = field(default_factory=dict)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if event := self.arrived.pop(envelope.rcpt_tos[0], None):
            event.set()
        return "250 OK"


async def measure_channels(arena: Arena, plan: Plan) -> Sequence[Mails]:
    """Run notifications alone, and beside as many deliveries to a receiver that hangs as the plan says.

    Raises:
        BenchmarkError: a mail does not arrive.
        StackError: notifications does not become ready.
    """
    measured = []
    for waiting in (0, plan.hanging_deliveries):
        async with _notifications(arena, with_webhook=waiting > 0) as inbox, _registry(arena) as registry:
            numbers = count(100_000_000 if waiting else 1)  # the same event again would be a repeat
            for _ in range(waiting):
                await _announce(arena, registry, next(numbers), address=None)
            await _round(arena, registry, inbox, numbers, plan.round_seconds)  # warm
            rounds = [await _round(arena, registry, inbox, numbers, plan.round_seconds) for _ in range(plan.rounds)]
        mails = Mails(waiting, *(tuple(each) for each in zip(*rounds, strict=True)))
        arena.say(f"mail beside {waiting:,} hanging webhooks: {mails.median * 1000:.0f} ms, {mails.rate:.0f}/s")
        measured.append(mails)
    return measured


@asynccontextmanager
async def _notifications(arena: Arena, *, with_webhook: bool) -> AsyncIterator[_Inbox]:
    """Run notifications with a mail server and, if it is to have one, a subscription whose receiver never answers."""
    inbox, loop = _Inbox(), asyncio.get_running_loop()
    mail = await loop.create_server(lambda: SMTP(inbox, loop=loop, enable_SMTPUTF8=True), "127.0.0.1", 0)
    receiver = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with mail, receiver:
        file = await asyncio.to_thread(
            _subscriptions, arena.stack.folder / "logs", _port(receiver), with_webhook=with_webhook
        )
        settings = {
            "OCOP_SMTP_URL": f"smtp://127.0.0.1:{_port(mail)}",
            "OCOP_WEBHOOKS_FILE": str(file),
            "OCOP_DIGEST_SECONDS": "0",
            "OCOP_QUIET_HOURS": "none",
        }
        worker = next(each for each in services(arena, **settings) if each.name == "notifications")
        process = await arena.stack.processes.start(
            "notifications-channels", worker.command, worker.environment, working_folder=arena.stack.folder
        )
        try:
            await process.until_ready(partial(asyncio.to_thread, says_ready, worker.http_port or 0))
            yield inbox
        finally:
            await process.stop(_GRACE_SECONDS)
            await _purge(arena)


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


def _subscriptions(folder: Path, port: int, *, with_webhook: bool) -> Path:
    secret, file = folder / "webhook-secret", folder / "webhooks.yaml"
    secret.write_text("whsec_" + "A" * 43 + "=\n", "utf-8")
    entry = (
        f"hanging:\n  url: https://127.0.0.1:{port}/\n  secret_file: {secret}\n"
        '  scope: {province: "01"}\n  allow_private: true\n'
    )
    file.write_text(entry if with_webhook else "", "utf-8")
    return file


@asynccontextmanager
async def _registry(arena: Arena) -> AsyncIterator[AbstractChannel]:
    """Yield a channel of the registry."""
    async with await aio_pika.connect(arena.stack.credentials("registry").amqp_url) as connection:
        yield await connection.channel()


async def _purge(arena: Arena) -> None:
    """Leave nothing that waits for a channel: it is no work of the next benchmark."""
    async with await aio_pika.connect(arena.amqp_url("")) as connection:
        channel = await connection.channel()
        for queue in SYSTEM["notifications"].queues:
            await (await channel.get_queue(queue.name)).purge()


async def _announce(arena: Arena, registry: AbstractChannel, number: int, *, address: str | None) -> None:
    """Announce a product's referral, of which its producer is told by mail where there is an address."""
    written = write(_referred(arena, number, address))
    message = aio_pika.Message(written.body, headers=dict(written.headers), user_id="registry", delivery_mode=2)
    message.content_type = written.content_type
    exchange = await registry.get_exchange(EVENTS, ensure=False)
    await exchange.publish(message, routing_key(_referred(arena, number, address)))


def _referred(arena: Arena, number: int, address: str | None) -> Event:
    place = _PLACE if address else _SUBSCRIBED
    code, now = f"{place}-{number}-2026", system_clock()
    referred = ProductReferred(
        product_code=code,
        product_name=f"Chè xanh số {number}",
        product_set=11,
        registration=RegistrationKind.FIRST,
        round=1,
        letter=Letter(number="1/UBND", date=legal_date(now)),
        sealed_recipient=_sealed(arena, address) if address else None,
    )
    data: dict[str, Any] = referred.model_dump(mode="json")
    id = f"channels-{number}"
    return Event(id, "/ocop/registry", PRODUCT_REFERRED.type, data, now, subject=code, correlation_id=id, place=place)


def _sealed(arena: Arena, address: str) -> str:
    recipient = Recipient(name="Hợp tác xã thử", contact=Contact(phone="024 3383 0000", email=address))
    return SealingKey.of(str(arena.stack.credentials("registry").contact_public_key)).seal(recipient)


async def _round(
    arena: Arena, registry: AbstractChannel, inbox: _Inbox, numbers: Iterator[int], seconds: float
) -> tuple[float, float]:
    """Keep mails on their way for so many seconds; return the median of their seconds, and how many came a second."""
    clock, latencies = asyncio.get_running_loop().time, list[float]()
    begun = clock()

    async def one_after_the_other() -> None:
        while clock() - begun < seconds:
            latencies.append(await _arrived(arena, registry, inbox, next(numbers)))

    async with asyncio.TaskGroup() as sending:
        for _ in range(ON_THEIR_WAY):
            sending.create_task(one_after_the_other())
    return statistics.median(latencies), len(latencies) / (clock() - begun)


async def _arrived(arena: Arena, registry: AbstractChannel, inbox: _Inbox, number: int) -> float:
    """Announce an event. Return the seconds until its mail arrived."""
    begun, address = asyncio.get_running_loop().time(), f"htx{number}@example.vn"
    arrived = inbox.arrived[address] = asyncio.Event()
    await _announce(arena, registry, number, address=address)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await arrived.wait()
    except TimeoutError:
        raise BenchmarkError(f"the mail about {number} did not arrive within {PATIENCE_SECONDS} s") from None
    return asyncio.get_running_loop().time() - begun
