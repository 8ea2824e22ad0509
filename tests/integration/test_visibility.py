"""What each kind of integration finds on its queue after everybody has filed: its places, its own answers, no more."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from ops.access.broker import definitions
from shared.contracts.envelope import read
from shared.contracts.event import Event
from shared.integrations import load_integrations
from tests.integration.dossiers import new_dossier
from tests.integration.portal import SOURCE, TYPE, Portal, opened_portal
from tests.integration.running import APPS, running_service
from tools.examples import load_examples
from tools.stack import LocalStack

FILE = """
ha-noi: {scope: {province: "01"}}
son-tay: {scope: {commune: ["01-09574"]}}
phu-tho: {scope: {province: "25"}}
country: {scope: {portal: everywhere}}
capital: {scope: {portal: ["01"]}}
alerts: {scope: {commune: everywhere}, listens_to: [alert.failed, alert.delivered]}
centre: {scope: centre}
"""
HANOI, SON_TAY, PHU_THO, COUNTRY, CAPITAL, ALERTS, CENTRE = (
    f"integration.{name}" for name in ("ha-noi", "son-tay", "phu-tho", "country", "capital", "alerts", "centre")
)
#: User → whether it sees an event by kind and place, whoever filed.
SEES: dict[str, Callable[[str, str], bool]] = {
    HANOI: lambda _, place: place.startswith("01"),
    SON_TAY: lambda _, place: place == "01-09574",
    PHU_THO: lambda _, place: place.startswith("25"),
    COUNTRY: lambda kind, _: kind == "product.rated",
    CAPITAL: lambda kind, place: kind == "product.rated" and place.startswith("01"),
    ALERTS: lambda kind, _: kind.startswith("alert."),
    CENTRE: lambda _kind, _place: True,
}
OF_HANOI, OF_PHU_THO = new_dossier(), new_dossier(province_code="25", commune_code="07918")
#: What nobody but a service may say of an event.
FORGED = {"ce-filedby": PHU_THO, "ce-place": "25-07918"}


@dataclass
class Run:
    """What was filed, by whom and where (by the event's id), and what each then found, as it was announced."""

    filed: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    announced: list[Event] = field(default_factory=list)
    found: dict[str, list[Event]] = field(default_factory=dict)

    def answers_to(self, event: Event, user: str) -> bool:
        """Return whether an event answers what a user filed."""
        return self.filed[str(event.correlation_id)][0] == user

    def is_of_places_of(self, event: Event, user: str) -> bool:
        """Return whether a user sees an event of this kind and place, whoever filed."""
        kind = event.type.removeprefix("vn.ocop.").removesuffix(".v1")
        return SEES[user](kind, self.filed[str(event.correlation_id)][1])

    def due_to(self, user: str) -> list[Event]:
        """Return what a user is to find."""
        return [each for each in self.announced if self.answers_to(each, user) or self.is_of_places_of(each, user)]


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run the services while everybody files; they are gone, and all is announced, when the queues are read."""
    file = tmp_path_factory.mktemp("seen") / "integrations.yaml"
    file.write_text(FILE, "utf-8")
    content, run = definitions(load_integrations(file), delay_milliseconds=50), Run()
    async with (
        LocalStack(tmp_path_factory.mktemp("visible"), definitions=content, fresh=True) as stack,
        opened_portal(stack.amqp_url) as admin,
    ):
        everything = await admin.channel.declare_queue(exclusive=True)
        await everything.bind("ocop.events", "#")
        async with AsyncExitStack() as services:
            for app in APPS.values():
                await services.enter_async_context(running_service(stack, app, integrations=file))
            untold = await file_everything(stack, run)
            ends = {story: "dossier.rejected" if story in untold else "alert.delivered" for story in run.filed}
            await asyncio.gather(*(admin.event(story, end) for story, end in ends.items()))
        run.announced = await events_of(admin, everything.name)
        run.found = {user: await events_of(admin, f"{user}.events") for user in SEES}
    return run


async def events_of(admin: Portal, queue: str) -> list[Event]:
    messages = await admin.rest_of(queue)
    assert {"CC", "BCC"}.isdisjoint(name for each in messages for name in each.headers)  # whose queues it came to
    return [read(each.headers, each.content_type, each.body) for each in messages]


async def file_everything(stack: LocalStack, run: Run) -> frozenset[str]:
    """File the demo's dossiers as a portal of the whole country, then one as each other, and what is not to be.

    Return the ids of those of which no producer is told.
    """
    examples = load_examples(datetime.now(UTC))
    await file(stack, run, COUNTRY, *examples.values())
    await file(stack, run, HANOI, OF_HANOI)
    await file(stack, run, PHU_THO, OF_PHU_THO)
    told = frozenset(run.filed)
    await file(stack, run, PHU_THO, new_dossier(), b"garbage")  # the first is out of its scope
    untold = frozenset(run.filed) - told
    await file(stack, run, CAPITAL, new_dossier(), headers=FORGED)
    await file(stack, run, CAPITAL, new_dossier(), headers=FORGED, says_who=False)
    return untold


async def file(
    stack: LocalStack,
    run: Run,
    user: str,
    *dossiers: dict[str, Any] | bytes,
    headers: Mapping[str, str] | None = None,
    says_who: bool = True,
) -> None:
    """File as a user of the broker, which the message says or does not say."""
    async with await aio_pika.connect(stack.credentials(user).amqp_url) as connection:
        sender = Portal(await connection.channel(publisher_confirms=True))
        for dossier in dossiers:
            body = dossier if isinstance(dossier, bytes) else json.dumps(dossier).encode()
            id, place = str(uuid4()), "" if isinstance(dossier, bytes) else place_of(dossier)
            naming = {"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE}
            run.filed[id] = (user if says_who else None, place)
            await sender.send(body, headers=naming | dict(headers or {}), user_id=user if says_who else None)


def place_of(dossier: dict[str, Any]) -> str:
    product = dossier.get("product")
    codes = product if isinstance(product, dict) else {}
    return "-".join(str(codes[name]) for name in ("province_code", "commune_code") if codes.get(name))


@pytest.mark.parametrize("user", SEES)
async def test_each_finds_its_places_and_its_answers_once_and_nothing_else(run: Run, user: str) -> None:
    due, found = run.due_to(user), run.found[user]

    assert due
    assert sorted(each.id for each in found) == sorted(each.id for each in due)


async def test_no_province_finds_what_happened_in_another_but_to_its_own(run: Run) -> None:
    of_others = [each for each in run.found[HANOI] if not run.answers_to(each, HANOI)]
    assert {str(each.place)[:2] for each in of_others} == {"01"}
    assert {each.type.split(".")[2] for each in of_others} == {"dossier", "product", "assessment", "round", "alert"}


@pytest.mark.parametrize("portal", [COUNTRY, CAPITAL])
async def test_no_portal_finds_another_s_dossier_or_self_assessment(run: Run, portal: str) -> None:
    kinds = {each.type for each in run.found[portal] if not run.answers_to(each, portal)}

    assert kinds == {"vn.ocop.product.rated.v1"}


async def test_the_answer_to_what_nobody_can_read_and_to_what_is_out_of_scope_comes_to_who_filed(run: Run) -> None:
    rejected = [each for each in run.found[PHU_THO] if each.type == "vn.ocop.dossier.rejected.v1"]

    places = {each.place: each.filed_by for each in rejected if run.answers_to(each, PHU_THO)}
    assert places == {None: PHU_THO, place_of(OF_HANOI): PHU_THO}


async def test_what_a_sender_says_of_place_and_filer_changes_nothing(run: Run) -> None:
    by_capital = [each for each in run.announced if run.filed[str(each.correlation_id)][0] in {CAPITAL, None}]

    assert {each.filed_by for each in by_capital} == {CAPITAL, None}
    assert {each.place for each in by_capital} == {"01-09574"}
