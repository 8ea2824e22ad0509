"""An older database under a newer broker: `ocop refile` brings the dossiers back, and their codes are the same."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from shared.contracts.catalogue import DOSSIER_FILED, PRODUCT_SUBMITTED
from shared.integrations import load_integrations
from shared.messaging.routing import binding_key
from shared.storage import database_of
from shared.system import SYSTEM
from tests.conftest import DELAY_MILLISECONDS
from tests.integration.dossiers import new_dossier
from tests.integration.feeding import FEED, feeding
from tests.integration.older_database import COMMUNE, PORTAL, answers, at_work, bring_back_to, filed, new
from tests.integration.operator import Operator, integration, operator_of
from tests.integration.portal import SOURCE, TYPE, Portal, opened_portal
from tests.integration.running import APPS, running_service
from tools.stack import LocalStack

QUEUE = SYSTEM["registry"].subscription(DOSSIER_FILED).queue
BEFORE, AFTER = 5, 30
#: How a dossier is taken back, in the place of how one is filed.
WITHDRAWN = {"key": "dossier.withdrawn.v1", "ce-type": "vn.ocop.dossier.withdrawn.v1"}


@pytest.fixture
async def restored(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A stack of its own, since its database is brought back to an older state."""
    content = definitions(load_integrations(), delay_milliseconds=DELAY_MILLISECONDS)
    async with LocalStack(tmp_path_factory.mktemp("restored"), definitions=content, fresh=True) as stack:
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
        await portal.until_depth("registry.life", 0)
    async with at_work(restored) as portal:  # what was turned back has been noted by now
        mended = turned_back | {"self_assessment": new_dossier()["self_assessment"]}
        following = await answers(portal, await filed(restored, mended))
        taken_back = await filed(restored, {"product_code": lost[first][1], "reason": "Chưa đủ giấy tờ."}, **WITHDRAWN)
        ended = await answers(portal, taken_back, name="round.moved")
        (rejected,) = await filed(restored, new_dossier() | {"samples": 4})
        await portal.event(rejected, "dossier.rejected")
        while_running = await operator.ocop("refile", "--from", "first", "--yes")
    await bring_back_to(restored, moment)

    ran = await operator.ocop("refile", "--from", "first", "--yes")
    twice = await operator.ocop("refile", "--from", "first", "--yes")
    too_early = await operator.ocop("refile", "--from", "first", "--rest", "--yes")
    async with at_work(restored) as portal:
        assert await answers(portal, list(lost)) == lost
        await portal.event(first, "assessment.rejected")
        for queue in (QUEUE, "registry.life"):
            await portal.until_depth(queue, 0)
    async with at_work(restored) as portal:
        rest = await operator.ocop("refile", "--from", "first", "--rest", "--yes")
        assert await answers(portal, list(following)) == following
        assert await answers(portal, taken_back, name="round.moved") == ended
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
    assert (rest.code, rest.text) == (0, f"2 filings brought back to {QUEUE}\n")  # not the one that was rejected
    codes = [code for _, code in (kept | lost | later).values() if f"-{COMMUNE}-" in code]
    assert sorted(int(code.split("-")[2]) for code in codes) == list(range(1, BEFORE + AFTER + 2))
    assert await senders(restored, [*kept, *lost, *following, *taken_back]) == {PORTAL}


async def test_an_upgrade_that_was_refused_before_its_product_was_known_gets_no_second_answer(
    restored: LocalStack, operator: Operator
) -> None:
    product = new_dossier()
    async with at_work(restored) as portal:
        moment = datetime.now(UTC)
        place = "{province_code}-{commune_code}".format(**product["product"])
        (early,) = await filed(restored, upgrade_of(product, f"{place}-1-{moment:%Y}"))
        assert [fault["code"] for fault in (await portal.event(early, "dossier.rejected")).data["faults"]] == [
            "product-unknown"
        ]
        given = await answers(portal, await filed(restored, product))
    await bring_back_to(restored, moment)

    await operator.ocop("refile", "--from", "first", "--yes")
    async with at_work(restored) as portal:
        assert await answers(portal, list(given)) == given
        rest = await operator.ocop("refile", "--from", "first", "--rest", "--yes")

    assert (rest.code, rest.errors) == (1, "ocop: there is no such dossier in the journal from there on\n")


async def test_a_dossier_that_the_journal_lacks_is_named_and_its_code_is_given_to_nobody_else(
    restored: LocalStack, operator: Operator
) -> None:
    async with at_work(restored) as portal:
        moment = datetime.now(UTC)
        given = await answers(portal, await filed(restored, *new(2)))
        ((_, lost),) = (await answers(portal, [await file_past_the_journal(portal, new(1)[0])])).values()
    await bring_back_to(restored, moment)

    refused = await operator.ocop("refile", "--from", "first", "--yes")
    ran = await operator.ocop("refile", "--from", "first", "--yes", "--skip-gaps")
    async with at_work(restored) as portal:
        assert await answers(portal, list(given)) == given
        ((_, later),) = (await answers(portal, await filed(restored, *new(1)))).values()
        (upgrade,) = await filed(restored, upgrade_of(new(1)[0], lost))
        await portal.until_depth(f"{QUEUE}.dead", 1)  # no answer is known that would be right

    assert (refused.code, f"the journal has no dossier of {lost}, though" in refused.errors) == (1, True)
    assert (ran.code, ran.text) == (
        0,
        f"2 dossiers, 1 codes kept without a dossier brought back to {QUEUE}: start one registry now\n",
    )
    assert (lost.split("-")[2], later.split("-")[2]) == ("3", "4")
    assert upgrade


