"""Two provinces on one broker: each files and asks of its own place, which the services hold and the broker cannot."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.exceptions import ChannelAccessRefused
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.integrations import load_integrations
from shared.scope_file import LOOK_SECONDS
from tests.integration.dossiers import new_dossier
from tests.integration.operator import ROOT, Ran, ended
from tests.integration.portal import PATIENCE_SECONDS
from tests.integration.recognition import recognise_in
from tests.integration.running import APPS, running_service
from tests.unit.certificate_keys import SIGNING_KEYS
from tests.unit.contact_keys import PUBLIC_KEY
from tools.stack import LocalStack

HANOI, PHU_THO, CENTRE = "integration.ha-noi", "integration.phu-tho", "integration.centre"
LISTENS = "listens_to: [product.submitted, dossier.rejected, product.rated]"
FILE = f"""
ha-noi: {{scope: {{province: "01"}}, {LISTENS}}}
phu-tho: {{scope: {{portal: ["25"]}}, {LISTENS}}}
centre: {{scope: centre, {LISTENS}}}
"""
KEYS = {kind: f"{kind}.v1" for kind in ("dossier.filed", "product.query", "producer.succeeded")}


class Integration:
    """One integration: files and asks as its own user, and reads its own queue."""

    def __init__(self, user: str, channel: AbstractChannel) -> None:
        self.user = user
        self.channel = channel

    async def send(self, kind: str, data: dict[str, Any], *, key: str | None = None, **headers: Any) -> str:
        """Publish an event, and return its id."""
        id = str(uuid4())
        named = {"ce-specversion": "1.0", "ce-id": id, "ce-source": f"/{self.user}", "ce-type": f"vn.ocop.{kind}.v1"}
        message = aio_pika.Message(
            json.dumps(data).encode(), headers=named | headers, content_type="application/json", user_id=self.user
        )
        await (await self.channel.get_exchange("ocop.intake", ensure=False)).publish(message, key or KEYS[kind])
        return id

    async def answer(self, id: str) -> tuple[str, dict[str, Any]]:
        """Wait for the first answer to an event, and return its type and data."""
        message = await self._caused_by(id)
        return str(message.headers["ce-type"]), json.loads(message.body)

    async def _caused_by(self, id: str) -> AbstractIncomingMessage:
        inbox = await self.channel.get_queue(f"{self.user}.events", ensure=False)
        async with asyncio.timeout(PATIENCE_SECONDS), inbox.iterator(no_ack=True) as messages:
            async for message in messages:
                if message.headers.get("ce-causationid") == id:
                    return message
        raise AssertionError(id)


def codes(data: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault["pointer"], fault["code"]) for fault in data["faults"]]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("scopes") / "integrations.yaml"
    file.write_text(FILE, "utf-8")
    return file


@pytest.fixture(scope="module")
async def own_stack(file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A broker of its own that knows these integrations, with the registry and evaluation."""
    content = definitions(load_integrations(file), delay_milliseconds=50)
    async with AsyncExitStack() as running:
        folder = tmp_path_factory.mktemp("scoped")
        stack = await running.enter_async_context(LocalStack(folder, definitions=content, fresh=True))
        for name in ("registry", "evaluation"):
            await running.enter_async_context(running_service(stack, APPS[name], integrations=file))
        yield stack


@asynccontextmanager
async def connected(stack: LocalStack, user: str) -> AsyncIterator[Integration]:
    async with await aio_pika.connect(stack.credentials(user).amqp_url) as connection:
        yield Integration(user, await connection.channel(publisher_confirms=True, on_return_raises=True))


@pytest.fixture
async def hanoi(own_stack: LocalStack) -> AsyncIterator[Integration]:
    async with connected(own_stack, HANOI) as integration:
        yield integration


@pytest.fixture
async def phu_tho(own_stack: LocalStack) -> AsyncIterator[Integration]:
    async with connected(own_stack, PHU_THO) as integration:
        yield integration


async def on_record(stack: LocalStack, id: str) -> dict[str, Any]:
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        record = await client["ocop_registry"]["products"].find_one({"event.id": id})
    assert record
    return record


def became_a_company(dossier: dict[str, Any], code: str) -> dict[str, Any]:
    return {
        "product_code": code,
        "former_producer": {"registration_number": dossier["producer"]["registration_number"]},
        "producer": {"name": "Công ty TNHH Bánh tẻ", "kind": "enterprise", "tax_code": "0106858609"},
        "documents": [dossier["documents"][0] | {"type": "business-registration"}],
    }


async def test_an_office_records_that_a_household_became_a_company_which_files_for_its_product(
    own_stack: LocalStack, hanoi: Integration
) -> None:
    dossier = new_dossier()
    _, submitted = await hanoi.answer(await hanoi.send("dossier.filed", dossier))
    succession = became_a_company(dossier, code := submitted["product_code"])

    filing = await hanoi.send("producer.succeeded", succession)
    assert await hanoi.answer(filing) == (
        "vn.ocop.product.transferred.v1",
        {"product_code": code, "filing_id": filing},
    )
    await recognise_in(own_stack, code)
    report = dossier["documents"][0] | {"type": "change-report"}
    upgrade = {"registration": "upgrade", "product_code": code, "documents": [*dossier["documents"], report]}
    company = {"producer": succession["producer"] | {"contact": dossier["producer"]["contact"]}}
    kind, again = await hanoi.answer(await hanoi.send("dossier.filed", dossier | upgrade | company))

    assert (kind, again["product_code"]) == ("vn.ocop.product.submitted.v1", code)


