"""A council's session at its busiest: every card and every conclusion is filed at once, behind the session itself."""

import asyncio
import json
import random
import statistics
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from time import monotonic
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel
from pymongo import AsyncMongoClient

from benchmarks.arena import SECRETARIAT_FILE, Arena, BenchmarkError, Json
from benchmarks.contestants import services
from benchmarks.plan import Plan
from benchmarks.running import PATIENCE_SECONDS, says_ready
from services.evaluation.rulebook import ScoreSheet, load_rulebook
from shared.clock import system_clock
from shared.contracts.catalogue import (
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    COUNCIL_RESULT,
    EVENTS,
    INTAKE,
    ROUND_MOVED,
    SCORECARD_FILED,
    EventType,
)
from shared.legal_date import legal_date
from shared.messaging.routing import binding_key, key_at
from shared.storage import database_of
from shared.system import SYSTEM

#: The broker's user of who files, and a place of its.
SECRETARIAT = "integration.secretariat"
PLACE = "25-07918"
MEMBERS = 9
#: seconds that evaluation has to stop
_GRACE_SECONDS = 3


@dataclass(frozen=True)
class Councils:
    """Sessions of so many products and members, and how long each took from its filing to its last result."""

    products: int
    members: int
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Median of the sessions' seconds."""
        return statistics.median(self.seconds)


async def measure_councils(arena: Arena, plan: Plan) -> Councils:
    """Run evaluation, and hold as many sessions as there are rounds.

    Raises:
        BenchmarkError: a product has no result in the end.
        StackError: evaluation does not become ready.
    """
    async with _evaluation(arena), _offices(arena) as (registry, secretariat, results):
        seconds = []
        for number in range(1, plan.rounds + 1):
            products = _products(plan, number)
            await _publish(registry, EVENTS, "registry", (_moved(code, sheet) for code, sheet in products.items()))
            await _until_on_record(arena, products)
            seconds.append(await _session(secretariat, results, plan, number, products))
    measured = Councils(plan.council_products, MEMBERS, tuple(seconds))
    arena.say(f"{measured.products} products, {MEMBERS} members: {measured.median:.2f} s")
    return measured


@asynccontextmanager
async def _evaluation(arena: Arena) -> AsyncIterator[None]:
    file = arena.stack.folder / "logs" / "secretariat.yaml"
    await asyncio.to_thread(file.write_text, SECRETARIAT_FILE, "utf-8")
    worker = next(each for each in services(arena, OCOP_INTEGRATIONS=str(file)) if each.name == "evaluation")
    process = await arena.stack.processes.start(
        "evaluation-councils", worker.command, worker.environment, working_folder=arena.stack.folder
    )
    try:
        await process.until_ready(partial(asyncio.to_thread, says_ready, worker.http_port or 0))
        yield
    finally:
        await process.stop(_GRACE_SECONDS)


@asynccontextmanager
async def _offices(
    arena: Arena,
) -> AsyncIterator[tuple[AbstractChannel, AbstractChannel, "asyncio.Queue[str]"]]:
    """Yield channels of registry and secretariat, and the products whose results are heard of."""
    urls = (arena.stack.credentials(user).amqp_url for user in ("registry", SECRETARIAT))
    results: asyncio.Queue[str] = asyncio.Queue()

    async def heard(message: aio_pika.abc.AbstractIncomingMessage) -> None:
        results.put_nowait(str(message.headers["ce-subject"]))

    async with (
        await aio_pika.connect(next(urls)) as registry,
        await aio_pika.connect(next(urls)) as secretariat,
        await aio_pika.connect(arena.amqp_url("")) as watching,
    ):
        queue = await (await watching.channel()).declare_queue(exclusive=True)
        await queue.bind(EVENTS, binding_key(COUNCIL_RESULT))
        await queue.consume(heard, no_ack=True)
        try:
            yield await registry.channel(), await secretariat.channel(), results
        finally:  # what waits for services that do not run here is no work of theirs in the next benchmark
            admin = await watching.channel()
            for name in SYSTEM.work_queues:
                await (await admin.get_queue(name)).purge()


def _products(plan: Plan, number: int) -> dict[str, ScoreSheet]:
    """Return the codes of a session's products, each with the sheet of its set: all sets have their turn."""
    sheets = load_rulebook().sheets
    return {f"{PLACE}-{number * 1000 + n}-2026": sheets[1 + n % len(sheets)] for n in range(plan.council_products)}