async def test_an_answer_that_the_journal_lacks_is_known_by_what_evaluation_made_of_it(
    restored: LocalStack, operator: Operator
) -> None:
    async with at_work(restored) as portal:
        moment = datetime.now(UTC)
        given = await answers(portal, await filed(restored, *new(1)))
        async with unjournaled(portal, binding_key(PRODUCT_SUBMITTED)):
            given |= await answers(portal, await filed(restored, *new(1)))
        given |= await answers(portal, await filed(restored, *new(1)))
        for id in given:
            await portal.event(id, "alert.delivered")
    await bring_back_to(restored, moment)

    ran = await operator.ocop("refile", "--from", "first", "--yes")
    async with at_work(restored) as portal:
        assert await answers(portal, list(given)) == given

    assert (ran.code, ran.errors) == (0, "")


async def test_a_code_without_any_answer_in_the_journal_is_named_and_the_others_keep_theirs(
    restored: LocalStack, operator: Operator
) -> None:
    async with opened_portal(restored.amqp_url) as portal, running_service(restored, APPS["registry"]):
        moment = datetime.now(UTC)
        given = await answers(portal, await filed(restored, *new(1)))
        async with unjournaled(portal, binding_key(PRODUCT_SUBMITTED)):
            ((_, unanswered),) = (await answers(portal, await filed(restored, *new(1)))).values()
        given |= await answers(portal, await filed(restored, *new(2)))
    await bring_back_to(restored, moment)

    refused = await operator.ocop("refile", "--from", "first", "--yes")
    ran = await operator.ocop("refile", "--from", "first", "--yes", "--skip-gaps")
    async with at_work(restored) as portal:
        assert await answers(portal, list(given)) == given
        ((_, later),) = (await answers(portal, await filed(restored, *new(1)))).values()

    assert (refused.code, f"the journal has no answer that gave {unanswered}, though" in refused.errors) == (1, True)
    assert (ran.code, ran.text) == (0, f"3 dossiers brought back to {QUEUE}: start one registry now\n")
    assert (unanswered.split("-")[2], later.split("-")[2]) == ("2", "5")


async def file_past_the_journal(portal: Portal, dossier: dict[str, Any]) -> str:
    """File a dossier that the journal does not get, and give its id."""
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE}
    message = aio_pika.Message(json.dumps(dossier).encode(), headers={**headers}, content_type="application/json")
    await portal.channel.default_exchange.publish(message, QUEUE)
    return id


@asynccontextmanager
async def unjournaled(portal: Portal, routing_key: str) -> AsyncIterator[None]:
    """Keep the journal from getting the services' events of one kind."""
    feed = await portal.channel.get_queue("ocop.journal.events", ensure=False)
    await feed.unbind("ocop.events", routing_key)
    yield
    await feed.bind("ocop.events", routing_key)


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

    assert (ran.code, "begin earlier, or add --skip-gaps" in ran.errors) == (1, True)


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

        too_early = await operator.ocop("refile", "--from", "first", "--rest", "--yes")
        async with feeding(restored.credentials("registry").amqp_url):
            await Portal(await connection.channel()).until_depth(FEED, 0)
        none = await operator.ocop("refile", "--from", "2999-01-01", "--rest", "--yes")
        unasked = await operator.ocop("refile", "--from", "first", "--rest")
        ran = await operator.ocop("refile", "--from", "first", "--rest", "--yes", "--json")
        after = [await taken.get() for _ in range(3)]

    assert (too_early.code, "4 messages wait in registry.journal, and the journal has not got" in too_early.errors) == (
        1,
        True,
    )
    assert (none.code, none.errors) == (1, "ocop: there is no such dossier in the journal from there on\n")
    assert (unasked.code, unasked.errors) == (2, "ocop: these are 3 filings, and nobody can be asked: add --yes\n")
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
        await detour.bind("ocop.events", "product.submitted.v1.01.09574")
        async with await aio_pika.connect(stack.credentials(as_service).amqp_url) as service:
            events = await (await service.channel()).get_exchange("ocop.events", ensure=False)
            message = aio_pika.Message(b"from a service", user_id=as_service)
            await events.publish(message, "product.submitted.v1.01.09574")
        taken = await detour.get()
        await taken.reject(requeue=False)
        await Portal(channel).until_depth("registry.life", 1)


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
    async with integration(restored) as sender:
        await sender.send(b"garbage", user_id=PORTAL)
    async with at_work(restored) as portal:
        await portal.until_depth(QUEUE, 0)
        ran = await Operator(restored.amqp_url).ocop("refile", "--from", "first", "--rest", "--yes")

    assert (ran.code, "ocop: log in as the user operator: " in ran.errors) == (1, True)