async def test_the_broker_refuses_a_succession_of_who_may_never_file_one(phu_tho: Integration) -> None:
    with pytest.raises(ChannelAccessRefused):
        await phu_tho.send("producer.succeeded", became_a_company(new_dossier(), "25-07918-1-2026"))


async def test_each_files_for_its_own_place_only(
    own_stack: LocalStack, hanoi: Integration, phu_tho: Integration
) -> None:
    dossier = new_dossier()

    refused = await phu_tho.send("dossier.filed", dossier)
    type, data = await phu_tho.answer(refused)
    accepted, _ = await hanoi.answer(await hanoi.send("dossier.filed", dossier))

    assert (type, codes(data), data["sealed_recipient"]) == (
        "vn.ocop.dossier.rejected.v1",
        [("/product/province_code", "out-of-scope")],
        None,
    )
    assert accepted == "vn.ocop.product.submitted.v1"
    assert (await on_record(own_stack, refused))["event"]["filed_by"] == PHU_THO


async def test_each_asks_of_its_own_place_only_and_learns_nothing_of_another(
    hanoi: Integration, phu_tho: Integration
) -> None:
    _, submitted = await hanoi.answer(await hanoi.send("dossier.filed", new_dossier()))
    code = submitted["product_code"]

    known, _ = await hanoi.answer(await hanoi.send("product.query", {"product_code": code}))
    refused = [
        await phu_tho.answer(await phu_tho.send("product.query", {"product_code": asked}))
        for asked in (code, "01-09574-999999-2026")
    ]

    assert known == "vn.ocop.product.state.v1"
    assert [type for type, _ in refused] == ["vn.ocop.query.rejected.v1"] * 2
    assert refused[0][1]["faults"] == refused[1][1]["faults"]
    assert codes(refused[0][1]) == [("/product_code", "out-of-scope")]


async def test_a_kind_that_the_scope_has_not_is_refused_by_the_broker_and_behind_a_copy_by_the_service(
    own_stack: LocalStack,
) -> None:
    async with connected(own_stack, CENTRE) as centre:
        with pytest.raises(ChannelAccessRefused):
            await centre.send("dossier.filed", new_dossier())
    async with connected(own_stack, CENTRE) as centre:
        id = await centre.send("dossier.filed", new_dossier(), key="mistyped", CC=["dossier.filed.v1"])

        assert codes((await centre.answer(id))[1]) == [("", "out-of-scope")]

    record = await on_record(own_stack, id)
    assert (record["outcome"], record["event"]["filed_by"], record["event"]["filed_as"]) == (
        "rejected",
        CENTRE,
        "centre",
    )


async def test_a_change_of_the_file_holds_without_a_restart(file: Path, hanoi: Integration) -> None:
    question = {"product_code": "25-07918-1-2026"}
    assert (await hanoi.answer(await hanoi.send("product.query", question)))[0] == "vn.ocop.query.rejected.v1"
    written = file.with_suffix(".new")
    written.write_text(FILE.replace('{province: "01"}', '{portal: ["01", "25"]}'), "utf-8")
    written.replace(file)

    async def answered() -> str:
        return (await hanoi.answer(await hanoi.send("product.query", question)))[0]

    async with asyncio.timeout(PATIENCE_SECONDS):
        while await answered() != "vn.ocop.product.state.v1":  # noqa: ASYNC110  # the service looks when it is asked
            await asyncio.sleep(LOOK_SECONDS / 4)


@pytest.mark.parametrize("service", ["registry", "evaluation"])
async def test_a_service_does_not_start_with_a_file_that_cannot_be_used(tmp_path: Path, service: str) -> None:
    broken = tmp_path / "integrations.yaml"
    broken.write_text("ha-noi: {scope: {province: 1}, listens_to: [product.rated]}", "utf-8")

    ran = await _started(service, OCOP_INTEGRATIONS=str(broken))

    assert ran.code == 2
    first, *rest = ran.errors.splitlines()
    assert f"{broken}: ha-noi.scope: 1 is not the code of a province" in first
    assert rest == []


async def _started(service: str, **settings: str) -> Ran:
    environment = {
        "PATH": "/usr/bin:/bin",
        "OCOP_AMQP_URL": "amqp://b/",
        "OCOP_MONGO_URL": "mongodb://d/",
        "OCOP_PRODUCER_KEY": "k" * 32,
        "OCOP_CONTACT_PUBLIC_KEY": PUBLIC_KEY,
        "OCOP_CERTIFICATE_KEYS": SIGNING_KEYS,
        **settings,
    }
    command = [sys.executable, "-m", f"services.{service}"]
    pipe = asyncio.subprocess.PIPE
    return await ended(
        await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe)
    )
