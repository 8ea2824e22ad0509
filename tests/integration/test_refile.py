"""An older database under a newer broker: `ocop refile` brings the dossiers back, and their codes are the same."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage
from pymongo import AsyncMongoClient

from shared.contracts.catalogue import DOSSIER_FILED
from shared.storage import database_of
from shared.system import SYSTEM
from tests.integration.dossiers import new_dossier
from tests.integration.older_database import COMMUNE, PORTAL, answers, at_work, bring_back_to, filed, new
from tests.integration.operator import Operator, integration, operator_of
from tests.integration.portal import Portal
from tools.stack import LocalStack

QUEUE = SYSTEM["registry"].subscription(DOSSIER_FILED).queue
BEFORE, AFTER = 5, 30


@pytest.fixture
async def restored(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A stack of its own, since its database is brought back to an older state."""
    async with LocalStack(tmp_path_factory.mktemp("restored")) as stack:
        yield stack


@pytest.fixture
def operator(restored: LocalStack) -> Operator:
    return operator_of(restored)


async def senders(stack: LocalStack, ids: list[str]) -> set[str]:
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        found = client[database_of("registry")]["products"].find({"event.id": {"$in": ids}})
        return {document["event"]["filed_by"] async for document in found}


async def test_products_get_the_codes_that_they_had_and_what_depends_on_them_the_answers(
    restored: LocalStack, operator: Operator
) -> None:
    turned_back = new_dossier() | {"self_assessment": {"answers": [{"criterion": "99", "option": 1}]}}
    async with at_work(restored) as portal:
        kept = await answers(portal, await filed(restored, *new(BEFORE)))
        moment = datetime.now(UTC)
        lost = await answers(portal, await filed(restored, *new(AFTER - 1)))
        lost |= await answers(portal, await filed(restored, *new(1), key="mistyped", CC=["dossier.filed.v1"]))
        first = (await filed(restored, turned_back))[0]
        lost |= await answers(portal, [first])
        await portal.event(first, "assessment.rejected")
        await portal.until_depth("registry.assessment-rejected", 0)
    async with at_work(restored) as portal:  # what was turned back has been noted by now
        mended = turned_back | {"self_assessment": new_dossier()["self_assessment"]}
        upgrade = upgrade_of(mended, lost[first][1])
        following = await answers(portal, await filed(restored, mended))
        following |= await answers(portal, await filed(restored, upgrade))
        (rejected,) = await filed(restored, new_dossier() | {"samples": 4})
        refusal = await portal.event(rejected, "dossier.rejected")
        while_running = await operator.ocop("refile", "--from", "first", "--yes")
    await bring_back_to(restored, moment)

    ran = await operator.ocop("refile", "--from", "first", "--yes")
    twice = await operator.ocop("refile", "--from", "first", "--yes")
    too_early = await operator.ocop("refile", "--from", "first", "--rest", "--yes")
    async with at_work(restored) as portal:
        assert await answers(portal, list(lost)) == lost
        await portal.event(first, "assessment.rejected")
        for queue in (QUEUE, "registry.assessment-rejected"):
            await portal.until_depth(queue, 0)
    async with at_work(restored) as portal:
        rest = await operator.ocop("refile", "--from", "first", "--rest", "--yes")
        assert await answers(portal, list(following)) == following
        assert (await portal.event(rejected, "dossier.rejected")).id == refusal.id
        later = await answers(portal, await filed(restored, *new(1)))

    assert (while_running.code, while_running.errors) == (
        1,
        "ocop: the registry runs: stop every instance of it first\n",
    )
    assert (ran.code, ran.text) == (
        0,
        f"{BEFORE + AFTER + 1} dossiers brought back to {QUEUE}: start one registry now\n",
    )
    assert (twice.code, f"{BEFORE + AFTER + 1} dossiers wait in {QUEUE}. Purge it" in twice.errors) == (1, True)
    assert (too_early.code, "the registry does not run" in too_early.errors) == (1, True)
    assert (rest.code, rest.text) == (0, f"3 dossiers brought back to {QUEUE}\n")
    codes = [code for _, code in (kept | lost | later).values() if f"-{COMMUNE}-" in code]
    assert sorted(int(code.split("-")[2]) for code in codes) == list(range(1, BEFORE + AFTER + 2))
    assert await senders(restored, [*kept, *lost, *following, rejected]) == {PORTAL}


