"""A registry on a database that is older than its broker: it numbers nothing until the register has caught up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs

from ops.doctor.check import State
from ops.doctor.ready import check_services
from ops.operator_settings import OperatorSettings
from shared.contracts.catalogue import DOSSIER_FILED
from shared.service import Service, build, serve
from shared.system import SYSTEM
from tests.integration.faults import rabbitmqctl
from tests.integration.feeding import FEED
from tests.integration.older_database import COMMUNE, answers, at_work, bring_back_to, filed, new, put_back
from tests.integration.operator import operator_of
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tests.integration.running import APPS
from tools.stack import LocalStack
from tools.stack.ports import free_ports

QUEUE = SYSTEM["registry"].subscription(DOSSIER_FILED).queue


@pytest.fixture
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """One of its own, since its database is brought back to an older state."""
    async with LocalStack(tmp_path_factory.mktemp("older"), fresh=True) as stack:
        yield stack


@asynccontextmanager
async def launched_registry(stack: LocalStack) -> AsyncIterator[Service[Any]]:
    """Start a registry, whether or not it takes messages."""
    credentials, app = stack.credentials("registry"), APPS["registry"]
    settings = app.settings(
        _env_file=None,
        amqp_url=credentials.amqp_url,
        mongo_url=credentials.mongo_url or stack.mongo_url,
        producer_key=credentials.producer_key,
        contact_public_key=credentials.contact_public_key,
        certificate_keys=credentials.certificate_keys,
        http_port=free_ports(1)[0],
    )
    service, stop = build(app, settings), asyncio.Event()
    serving = asyncio.create_task(serve(service, stop))
    try:
        yield service
    finally:
        stop.set()
        await serving


async def until_it_waits(service: Service[Any]) -> str:
    """Return what the registry says that it waits for, once it has looked at broker and database."""
    url = f"http://127.0.0.1:{service.settings.http_port}"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            (check,) = await check_services(OperatorSettings("", None, None, (url,), None))
            if check.found.startswith("not ready: ") and "starting" not in check.found:
                assert check.state is State.WRONG
                return check.found.removeprefix("not ready: ").partition(";")[0]


async def codes_of(stack: LocalStack) -> list[str]:
    """Return the codes in the register."""
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        products = client["ocop_registry"]["products"]
        return [each["registered"]["code"] async for each in products.find({"registered": {"$exists": True}})]


async def test_it_numbers_nothing_says_so_and_goes_on_once_the_records_are_back(stack: LocalStack) -> None:
    async with at_work(stack) as portal:
        await answers(portal, await filed(stack, *new(3)))
        moment = datetime.now(UTC)
        given = await answers(portal, await filed(stack, *new(2)))
    lost = await bring_back_to(stack, moment)

    with capture_logs() as lines:
        async with opened_portal(stack.amqp_url) as portal, launched_registry(stack) as registry:
            (waiting,) = await filed(stack, *new(1))
            waits_for = await until_it_waits(registry)
            await portal.until_depth(QUEUE, 1)  # it has looked at the dossier, and given it back
            await portal.until_depth(FEED, 0)  # the journal gets it meanwhile
            codes = await codes_of(stack)
            await put_back(stack, "registry", lost["registry"])
            ((_, code),) = (await answers(portal, [waiting])).values()

    assert all(code in waits_for for _, code in given.values()), waits_for
    assert "ocop refile" in waits_for
    assert [line["reason"] for line in lines if line["action"] == "wait"].count(waits_for) == 1
    assert len(codes) == 3
    assert code.split("-")[1:3] == [COMMUNE, "6"]


async def test_what_refile_brings_is_taken_and_what_comes_between_gets_the_next_number(stack: LocalStack) -> None:
    async with at_work(stack) as portal:
        await answers(portal, await filed(stack, *new(3)))
        moment = datetime.now(UTC)
        given = await answers(portal, await filed(stack, *new(8)))
    await bring_back_to(stack, moment)

    async with opened_portal(stack.amqp_url) as portal, launched_registry(stack) as registry:
        await until_it_waits(registry)
        ran = await operator_of(stack).ocop("refile", "--from", "first", "--yes")
        assert ran.code == 0, ran.errors
        (between,) = await filed(stack, *new(1))
        again = await answers(portal, list(given))
        ((_, code),) = (await answers(portal, [between])).values()

    assert again == given
    assert code.split("-")[1:3] == [COMMUNE, "12"]


async def test_a_database_that_has_nothing_left_is_noticed(stack: LocalStack) -> None:
    async with at_work(stack) as portal:
        ((_, code),) = (await answers(portal, await filed(stack, *new(1)))).values()
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        await client["ocop_registry"]["products"].delete_many({})

    async with launched_registry(stack) as registry:
        waits_for = await until_it_waits(registry)

    assert code in waits_for


async def test_a_product_that_is_behind_many_other_events_is_missed_too(stack: LocalStack) -> None:
    async with at_work(stack) as portal:
        ((_, code),) = (await answers(portal, await filed(stack, *new(1)))).values()
        rejected = await filed(stack, *({"samples": 4} for _ in range(600)))
        await portal.event(rejected[-1], "dossier.rejected")
        await portal.until_depth(QUEUE, 0)
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        await client["ocop_registry"]["products"].delete_many({"registered": {"$exists": True}})

    async with launched_registry(stack) as registry:
        waits_for = await until_it_waits(registry)

    assert code in waits_for


async def test_it_takes_nothing_while_the_journal_cannot_be_read(stack: LocalStack) -> None:
    """Definitions of an earlier version did not let the registry read it."""
    await rabbitmqctl(stack, "set_permissions", "registry", ".*", ".*", r"^(?!ocop\.journal$)")

    async with launched_registry(stack) as registry:
        waits_for = await until_it_waits(registry)

    assert waits_for == "ocop.journal cannot be read: access refused"


async def test_it_starts_though_the_journal_never_rests(stack: LocalStack) -> None:
    async def keep_filing(portal: Portal) -> None:
        while True:
            await portal.event(await portal.file({"samples": 4}), "dossier.rejected")

    async with at_work(stack) as portal:
        filing = asyncio.create_task(keep_filing(portal))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), launched_registry(stack) as registry:
                await registry.started.wait()
        finally:
            filing.cancel()
