"""An older database under a newer broker: `ocop refile` brings the dossiers back, and their codes are the same."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from ops.access.database import COLLECTIONS
from ops.stack import LocalStack
from shared.storage import database_of
from tests.integration.dossiers import COMMUNES, new_dossier
from tests.integration.operator import Operator, operator_of
from tests.integration.portal import Portal, opened_portal
from tests.integration.running import WIRES, running_service

COMMUNE = next(COMMUNES)
BEFORE, AFTER = 5, 40


@pytest.fixture(scope="module")
async def restored(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A stack of its own, since its database is brought back to an older state."""
    async with LocalStack(tmp_path_factory.mktemp("restored"), definitions=definitions({})) as stack:
        yield stack


@pytest.fixture
def operator(restored: LocalStack) -> Operator:
    return operator_of(restored)


async def services(stack: LocalStack, opened: AsyncExitStack) -> None:
    for name in WIRES:
        await opened.enter_async_context(running_service(stack, name))


async def codes(portal: Portal, stories: list[str]) -> dict[str, str]:
    """Give the code of each dossier's product, once its producer is told."""
    told = [await portal.event(story, "alert.delivered") for story in stories]
    return {str(event.correlation_id): event.data["product_code"] for event in told}


async def filed(portal: Portal, count: int) -> list[str]:
    return [await portal.file(new_dossier(commune_code=COMMUNE)) for _ in range(count)]


async def bring_back_to(stack: LocalStack, moment: datetime) -> None:
    """Make the database what it was then: records are only ever inserted."""
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        for service, name in COLLECTIONS.items():
            await client[database_of(service)][name].delete_many({"recorded_at": {"$gt": moment}})


async def test_products_get_the_codes_that_they_had(restored: LocalStack, operator: Operator) -> None:
    async with AsyncExitStack() as opened, opened_portal(restored.amqp_url) as portal:
        await services(restored, opened)
        kept = await codes(portal, await filed(portal, BEFORE))
        moment = datetime.now(UTC)
        lost = await codes(portal, await filed(portal, AFTER))
        while_running = await operator.ocop("refile", "--from", moment.isoformat(), "--yes")
    await bring_back_to(restored, moment)

    ran = await operator.ocop("refile", "--from", moment.isoformat(), "--yes")
    again = await operator.ocop("refile", "--from", moment.isoformat(), "--yes")

    async with AsyncExitStack() as opened, opened_portal(restored.amqp_url) as portal:
        await services(restored, opened)
        anew = await codes(portal, list(lost))
        (later,) = (await codes(portal, await filed(portal, 1))).values()

    assert (while_running.code, while_running.errors) == (
        1,
        "ocop: the registry runs: stop every instance of it first\n",
    )
    count = int(ran.text.split(" dossiers")[0])
    assert AFTER <= count <= BEFORE + AFTER  # a stream is entered at the chunk that holds the moment
    assert (again.code, f"{count} dossiers wait in registry.dossier-filed" in again.errors) == (1, True)
    assert anew == lost
    serials = sorted(int(code.split("-")[2]) for code in (*kept.values(), *lost.values(), later))
    assert serials == list(range(1, BEFORE + AFTER + 2))


async def test_it_goes_back_byte_for_byte_with_whoever_filed_it_and_a_service_s_own_stays(
    restored: LocalStack, operator: Operator
) -> None:
    id, garbage = str(uuid4()), str(uuid4())
    begun = datetime.now(UTC)
    await publish_into_the_intake_by_a_dead_letter(restored, as_service="registry")
    for body, name in ((b'{"samples": 4}', id), (b"\xff\x00", garbage)):
        async with await aio_pika.connect(restored.credentials("operator").amqp_url) as connection:
            headers = {"ce-specversion": "1.0", "ce-id": name, "ce-source": "/t", "ce-type": "vn.ocop.dossier.filed.v1"}
            intake = await (await connection.channel()).get_exchange("ocop.intake", ensure=False)
            message = aio_pika.Message(body, headers={**headers}, user_id="operator", content_type="application/json")
            await intake.publish(message, "dossier.filed.v1")
    async with await aio_pika.connect(restored.amqp_url) as connection:
        admin = Portal(await connection.channel())
        filed = [message.body for message in await admin.rest_of("registry.dossier-filed")]

        ran = await operator.ocop("refile", "--from", begun.isoformat(), "--yes", "--json")
        messages = await admin.rest_of("registry.dossier-filed")

    mine = [each for each in messages if each.headers.get("ce-id") in {id, garbage}]
    assert len(filed) == 3
    assert b"from a service" not in [each.body for each in messages]
    assert [(each.headers["ce-id"], each.body) for each in mine] == [(id, b'{"samples": 4}'), (garbage, b"\xff\x00")]
    assert {each.headers["x-ocop-filed-by"] for each in mine} == {"operator"}
    assert [line["id"] for line in ran.lines][-2:] == [id, garbage]


async def publish_into_the_intake_by_a_dead_letter(stack: LocalStack, *, as_service: str) -> None:
    """Let a queue of somebody's send what a service has announced into the intake."""
    arguments = {"x-dead-letter-exchange": "ocop.intake", "x-dead-letter-routing-key": "dossier.filed.v1"}
    async with await aio_pika.connect(stack.amqp_url) as connection:
        channel = await connection.channel()
        detour = await channel.declare_queue(auto_delete=True, arguments={**arguments})
        await detour.bind("ocop.events", "product.submitted.v1")
        async with await aio_pika.connect(stack.credentials(as_service).amqp_url) as service:
            events = await (await service.channel()).get_exchange("ocop.events", ensure=False)
            message = aio_pika.Message(b"from a service", user_id=as_service)
            await events.publish(message, "product.submitted.v1")
        taken = await detour.get()
        await taken.reject(requeue=False)
        await Portal(channel).until_depth("registry.dossier-filed", 1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "Missing option '--from'"),
        (("--from", "next"), 2, "ocop: --from must be a time, first, or an offset\n"),
        (("--from", "yesterday"), 2, "'yesterday' is no time"),
        (("--from", "2999-01-01"), 0, "ocop: no dossier was filed from there on\n"),
        (("--from", "first"), 2, "and nobody can be asked: add --yes\n"),
    ],
)
async def test_what_cannot_be_meant_is_said(
    restored: LocalStack, operator: Operator, arguments: tuple[str, ...], code: int, said: str
) -> None:
    async with await aio_pika.connect(restored.amqp_url) as connection:
        await Portal(await connection.channel()).empty("registry.dossier-filed")

    ran = await operator.ocop("refile", *arguments)

    assert (ran.code, said in ran.errors) == (code, True), ran.errors