def upgrade_of(dossier: dict[str, Any], code: str) -> dict[str, Any]:
    change_report = dossier["documents"][0] | {"type": "change-report"}
    documents = [*dossier["documents"], change_report]
    return dossier | {"registration": "upgrade", "product_code": code, "documents": documents}


async def test_a_beginning_that_is_too_late_is_said(restored: LocalStack, operator: Operator) -> None:
    stories = [*await filed(restored, *new(1)), *await filed(restored, *new(1))]
    async with at_work(restored) as portal:
        await answers(portal, stories)
    journal = (await operator.ocop("journal", "--type", "dossier.filed", "--json")).lines

    ran = await operator.ocop("refile", "--from", str(journal[-1]["offset"]), "--yes")

    assert (ran.code, "were given a code for dossiers from before --from: begin earlier" in ran.errors) == (1, True)


async def test_the_rest_goes_back_byte_for_byte_and_a_service_s_own_stays(
    restored: LocalStack, operator: Operator
) -> None:
    await publish_into_the_intake_by_a_dead_letter(restored, as_service="registry")
    (id,) = await filed(restored, {"samples": 4})
    async with integration(restored) as sender:
        await sender.send(b"\xff\x00", user_id=PORTAL)
        await sender.send(b"garbage")  # and does not say who it is
    taken: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    async with await aio_pika.connect(restored.amqp_url) as connection:
        queue = await Portal(await connection.channel()).channel.get_queue(QUEUE)
        await queue.consume(taken.put, no_ack=True)  # in the registry's place
        before = [(await taken.get()).body for _ in range(4)]

        none = await operator.ocop("refile", "--from", "2999-01-01", "--rest", "--yes")
        unasked = await operator.ocop("refile", "--from", "first", "--rest")
        ran = await operator.ocop("refile", "--from", "first", "--rest", "--yes", "--json")
        after = [await taken.get() for _ in range(3)]

    assert (none.code, none.errors) == (1, "ocop: there is no such dossier in the journal from there on\n")
    assert (unasked.code, unasked.errors) == (2, "ocop: these are 3 dossiers, and nobody can be asked: add --yes\n")
    assert (ran.code, len(ran.lines), ran.lines[0]["id"]) == (0, 3, id)
    assert taken.empty()
    assert [b"from a service", *(each.body for each in after)] == before
    assert [each.headers.get("x-ocop-filed-by") for each in after] == [PORTAL, PORTAL, None]


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
    ("arguments", "said"),
    [
        ((), "Missing option '--from'"),
        (("--from", "next"), "ocop: --from must be a time, first, or an offset\n"),
        (("--from", "yesterday"), "'yesterday' is no time"),
    ],
)
async def test_what_cannot_be_meant_is_said(arguments: tuple[str, ...], said: str) -> None:
    ran = await Operator("amqp://operator:x@127.0.0.1:1/").ocop("refile", *arguments)

    assert (ran.code, said in ran.errors) == (2, True), ran.errors


async def test_only_the_operator_is_believed_who_filed(restored: LocalStack) -> None:
    await filed(restored, {"samples": 4})
    async with at_work(restored) as portal:
        await portal.until_depth(QUEUE, 0)
        ran = await Operator(restored.amqp_url).ocop("refile", "--from", "first", "--rest", "--yes")

    assert (ran.code, "ocop: log in as the user operator: " in ran.errors) == (1, True)
