"""A council at work on the real broker and database: whatever comes twice, in any order, or does not fit."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
from pymongo import AsyncMongoClient

from ops.access.broker import definitions
from services.evaluation.council.explanation import explain
from services.evaluation.rulebook import load_rulebook
from shared.contracts.envelope import read
from shared.contracts.event import Event
from shared.integrations import load_integrations
from tests.integration.portal import PATIENCE_SECONDS
from tests.integration.running import APPS, running_service
from tests.unit.evaluation.councils import HELD_ON, MEMBERS, SET, SHEET, answers_as_filed, answers_to, codes
from tools.stack import LocalStack

PROVINCE, OTHER_PROVINCE, COMMUNE = "integration.phu-tho", "integration.ha-noi", "integration.hung-lo"
FILE = """
phu-tho: {scope: {province: "25"}, listens_to: [council.result]}
ha-noi: {scope: {province: "01"}, listens_to: [council.result]}
hung-lo: {scope: {commune: ["25-07918"]}, listens_to: [council.result]}
"""
_SERIALS = count(1)


class Office:
    """An office that files as its own user."""

    def __init__(self, user: str, channel: aio_pika.abc.AbstractChannel) -> None:
        self.user = user
        self._channel = channel

    async def file(
        self, kind: str, data: dict[str, Any], *, id: str | None = None, times: int = 1, at: datetime | None = None
    ) -> str:
        id = id or str(uuid4())
        headers: dict[str, Any] = {
            "ce-specversion": "1.0",
            "ce-id": id,
            "ce-source": f"/{self.user}",
            "ce-type": f"vn.ocop.{kind}.v1",
        }
        if at:
            headers["ce-time"] = at.isoformat()
        message = aio_pika.Message(
            json.dumps(data).encode(), headers=headers, content_type="application/json", user_id=self.user
        )
        exchange = await self._channel.get_exchange("ocop.intake", ensure=False)
        for _ in range(times):
            await exchange.publish(message, f"{kind}.v1")
        return id


class World:
    """The registry's part in it, what is announced, and what is on record."""

    def __init__(self, registry: aio_pika.abc.AbstractChannel, inbox: aio_pika.abc.AbstractQueue, ratings: Any) -> None:
        self._registry, self._inbox, self.ratings = registry, inbox, ratings
        self._seen: list[Event] = []

    async def move(
        self, code: str, to: str = "at-province", *, sequence: int = 2, letter_date: str | None = None
    ) -> None:
        """Announce as the registry that a round has moved."""
        data = {
            "product_code": code,
            "product_name": "Mỳ gạo Hùng Lô",
            "product_set": SET,
            "registration": "first",
            "round": 1,
            "from_stage": "at-commune",
            "to_stage": to,
            "why": "commune.assessed",
            "letter": letter_date and {"number": "12/TTr-UBND", "date": letter_date},
        }
        headers: dict[str, Any] = {"ce-specversion": "1.0", "ce-id": str(uuid4()), "ce-source": "/ocop/registry"}
        named = {"ce-type": "vn.ocop.round.moved.v1", "ce-subject": code, "ce-sequence": f"{sequence:010}"}
        message = aio_pika.Message(
            json.dumps(data).encode(), headers=headers | named, content_type="application/json", user_id="registry"
        )
        exchange = await self._registry.get_exchange("ocop.events", ensure=False)
        await exchange.publish(message, "round.moved.v1.25.07918")

    async def answers(self, story: str, *, count: int = 1) -> list[Event]:
        """Wait for as many answers to what was filed."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._inbox.iterator(no_ack=True) as messages:
            while len(found := [each for each in self._seen if each.causation_id == story]) < count:
                message = await anext(messages)
                self._seen.append(read(message.headers, message.content_type, message.body))
        return found

    async def answer(self, story: str) -> Event:
        return (await self.answers(story))[0]

    async def until_recorded(self, query: dict[str, Any], number: int = 1) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), await self.ratings.watch() as changes:
            while await self.ratings.count_documents(query) < number:
                await anext(changes)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("offices") / "integrations.yaml"
    file.write_text(FILE, "utf-8")
    return file


@pytest.fixture(scope="module")
async def own_stack(file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    """A broker that knows these offices, and evaluation."""
    content = definitions(load_integrations(file), delay_milliseconds=400)
    async with AsyncExitStack() as running:
        folder = tmp_path_factory.mktemp("councils")
        stack = await running.enter_async_context(LocalStack(folder, definitions=content, fresh=True))
        await running.enter_async_context(running_service(stack, APPS["evaluation"], integrations=file))
        yield stack


@pytest.fixture
async def world(own_stack: LocalStack) -> AsyncIterator[World]:
    async with (
        await aio_pika.connect(own_stack.amqp_url) as connection,
        await aio_pika.connect(own_stack.credentials("registry").amqp_url) as registry,
        AsyncMongoClient[dict[str, Any]](own_stack.mongo_url, tz_aware=True) as client,
    ):
        inbox = await (await connection.channel()).declare_queue(exclusive=True)
        await inbox.bind("ocop.events", "#")
        announcing = await registry.channel(publisher_confirms=True)
        yield World(announcing, inbox, client["ocop_evaluation"]["ratings"])


@asynccontextmanager
async def office(stack: LocalStack, user: str) -> AsyncIterator[Office]:
    async with await aio_pika.connect(stack.credentials(user).amqp_url) as connection:
        yield Office(user, await connection.channel(publisher_confirms=True, on_return_raises=True))


@pytest.fixture
async def secretariat(own_stack: LocalStack) -> AsyncIterator[Office]:
    async with office(own_stack, PROVINCE) as opened:
        yield opened


@pytest.fixture
def code() -> str:
    """A product of its own for each test."""
    return f"25-07918-{next(_SERIALS)}-2026"


def session(id: str, *products: str, members: int = 3) -> dict[str, Any]:
    return {
        "session": id,
        "level": "province",
        "province_code": "25",
        "regulation": "province-default",
        "members": list(MEMBERS[:members]),
        "products": list(products),
    }


def card(session: str, code: str, member: str, total: int) -> dict[str, Any]:
    answers = answers_as_filed(answers_to(total))
    return {"session": session, "product_code": code, "member": member, "score_sheet": SHEET, "answers": answers}


def conclusion(session: str, code: str, present: Sequence[str] = ("m1", "m2", "m3"), **changed: Any) -> dict[str, Any]:
    known = {"session": session, "product_code": code, "present": list(present), "presided_by": "m1"}
    return {**known, "held_on": HELD_ON, **changed}


@pytest.mark.parametrize("seed", range(3))
async def test_a_session_in_any_order_and_everything_twice(
    world: World, secretariat: Office, code: str, seed: int
) -> None:
    id = f"S-{uuid4()}"
    filed = [
        ("council.convened", session(id, code)),
        *(("scorecard.filed", card(id, code, f"m{n}", total)) for n, total in ((1, 95), (2, 85), (3, 84))),
    ]
    random.Random(seed).shuffle(filed)
    for kind, data in filed:
        await secretariat.file(kind, data, times=2)
    await world.move(code)
    first = await secretariat.file("council.concluded", conclusion(id, code), times=2)

    asked = await world.answer(first)
    assert (asked.type, asked.data["spread"]) == ("vn.ocop.council.rescore-requested.v1", 11)

    await secretariat.file("scorecard.filed", card(id, code, "m1", 88), times=2)
    second = await secretariat.file("council.concluded", conclusion(id, code, remarks="chấm lại"), times=2)
    answers = await world.answers(second, count=2)  # the repeat has the same answer, announced again

    assert {each.id for each in answers} == {answers[0].id}
    result = answers[0]
    assert (result.type, result.data["average"]["numerator"]) == ("vn.ocop.council.result.v1", 88 + 85 + 84)
    assert (result.data["stars"], result.data["counted"], result.place) == (4, 3, "25-07918")
    assert await world.ratings.count_documents({"product_code": code, "outcome": "card-kept"}) == 4
    documents = await world.ratings.find({"product_code": code}).to_list()
    (told,) = explain(documents, load_rulebook())
    assert told.agrees


async def test_a_conclusion_with_its_cards_on_their_way_waits_for_them(
    world: World, secretariat: Office, code: str
) -> None:
    id = f"S-{uuid4()}"
    await world.move(code)
    await secretariat.file("council.convened", session(id, code))
    concluded = await secretariat.file("council.concluded", conclusion(id, code))
    for member in ("m1", "m2", "m3"):
        await secretariat.file("scorecard.filed", card(id, code, member, 80))

    assert (await world.answer(concluded)).data["average"]["shown"] == "80.00"


async def test_who_is_missing_is_told_at_last(world: World, secretariat: Office, code: str) -> None:
    id = f"S-{uuid4()}"
    await world.move(code)
    await secretariat.file("council.convened", session(id, code))
    await secretariat.file("scorecard.filed", card(id, code, "m1", 80))

    answer = await world.answer(await secretariat.file("council.concluded", conclusion(id, code)))

    assert answer.type == "vn.ocop.council.incomplete.v1"
    assert [each["id"] for each in answer.data["missing"]] == ["m2", "m3"]


async def test_each_thing_that_does_not_fit_has_its_own_answer_and_changes_nothing(
    world: World, own_stack: LocalStack, secretariat: Office, code: str
) -> None:
    id, unscored, next_id = f"S-{uuid4()}", f"25-07918-{next(_SERIALS)}-2026", f"S-{uuid4()}"
    for each in (code, unscored):
        await world.move(each, letter_date="2026-11-20")
    await secretariat.file("council.convened", session(id, code, unscored))
    for member in ("m1", "m2", "m3"):
        await secretariat.file("scorecard.filed", card(id, code, member, 80))
    await world.until_recorded({"product_code": code, "outcome": "card-kept"}, 3)
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("council.convened", session(id, code), "session-id-taken"),
        ("council.convened", session(next_id, code), "product-in-another-session"),
        ("council.convened", session(next_id, "25-07918-999-2026"), "product-not-at-level"),
        ("council.convened", session(next_id, code, code) | {"replaces": id}, "product-twice"),
        ("council.convened", session(next_id, code) | {"replaces": id, "regulation": "ha-noi"}, "regulation-unknown"),
        (
            "council.convened",
            session(next_id, code) | {"replaces": id, "province_code": None},
            "level-of-another-council",
        ),
        ("council.convened", session(next_id, code) | {"replaces": id, "members": MEMBERS[1:3]}, "chair-wrong"),
        (
            "council.convened",
            session(next_id, code) | {"replaces": id, "members": [*MEMBERS[:2], MEMBERS[1]]},
            "member-twice",
        ),
        ("scorecard.filed", card(id, code, "m9", 80), "member-unknown"),
        ("scorecard.filed", card(id, code, "m1", 80) | {"score_sheet": "QD26-01"}, "score-sheet-wrong"),
        ("scorecard.filed", card(id, "25-07918-998-2026", "m1", 80), "product-not-in-session"),
        ("scorecard.filed", card("S-none", code, "m1", 80), "session-unknown"),
        ("council.concluded", conclusion(id, code, ["m1", "m8"]), "member-unknown"),
        ("council.concluded", conclusion(id, code, held_on="2999-01-01"), "date-in-future"),
        ("council.concluded", conclusion(id, code, held_on="2026-11-19"), "date-too-early"),
        ("council.concluded", conclusion(id, code) | {"present": None}, "content-missing"),
        ("council.concluded", conclusion(id, unscored), "no-scorecards"),
    ]
    for kind, data, found in wrong:
        answer = await world.answer(await secretariat.file(kind, data))
        assert (answer.type, {code for _, code in codes(answer)}) == ("vn.ocop.filing.rejected.v1", {found})
    async with office(own_stack, OTHER_PROVINCE) as other:
        answer = await world.answer(await other.file("scorecard.filed", card(id, code, "m1", 99)))
        assert [code for _, code in codes(answer)] == ["out-of-scope"]

    result = await world.answer(await secretariat.file("council.concluded", conclusion(id, code)))
    assert (result.type, result.data["average"]["shown"]) == ("vn.ocop.council.result.v1", "80.00")
    await secretariat.file("council.convened", session(next_id, unscored) | {"replaces": id})
    await world.until_recorded({"replaces": id})
    late: list[tuple[str, dict[str, Any], list[str]]] = [
        ("scorecard.filed", card(id, code, "m1", 81), ["session-replaced", "council-concluded"]),
        ("council.concluded", conclusion(id, code, remarks="lần hai"), ["session-replaced", "council-concluded"]),
        ("scorecard.filed", card(id, unscored, "m1", 81), ["session-replaced"]),
    ]
    for kind, data, found_late in late:
        answer = await world.answer(await secretariat.file(kind, data))
        assert [code for _, code in codes(answer)] == found_late
    for member in ("m1", "m2", "m3"):
        await secretariat.file("scorecard.filed", card(next_id, unscored, member, 70))
    other_result = await world.answer(await secretariat.file("council.concluded", conclusion(next_id, unscored)))
    assert other_result.data["average"]["shown"] == "70.00"


async def test_two_sessions_at_once_cannot_both_have_a_product(world: World, secretariat: Office, code: str) -> None:
    await world.move(code)
    sessions = [f"S-{uuid4()}" for _ in range(8)]
    filed = await asyncio.gather(*(secretariat.file("council.convened", session(id, code)) for id in sessions))
    await world.until_recorded({"event.id": {"$in": filed}}, len(filed))

    outcomes = [each["outcome"] async for each in world.ratings.find({"event.id": {"$in": filed}})]
    assert sorted(outcomes) == ["convened", *["rejected"] * 7]


async def test_a_card_filed_later_counts_however_late_the_earlier_one_comes(
    world: World, secretariat: Office, code: str
) -> None:
    id = f"S-{uuid4()}"
    await world.move(code)
    await secretariat.file("council.convened", session(id, code))
    morning, noon = datetime(2026, 11, 27, 2, 0, tzinfo=UTC), datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
    await secretariat.file("scorecard.filed", card(id, code, "m3", 82), at=noon)
    await secretariat.file("scorecard.filed", card(id, code, "m3", 75), at=morning)
    for member in ("m1", "m2"):
        await secretariat.file("scorecard.filed", card(id, code, member, 80))

    result = await world.answer(await secretariat.file("council.concluded", conclusion(id, code)))

    assert result.data["average"]["numerator"] == 80 + 80 + 82
