"""Offices are alerted to what concerns them, by their own addresses, and never about their own silence."""

from dataclasses import replace
from datetime import date

import pytest

from services.notifications.channels import Refused
from services.notifications.context import Notifications
from services.notifications.delivering import deliver
from services.notifications.handlers import alert_to
from services.notifications.office_file import Office, Offices
from shared.contracts.catalogue import ALERT_FAILED, DEADLINE_DUE
from shared.contracts.dossier import Preferences, Reach
from shared.contracts.event import Event
from shared.contracts.rounds import DeadlineDue
from shared.scopes import Role, Scope
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import CHANNEL_OF, FakeChannel, answers_of, ends_of, send_alert
from tests.unit.notifications.test_deliveries import rated, recipient

COMMUNE = Office(
    scope=Scope(Role.COMMUNE, frozenset({"19-05500"})),
    title="Ủy ban nhân dân xã Tân Cương",
    contact=Reach(email="ocop@tancuong.example.vn"),
)
PROVINCE = Office(
    scope=Scope(Role.PROVINCE, frozenset({"19"})),
    title="Sở Nông nghiệp và Môi trường tỉnh Thái Nguyên",
    contact=Reach(email="ocop@thainguyen.example.vn"),
)
ELSEWHERE = COMMUNE.model_copy(update={"scope": Scope(Role.COMMUNE, frozenset({"01-09574"}))})


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def with_offices(bench: Bench, mail: FakeChannel, **offices: Office) -> Notifications:
    notifications = await Notifications.prepared(bench.resources)
    return replace(notifications, channels={"email": mail}, offices=Offices(offices))


def deadline() -> Event:
    due = DeadlineDue(
        deadline="commune-assessment",
        due_on=date(2026, 12, 9),
        when="before",
        province_code="19",
        product_code="19-05500-3-2026",
        round=1,
        waiting=("19-05500-3-2026",),
    )
    data = due.model_dump(mode="json")
    return Event("d-1", "/ocop/registry", DEADLINE_DUE.type, data, place="19-05500")


def failed(bench: Bench) -> Event:
    """Return the failure that was announced last."""
    return next(event for event in reversed(answers_of(bench)) if event.type == ALERT_FAILED.type)


async def test_a_last_day_is_told_to_the_commune_and_the_province_of_its_place(bench: Bench) -> None:
    mail = FakeChannel()
    notifications = await with_offices(bench, mail, xa=COMMUNE, so=PROVINCE, elsewhere=ELSEWHERE)

    await alert_to(notifications, deadline())
    for task in list(bench.publisher.announced):
        await deliver(CHANNEL_OF[task.type], notifications, task)

    assert sorted(each.to for each in mail.deliveries) == ["ocop@tancuong.example.vn", "ocop@thainguyen.example.vn"]
    assert {(each.data["audience"], each.data["to"]) for each in answers_of(bench)} == {
        ("office", "xa"),
        ("office", "so"),
    }


async def test_an_office_without_an_address_gets_the_event_only(bench: Bench) -> None:
    mail = FakeChannel()
    silent = COMMUNE.model_copy(update={"contact": Reach()})
    notifications = await with_offices(bench, mail, xa=silent)

    await send_alert(notifications, deadline())

    assert (mail.sent, bench.documents("alerts"), bench.publisher.announced) == ([], [], [])


async def test_that_a_producer_was_not_reached_is_told_to_her_commune_with_what_was_tried(bench: Bench) -> None:
    mail = FakeChannel([Refused("550 5.1.1")])
    notifications = await with_offices(bench, mail, xa=COMMUNE, so=PROVINCE)
    await send_alert(notifications, replace(rated(), place="19-05500"))

    await send_alert(notifications, replace(failed(bench), place="19-05500"))

    assert [each.to for each in mail.deliveries] == ["lienhe@haodat.example.vn", "ocop@tancuong.example.vn"]
    assert "19-05500-1-2026" in mail.sent[-1].text
    assert "lienhe@haodat.example.vn" not in mail.sent[-1].text


async def test_who_declines_every_channel_has_the_office_asked_for_paper(bench: Bench) -> None:
    mail = FakeChannel()
    notifications = await with_offices(bench, mail, xa=COMMUNE)
    declines = recipient(Preferences(declined=("email", "zalo", "sms")))
    await send_alert(notifications, replace(rated(to=declines), place="19-05500"))

    await send_alert(notifications, replace(failed(bench), place="19-05500"))

    assert [each.to for each in mail.deliveries] == ["ocop@tancuong.example.vn"]
    assert "bằng giấy" in mail.sent[0].text


async def test_that_an_office_was_not_reached_makes_no_further_alert(bench: Bench) -> None:
    mail = FakeChannel([Refused("550 5.1.1")])
    notifications = await with_offices(bench, mail, xa=COMMUNE)
    await send_alert(notifications, deadline())
    before = len(ends_of(bench))

    await send_alert(notifications, replace(failed(bench), place="19-05500"))

    assert len(ends_of(bench)) == before
    assert len(mail.deliveries) == 1
