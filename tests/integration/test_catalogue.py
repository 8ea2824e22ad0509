"""`ocop report catalogue --follow` beside a stack: a product that gets a certificate appears, a revoked one goes.

What happens while the broker is away is in it once that is back.
"""

import asyncio
import csv
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from pymongo import AsyncMongoClient

from ops.broker_access import Access
from ops.operator_settings import OperatorSettings
from ops.reports.catalogue import following
from ops.reports.catalogue.commands import Wanted, make_files
from services.registry.gazetteer import communes_meant
from services.registry.identity import KnownProduct
from services.registry.rounds import CertificateStatus
from shared.contracts.catalogue import CERTIFICATE_ISSUED, CERTIFICATE_REVOKED, EVENTS, EventType
from shared.contracts.event import Event
from shared.contracts.writing import write
from shared.handling.history import Version
from shared.handling.records import history_document
from shared.messaging.routing import routing_key
from shared.storage import database_of
from shared.system import SYSTEM
from tests.integration.faults import door, until
from tests.unit.registry.products import held, product
from tools.stack import LocalStack

CODE = "01-09574-900101-2026"
#: Of no other test's products.
PLACE = communes_meant("09574", None)[0]
TOKEN = "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiIifQ.c2lnbmVk"
IN_FORCE = held(4, issued_on=date(2026, 1, 1), last_day=date(2126, 1, 1))


def said(kind: EventType[Any]) -> dict[str, Any]:
    """Return what the registry announces of the certificate."""
    certificate = IN_FORCE.certificate.model_dump(mode="json")
    of_all = {"product_code": CODE, "product_name": "Bánh tẻ Hưng Vân", "certificate": certificate}
    if kind is CERTIFICATE_ISSUED:
        return of_all | {"producer_name": "Hưng Vân", "token": TOKEN}
    revocation = {"number": "88/QĐ-UBND", "date": "2026-11-20"}
    return of_all | {"ground": "d", "reason": "Sai nhãn", "revocation": revocation, "concluded_on": "2026-11-10"}


@asynccontextmanager
async def registered(stack: LocalStack) -> AsyncIterator[Any]:
    """Return the register, of which the product is taken out again at the end."""
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        register = client[database_of("registry")][SYSTEM.collections["registry"]]
        try:
            yield register
        finally:
            await register.delete_many({"history.of": CODE})


async def record(register: Any, version: int, state: KnownProduct, kind: EventType[Any]) -> None:
    """Put a version of the product on record, as the registry does, and what it announces of it."""
    history = history_document(Version(CODE, version, state))
    announced = [{"id": str(uuid4()), "type": kind.type, "data": said(kind)}]
    record = {"_id": str(uuid4()), "recorded_at": datetime.now(UTC), "event": {"id": str(uuid4())}}
    await register.insert_one(record | {"history": history, "announced": announced, "dead_letter": None})


async def announce(stack: LocalStack, kind: EventType[Any]) -> None:
    """Announce it as the registry does."""
    id = str(uuid4())
    event = Event(id, "/ocop/registry", kind.type, said(kind), subject=CODE, correlation_id=id, place="01-09574")
    async with await aio_pika.connect(stack.credentials("registry").amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = await channel.get_exchange(EVENTS, ensure=False)
        written = write(event)
        message = aio_pika.Message(written.body, headers=dict(written.headers), user_id="registry", delivery_mode=2)
        message.content_type = written.content_type
        await exchange.publish(message, routing_key(event))


def tokens(file: Path) -> dict[str, str]:
    """Return the tokens of the products that a catalogue has, by their codes."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return {each["product_code"]: each["token"] for each in csv.DictReader(opened)}


@pytest.mark.usefixtures("system")
async def test_the_catalogue_is_made_again_when_a_certificate_changes_and_when_the_broker_is_back(
    stack: LocalStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.1)
    operator, file = stack.credentials("operator"), tmp_path / "ocop.csv"
    settings = OperatorSettings(operator.amqp_url, operator.mongo_url, None, (), None)
    made: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def make(issued: Collection[str]) -> None:
        await make_files(settings, Wanted(csv=file, place=PLACE), issued)
        made.put_nowait(tokens(file))

    async def is_made(*, listed: bool) -> str | None:
        async with asyncio.timeout(60):
            while (CODE in (found := await made.get())) is not listed:
                pass
        return found.get(CODE)

    async with registered(stack) as register, door(operator.amqp_url) as to_the_broker:
        keeping = asyncio.create_task(following.follow(Access(to_the_broker.url), make, PLACE))
        try:
            await is_made(listed=False)
            state = product(IN_FORCE, code=CODE)
            await record(register, 1, state, CERTIFICATE_ISSUED)
            await announce(stack, CERTIFICATE_ISSUED)
            assert await is_made(listed=True) == TOKEN

            ended = IN_FORCE.model_copy(update={"status": CertificateStatus.REVOKED, "ended_on": date(2026, 11, 20)})
            await record(register, 2, state.model_copy(update={"certificates": (ended,)}), CERTIFICATE_REVOKED)
            await announce(stack, CERTIFICATE_REVOKED)
            await is_made(listed=False)

            to_the_broker.shut()
            await record(register, 3, state, CERTIFICATE_ISSUED)
            await announce(stack, CERTIFICATE_ISSUED)
            await until(lambda: "the broker" in capsys.readouterr().err)
            to_the_broker.open()
            assert await is_made(listed=True) == TOKEN
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
