"""`ocop product`, `rating` and `alerts show`: what is on record, and nobody's name."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from ops.alerts.composing import masked, preview_of
from ops.alerts.preview import find_event
from ops.alerts.resend import find_alert, send_again
from ops.alerts.resending import KnownAlert
from ops.broker_access import Access
from ops.history.show import write_alerts, write_product, write_ratings
from ops.history.waiting import write_waiting
from ops.operator_settings import AccessError, OperatorSettings
from services.notifications.alert_state import AlertState, Waiting
from services.notifications.listing import facets_of
from shared.contracts.event import Event
from shared.storage import database_of, now_database_of
from tests.integration.dossiers import new_dossier
from tests.integration.operator import operator_of
from tests.integration.portal import SOURCE, Portal
from tests.integration.running import System
from tools.stack import LocalStack

NAME, PHONE, EMAIL = "Cơ sở của bà Hoa", "024 3383 0000", "hoa@example.vn"

SHOWN: dict[str, Callable[..., Awaitable[int]]] = {
    "product": partial(write_product, reveal=False),
    "rating": write_ratings,
    "alert": write_alerts,
}


@dataclass(frozen=True)
class Story:
    """A dossier that was filed, and the code that its product has."""

    dossier: str
    code: str


@dataclass(frozen=True)
class Operator:
    """Runs what the commands run, and gives what they wrote."""

    settings: OperatorSettings
    output: pytest.CaptureFixture[str]

    async def sees(self, what: str, asked: str, *, code: int = 0, **options: Any) -> str:
        """Show it to a person."""
        self.output.readouterr()
        assert await SHOWN[what](self.settings, asked, **{"as_json": False, **options}) == code
        return self.output.readouterr().out

    async def reads(self, what: str, asked: str, **options: Any) -> list[dict[str, Any]]:
        """Show it to a program. The services, in this process too, write lines of their own."""
        lines = (await self.sees(what, asked, as_json=True, **options)).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def settings(mongo_url: str | None) -> OperatorSettings:
    return OperatorSettings(None, mongo_url, None, (), None)


@pytest.fixture
def operator(stack: LocalStack, capsys: pytest.CaptureFixture[str]) -> Operator:
    return Operator(settings(stack.credentials("operator").mongo_url), capsys)


@pytest.fixture
async def story(portal: Portal) -> Story:
    """A dossier that was rated, and its producer told."""
    dossier = new_dossier(product_set=6)
    dossier["producer"] |= {"name": NAME, "contact": {"phone": PHONE, "email": EMAIL}}
    id = await portal.file(dossier)
    delivered = await portal.event(id, "alert.delivered")
    return Story(id, delivered.data["product_code"])


@pytest.fixture
async def rejected(portal: Portal) -> str:
    """The id of a dossier that was turned back."""
    id = await portal.file(new_dossier() | {"samples": 3})
    await portal.event(id, "alert.delivered")
    return id


async def test_a_product_is_found_by_its_code_and_by_its_dossier(operator: Operator, story: Story) -> None:
    by_code = await operator.reads("product", story.code)
    by_dossier = await operator.reads("product", story.dossier)

    assert by_code == by_dossier
    (product,) = by_code
    assert (product["product_code"], product["province"], product["product_set"]) == (story.code, "Hà Nội", 6)
    (dossier,) = product["dossiers"]
    assert (dossier["id"], dossier["source"], dossier["outcome"]) == (story.dossier, SOURCE, "rated")
    assert (dossier["total"], dossier["stars"], dossier["faults"]) == (3, 1, [])


async def test_a_product_has_its_rejected_dossiers_and_the_alerts_to_them(
    operator: Operator, portal: Portal, story: Story
) -> None:
    upgrade = new_dossier(product_set=6) | {"registration": "upgrade", "product_code": story.code}
    id = await portal.file(upgrade)
    await portal.event(id, "alert.delivered")

    (product,) = await operator.reads("product", story.code)
    alerts = await operator.reads("alert", story.code)

    assert [(each["id"], each["outcome"]) for each in product["dossiers"]] == [
        (story.dossier, "rated"),
        (id, "dossier-rejected"),
    ]
    assert [(each["dossier_id"], each["kind"], each["outcome"]) for each in alerts] == [
        (story.dossier, "product.rated", "delivered"),
        (id, "dossier.rejected", "delivered"),
    ]


@pytest.mark.parametrize("what", SHOWN)
@pytest.mark.parametrize("as_json", [False, True], ids=["to people", "to programs"])
async def test_nobody_is_named(operator: Operator, story: Story, what: str, as_json: bool) -> None:
    shown = await operator.sees(what, story.code, as_json=as_json)

    assert story.dossier in shown
    assert [value for value in (NAME, PHONE, EMAIL) if value in shown] == []


async def test_who_makes_it_is_shown_where_that_is_asked_for(operator: Operator, story: Story) -> None:
    for_people = await operator.sees("product", story.code, reveal=True)
    (for_programs,) = await operator.reads("product", story.code, reveal=True)

    producer = for_programs["producer"]
    assert producer["name"] == NAME
    assert NAME in for_people
    assert [value for value in (PHONE, EMAIL) if value in f"{for_programs}{for_people}"] == []


async def test_a_dossier_that_was_turned_back_says_why(operator: Operator, rejected: str) -> None:
    (product,) = await operator.reads("product", rejected)
    for_people = await operator.sees("product", rejected)

    assert (product["product_code"], product["producer"]) == (None, None)
    assert [fault["code"] for fault in product["dossiers"][0]["faults"]] == ["samples-wrong"]
    assert "No dossier was accepted" in for_people
    assert "samples-wrong" in for_people


async def test_a_rating_is_shown_whole(operator: Operator, story: Story) -> None:
    (rating,) = await operator.reads("rating", story.code)
    for_people = await operator.sees("rating", story.dossier)

    assert (rating["dossier_id"], rating["outcome"], rating["rating"]["total"]) == (story.dossier, "rated", 3)
    assert "sealed_recipient" not in rating["rating"]
    assert "3/100 points, 1 sao ★☆☆☆☆" in for_people


async def test_answers_that_do_not_fit_the_sheet_are_shown_as_faults(operator: Operator, portal: Portal) -> None:
    id = await portal.file(new_dossier() | {"self_assessment": {"eliminations": ["99"]}})
    await portal.event(id, "assessment.rejected")

    (product,) = await operator.reads("product", id)

    assert "unknown-elimination" in await operator.sees("rating", id)
    assert product["dossiers"][0]["outcome"] == "assessment-rejected"


async def test_an_alert_says_over_which_channel_and_how_it_ended(
    operator: Operator, story: Story, rejected: str
) -> None:
    (alert,) = await operator.reads("alert", story.code)

    assert (alert["kind"], alert["channel"], alert["outcome"]) == ("product.rated", "email", "delivered")
    assert "dossier.rejected" in await operator.sees("alert", rejected)


async def test_an_alert_that_waits_is_listed_until_when_and_why(operator: Operator, stack: LocalStack) -> None:
    state = AlertState(
        channel="email",
        outcome="waiting",
        waiting=Waiting(
            since=datetime(2026, 11, 24, 9, tzinfo=UTC),
            attempts=3,
            next_try_at=(next_try := datetime(2026, 11, 24, 9, 11, tzinfo=UTC)),
            why="421 4.3.2",
            kind="product.rated",
            about="rated-1",
            product_code="01-09574-1-2026",
        ),
    )
    document = {"_id": "waits", "version": 3, "state": state.model_dump(mode="json"), "next_try": next_try}
    document |= {"facets": list(facets_of(state))}
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        alerts = client[now_database_of(database_of("notifications"))]["alerts"]
        await alerts.insert_one(document)
        operator.output.readouterr()
        assert await write_waiting(operator.settings, as_json=False) == 0
        await alerts.delete_one({"_id": "waits"})

    said = operator.output.readouterr().out
    for shown in ("2026-11-24 09:11:00", "421 4.3.2", "01-09574-1-2026", "rated-1"):
        assert shown in said


@pytest.mark.parametrize("what", SHOWN)
@pytest.mark.parametrize(
    ("asked", "further"),
    [("99-99999-1-2026", "ocop journal --product 99-99999-1-2026"), ("nobody", "ocop journal --correlation nobody")],
)
@pytest.mark.usefixtures("system")
async def test_where_nothing_is_on_record_it_says_where_to_look(
    operator: Operator, what: str, asked: str, further: str
) -> None:
    assert await SHOWN[what](operator.settings, asked, as_json=False) == 1

    assert operator.output.readouterr().err.startswith(f"ocop: no {what} of {asked} is on record; {further}")


async def test_a_database_that_is_away_is_told_of_without_the_password() -> None:
    away = settings("mongodb://operator:secret@127.0.0.1:1/admin")

    with pytest.raises(AccessError, match=r"^MongoDB is away: ServerSelectionTimeoutError"):
        await write_ratings(away, "nobody", as_json=False)


async def test_the_command_finds_the_database_by_the_operator_s_settings(stack: LocalStack, story: Story) -> None:
    ran = await operator_of(stack).ocop("alerts", "show", story.code, "--json")

    assert (ran.code, ran.errors) == (0, "")
    assert ran.lines[0]["dossier_id"] == story.dossier


async def test_an_alert_that_an_operator_sends_once_more_is_the_same_mail_again_and_announced_as_another(
    operator: Operator, story: Story, stack: LocalStack, system: System
) -> None:
    (alert,) = await operator.reads("alert", story.code)
    found: list[KnownAlert] = []
    assert await find_alert(operator.settings, alert["alert_id"], found) == 0

    access = Access(stack.credentials("operator").amqp_url)
    assert await send_again(access, operator.settings, found[0], "email", as_json=True) == 0
    await system.until_recorded("alerts", {"history.of": alert["alert_id"], "again": True})

    first, second = system.mails(alert["alert_id"])
    assert first["Message-ID"] == second["Message-ID"]
    *_, before, again = await operator.reads("alert", alert["alert_id"])
    assert (before["outcome"], again["outcome"], before["again"], again["again"]) == (
        "delivered",
        "delivered",
        False,
        True,
    )
    assert before["announced"] != again["announced"]


async def test_an_alert_is_read_again_from_the_event_that_it_is_about(operator: Operator, story: Story) -> None:
    (alert,) = await operator.reads("alert", story.code)
    found: list[Event] = []

    assert await find_event(operator.settings, alert["about"], found) == 0

    shown = preview_of(masked(found[0]), None, "vi").shown("subject").decode().strip()
    assert shown == alert["subject"]