async def _until_on_record(arena: Arena, products: Iterable[str]) -> None:
    """Wait until evaluation knows of products that they are at their council: that is days before its session."""
    codes = list(products)
    moves = {"product_code": {"$in": codes}, "outcome": "followed"}
    async with AsyncMongoClient[Json](arena.stack.mongo_url) as client, asyncio.timeout(PATIENCE_SECONDS):
        ratings = client[database_of("evaluation")][SYSTEM.collections["evaluation"]]
        async with await ratings.watch() as changes:
            while await ratings.count_documents(moves) < len(codes):
                await anext(changes)


async def _session(
    secretariat: AbstractChannel,
    results: "asyncio.Queue[str]",
    plan: Plan,
    number: int,
    products: Mapping[str, ScoreSheet],
) -> float:
    """Hold one session. Return the seconds from its filing to the last result."""
    draw = random.Random(f"{plan.seed}-council-{number}")  # noqa: S311  # drawn cards, no secret
    session = f"session-{number}"
    cards = [card(draw, session, *each, member) for each in products.items() for member in range(1, MEMBERS + 1)]
    draw.shuffle(cards)
    today = legal_date(system_clock())
    filed = [convened(session, list(products)), *cards, *(concluded(session, code, today) for code in products)]
    begun = monotonic()
    await _publish(secretariat, INTAKE, SECRETARIAT, filed)
    await _until_heard(results, set(products))
    return monotonic() - begun


async def _until_heard(results: "asyncio.Queue[str]", awaited: set[str]) -> None:
    while awaited:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                awaited.discard(await results.get())
        except TimeoutError:
            raise BenchmarkError(f"{len(awaited)} products have no result after {PATIENCE_SECONDS} s") from None


#: A kind of event, its id, and its data.
Filed = tuple[EventType[Any], str, Json]


def _moved(code: str, sheet: ScoreSheet) -> Filed:
    data = {
        "product_code": code,
        "product_name": "Sản phẩm",
        "product_set": sheet.product_set,
        "registration": "first",
        "round": 1,
        "from_stage": "at-commune",
        "to_stage": "at-province",
        "why": "commune.assessed",
    }
    return ROUND_MOVED, f"moved-{code}", data


def convened(session: str, products: list[str], province: str = PLACE[:2]) -> Filed:
    """Return what convenes a province's council for a session."""
    seats = ["chair", *["member"] * (MEMBERS - 1)]
    members = [{"id": f"m{n}", "office": f"Sở {n}", "seat": seat} for n, seat in enumerate(seats, 1)]
    data = {"session": session, "level": "province", "province_code": province, "regulation": "province-default"}
    return COUNCIL_CONVENED, session, {**data, "members": members, "products": products}


def card(draw: random.Random, session: str, code: str, sheet: ScoreSheet, member: int) -> Filed:
    """Return a card with everything at its best but for one criterion."""
    lower = draw.choice(sheet.leaves)
    answers = [
        {"criterion": leaf.code, "option": max(1, len(leaf.options) - (leaf is lower)), "evidence": "Đã xem hồ sơ."}
        for leaf in sheet.leaves
    ]
    filed = {"session": session, "product_code": code, "member": f"m{member}", "score_sheet": sheet.code}
    return SCORECARD_FILED, f"card-{code}-{member}", {**filed, "answers": answers, "remarks": "Nhất trí."}


def concluded(session: str, code: str, on: date) -> Filed:
    """Return what concludes a session's work on a product, with all members present."""
    present = [f"m{n}" for n in range(1, MEMBERS + 1)]
    data = {"session": session, "product_code": code, "present": present, "presided_by": "m1"}
    return COUNCIL_CONCLUDED, f"conclusion-{code}", {**data, "held_on": on.isoformat()}


async def _publish(channel: AbstractChannel, exchange: str, user: str, filed: Iterable[Filed]) -> None:
    """Publish as fast as the broker confirms; the first before all others."""
    to = await channel.get_exchange(exchange, ensure=False)
    messages: Iterator[Filed] = iter(filed)
    for kind, id, data in messages:
        await to.publish(message(kind, id, data, user), _key(kind))
        break
    await asyncio.gather(*(to.publish(message(*each, user), _key(each[0])) for each in messages))


def _key(kind: EventType[Any]) -> str:
    return key_at(kind, PLACE) if kind.exchange == EVENTS else kind.routing_key


def message(kind: EventType[Any], id: str, data: Json, user: str) -> aio_pika.Message:
    """Return the message with which a user announces or files an event."""
    headers: dict[str, Any] = {"ce-specversion": "1.0", "ce-id": id, "ce-source": f"/{user}", "ce-type": kind.type}
    if kind is ROUND_MOVED:
        headers["ce-sequence"] = f"{2:010}"
    body = json.dumps(data, ensure_ascii=False).encode()
    return aio_pika.Message(body, headers=headers, content_type="application/json", user_id=user, delivery_mode=2)
