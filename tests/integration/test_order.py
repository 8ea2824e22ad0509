"""Events of one product are decided in their order, whoever hears of what first."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from ops.access.broker import definitions
from services.registry.units import COMMUNES
from shared.clock import system_clock
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED
from shared.contracts.event import Event
from shared.handling.settlement import FAILED_AT
from shared.integrations import load_integrations
from shared.legal_date import legal_date
from shared.system import EARLY
from tests.integration.dossiers import new_dossier
from tests.integration.faults import door, until
from tests.integration.portal import SOURCE, Portal, opened_portal
from tests.integration.running import APPS, running_service
from tools.stack import LocalStack

PROVINCE = "38"
#: Communes of Thanh Hóa, of which there are enough for each product to be the first of its own.
PLACES = (f"{code:05}" for code, commune in sorted(COMMUNES.items()) if commune.province_code == int(PROVINCE))
PRODUCTS = 12
UNKNOWN_ANSWER = {"answers": [{"criterion": "99", "option": 1}]}


@pytest.fixture(scope="module")
async def own_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A broker of this module's own, whose registries come and go."""
    content = definitions(load_integrations(), delay_milliseconds=200)
    async with LocalStack(tmp_path_factory.mktemp("order"), definitions=content, fresh=True) as stack:
        yield stack


@pytest.fixture
async def own_portal(own_stack: LocalStack) -> AsyncIterator[Portal]:
    async with opened_portal(own_stack.amqp_url) as portal:
        yield portal


@asynccontextmanager
async def registries(stack: LocalStack, count: int) -> AsyncIterator[None]:
    async with AsyncExitStack() as running:
        for _ in range(count):
            await running.enter_async_context(running_service(stack, APPS["registry"]))
        yield


def dossiers() -> Iterator[dict[str, Any]]:
    """First registrations, each the first of its commune, so that its code is known beforehand."""
    for _ in range(PRODUCTS):
        yield new_dossier(province_code=PROVINCE, commune_code=next(PLACES))


def code_of(first: Mapping[str, Any]) -> str:
    return f"{PROVINCE}-{first['product']['commune_code']}-1-{legal_date(system_clock()).year}"


def upgrade_of(first: Mapping[str, Any]) -> dict[str, Any]:
    change_report = first["documents"][0] | {"type": "change-report"}
    papers = [*first["documents"], change_report]
    return {**first, "registration": "upgrade", "product_code": code_of(first), "documents": papers}


async def turned_back(
    stack: LocalStack, portal: Portal, first_ones: Sequence[dict[str, Any]], *, before: Callable[[], None]
) -> None:
    """File dossiers that evaluation turns back; `before` happens when the registry has answered all of them."""
    wrong = [await portal.file(first | {"self_assessment": UNKNOWN_ANSWER}) for first in first_ones]
    for id in wrong:
        await portal.event(id, "product.submitted")
    before()
    async with running_service(stack, APPS["evaluation"]):
        for id in wrong:
            await portal.event(id, "assessment.rejected")


async def answer(portal: Portal, id: str) -> Event:
    """What the registry answered, whatever it is."""
    kinds = {"vn.ocop.product.submitted.v1", "vn.ocop.dossier.rejected.v1"}
    found: list[Event] = []

    def is_answer(event: Event) -> bool:
        if event.correlation_id == id and event.type in kinds:
            found.append(event)
        return bool(found)

    await portal.until(is_answer)
    return found[0]


@pytest.mark.parametrize("count", [1, 2])
async def test_an_upgrade_right_behind_its_own_first_registration_is_answered_behind_it(
    own_stack: LocalStack, own_portal: Portal, count: int
) -> None:
    async with registries(own_stack, count):
        ids = [await own_portal.file(dossier) for first in dossiers() for dossier in (first, upgrade_of(first))]
        answers = [await answer(own_portal, id) for id in ids]

    assert [event.type for event in answers[::2]] == ["vn.ocop.product.submitted.v1"] * PRODUCTS
    codes = [[fault["code"] for fault in event.data["faults"]] for event in answers[1::2]]
    assert codes == [["round-open", "no-certificate-in-force"]] * PRODUCTS


@pytest.mark.parametrize("count", [1, 2])
async def test_a_correction_filed_the_moment_that_the_rejection_is_seen_is_accepted(
    own_stack: LocalStack, own_portal: Portal, count: int
) -> None:
    async def corrected(first: dict[str, Any]) -> Event:
        wrong = await own_portal.file(first | {"self_assessment": UNKNOWN_ANSWER})
        await own_portal.event(wrong, "assessment.rejected")
        return await answer(own_portal, await own_portal.file(first))

    async with registries(own_stack, count), running_service(own_stack, APPS["evaluation"]):
        answers = await asyncio.gather(*map(corrected, dossiers()))

    assert [event.type for event in answers] == ["vn.ocop.product.submitted.v1"] * PRODUCTS


async def test_a_correction_is_accepted_though_the_registry_was_away_when_the_dossier_was_rejected(
    own_stack: LocalStack, own_portal: Portal
) -> None:
    first_ones = list(dossiers())
    async with registries(own_stack, 1):
        wrong = [await own_portal.file(first | {"self_assessment": UNKNOWN_ANSWER}) for first in first_ones]
        for id in wrong:
            await own_portal.event(id, "product.submitted")
    async with running_service(own_stack, APPS["evaluation"]):
        for id in wrong:
            await own_portal.event(id, "assessment.rejected")
    corrections = [await own_portal.file(first) for first in first_ones]

    async with registries(own_stack, 2):
        answers = [await answer(own_portal, id) for id in corrections]

    assert [event.data.get("product_code") for event in answers] == list(map(code_of, first_ones))


@pytest.mark.parametrize(
    ("hold_seconds", "away_until"), [(60, "hold"), (1, "pause")], ids=["held out", "longer: the registry pauses"]
)
async def test_a_correction_that_came_while_the_database_was_away_is_accepted(
    own_stack: LocalStack, own_portal: Portal, hold_seconds: float, away_until: str
) -> None:
    """Of more messages than RabbitMQ 3.10 takes back in their order, one by one."""
    first_ones = [dossier for _ in range(3) for dossier in dossiers()]
    with capture_logs() as logs:
        async with (
            door(f"{own_stack.credentials('registry').mongo_url}") as database,
            running_service(own_stack, APPS["registry"], mongo_url=database.url, hold_seconds=hold_seconds),
        ):
            await turned_back(own_stack, own_portal, first_ones, before=database.shut)
            corrections = [await own_portal.file(first) for first in first_ones]
            await until(lambda: away_until in [line.get("action") for line in logs])
            database.open()
            answers = [await answer(own_portal, id) for id in corrections]

    assert [event.data.get("product_code") for event in answers] == list(map(code_of, first_ones))


async def test_a_correction_is_accepted_though_the_registry_that_has_the_rejection_stops(
    own_stack: LocalStack, own_portal: Portal
) -> None:
    """It still records the rejections; another registry is there, and takes over what comes behind them."""
    first_ones = list(dossiers())
    async with door(f"{own_stack.credentials('registry').mongo_url}") as database, AsyncExitStack() as stops:
        await stops.enter_async_context(running_service(own_stack, APPS["registry"], mongo_url=database.url))
        async with registries(own_stack, 1):
            await turned_back(own_stack, own_portal, first_ones, before=lambda: database.delay(1.0))
            with capture_logs() as logs:
                stopping = asyncio.create_task(stops.aclose())
                await until(lambda: "stop" in [line.get("action") for line in logs])
                corrections = [await own_portal.file(first) for first in first_ones]
                await stopping
            answers = [await answer(own_portal, id) for id in corrections]

    assert [event.data.get("product_code") for event in answers] == list(map(code_of, first_ones))


@pytest.mark.parametrize("count", [2, 4])
async def test_registries_do_not_compete_for_the_serial_numbers_of_a_commune(
    own_stack: LocalStack, own_portal: Portal, count: int
) -> None:
    commune = next(PLACES)
    with capture_logs() as logs:
        async with registries(own_stack, count):
            ids = [await own_portal.file(new_dossier(province_code=PROVINCE, commune_code=commune)) for _ in range(60)]
            submitted = [await own_portal.event(id, "product.submitted") for id in ids]

    serials = sorted(int(event.data["product_code"].split("-")[2]) for event in submitted)
    assert serials == list(range(1, 61))
    assert [line for line in logs if line.get("action") == "hold"] == []


async def test_a_code_that_stays_unknown_is_answered_once_it_cannot_be_on_its_way_any_more(
    own_stack: LocalStack, own_portal: Portal
) -> None:
    first, other = (new_dossier(province_code=PROVINCE, commune_code=next(PLACES)) for _ in range(2))
    with capture_logs() as logs:
        async with registries(own_stack, 1):
            early = await own_portal.file(upgrade_of(first))
            behind = await own_portal.file(other)
            await own_portal.event(behind, "product.submitted")  # nobody else waits
            rejected = await own_portal.event(early, "dossier.rejected")

    assert [fault["code"] for fault in rejected.data["faults"]] == ["product-unknown"]
    waits = [line for line in logs if line.get("event_id") == early and line.get("action") == "delay"]
    assert [line["reason"] for line in waits] == ["too-early"] * len(EARLY)


async def test_an_upgrade_that_comes_before_its_product_is_answered_behind_it(
    own_stack: LocalStack, own_portal: Portal
) -> None:
    first = new_dossier(province_code=PROVINCE, commune_code=next(PLACES))
    async with registries(own_stack, 1):
        early = await own_portal.file(upgrade_of(first))
        await own_portal.until_depth("registry.retry.1s", 1)
        await own_portal.file(first)

        rejected = await own_portal.event(early, "dossier.rejected")

    assert rejected.data["faults"][0]["code"] == "round-open"
    assert rejected.data["faults"][0]["product_code"] == code_of(first)


async def test_who_files_a_rejection_of_evaluation_as_his_own_is_not_believed(
    own_stack: LocalStack, own_portal: Portal
) -> None:
    """The queue takes both, and an integration may write a dossier's key, with any type in the headers."""
    id = str(uuid4())
    headers = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": ASSESSMENT_REJECTED.type}
    data = {"product_code": "04-01273-1-2026", "registration": "first"}
    async with registries(own_stack, 1):
        await own_portal.send(json.dumps(data).encode(), headers=headers, routing_key=DOSSIER_FILED.routing_key)

        dead = await own_portal.dead_letter("registry.life")
        rejected = await own_portal.event(id, "dossier.rejected")

    assert dead.headers["x-ocop-reason"] == "wrong-type"
    assert FAILED_AT in dead.headers
    assert [fault["code"] for fault in rejected.data["faults"]] == ["unreadable-wrong-type"]
