"""What becomes of an alert on its way: by which channels, with which others, when, and what is on record of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from services.notifications.alert_state import AlertState
from services.notifications.channels import Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.subscriptions import Subscription
from services.notifications.context import Notifications
from services.notifications.delivering import Attempt, deliver
from services.notifications.handlers import alert_to, contact_changed
from services.notifications.mailbox import decide, is_mailbox
from services.notifications.plan import alert_about
from services.notifications.sending import Subject
from shared.contracts.alert import DeliveryDue, TriedChannel
from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    CONTACT_CHANGED,
    PREFERENCES_CHANGED,
    PRODUCT_RATED,
    EventType,
)
from shared.contracts.contact import ContactChanged, PreferencesChanged
from shared.contracts.dossier import Contact, Preferences, QuietHours, Reach, Recipient
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.history import Version
from shared.handling.outcome import Answered
from shared.integrations import Listener
from shared.scopes import Role, Scope
from shared.timers import Milestone
from tests.unit.contact_keys import seal
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import (
    CHANNEL_OF,
    FakeChannel,
    answers_of,
    empty_mailboxes,
    mailing,
    send_alert,
    tasks_of,
)
from tests.unit.notifications.examples import three_stars
from tests.unit.notifications.lives import expired, expiring

NIGHT = datetime(2026, 11, 28, 15, 30, tzinfo=UTC)  # 22:30 in Vietnam
MORNING = datetime(2026, 11, 29, 0, 0, tzinfo=UTC)  # 07:00 in Vietnam


def recipient(preferences: Preferences | None = None) -> Recipient:
    contact = Contact(phone="0912 345 678", email="lienhe@haodat.example.vn", preferences=preferences)
    return Recipient(name="Hợp tác xã Chè Hảo Đạt", contact=contact)


def rated(number: int = 1, *, to: Recipient | None = None) -> Event:
    code = f"19-05500-{number}-2026"
    data = three_stars(to or recipient()).model_copy(update={"product_code": code}).model_dump(mode="json")
    return event_of(PRODUCT_RATED, data, f"r-{number}")


def event_of(kind: EventType[Any], data: dict[str, Any], id: str, *, time: datetime | None = None) -> Event:
    return Event(id, "/ocop/evaluation", kind.type, data, time=time, place="19-05500")


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def with_text_messages(
    bench: Bench, mail: DeliveryResult, sms: DeliveryResult | None = None
) -> tuple[Notifications, FakeChannel, FakeChannel]:
    by_mail, by_sms = FakeChannel([mail]), FakeChannel([sms] if sms else [], "sms")
    notifications = await Notifications.prepared(bench.resources)
    return replace(notifications, channels={"email": by_mail, "sms": by_sms}), by_mail, by_sms


# By which channels


async def test_where_mail_fails_for_good_a_text_message_follows(bench: Bench) -> None:
    notifications, mail, sms = await with_text_messages(bench, Refused("550 5.1.1"))

    await send_alert(notifications, rated())

    assert (len(mail.sent), [each.to for each in sms.deliveries]) == (1, ["0912 345 678"])
    (delivered,) = answers_of(bench)
    assert (delivered.type, delivered.data["channel"]) == (ALERT_DELIVERED.type, "sms")


async def test_an_alert_fails_once_every_channel_has_and_says_what_was_tried(bench: Bench) -> None:
    notifications, _, _ = await with_text_messages(bench, Refused("550 5.1.1"), Refused("barred"))

    await send_alert(notifications, rated())

    (failed,) = answers_of(bench)
    assert (failed.type, failed.data["channel"]) == (ALERT_FAILED.type, "sms")
    assert [(each["channel"], each["detail"]) for each in failed.data["tried"]] == [
        ("email", "550 5.1.1"),
        ("sms", "barred"),
    ]


async def test_she_is_told_on_the_channel_that_she_names_first(bench: Bench) -> None:
    notifications, mail, sms = await with_text_messages(bench, Delivered())

    await send_alert(notifications, rated(to=recipient(Preferences(channels=("sms",)))))

    assert (len(mail.sent), len(sms.sent)) == (0, 1)


async def test_on_a_channel_that_she_declines_nothing_comes(bench: Bench) -> None:
    notifications, mail, sms = await with_text_messages(bench, Delivered())

    await send_alert(notifications, rated(to=recipient(Preferences(declined=("email", "zalo")))))

    assert (len(mail.sent), len(sms.sent)) == (0, 1)


async def test_who_declines_every_channel_is_said_to_get_paper(bench: Bench) -> None:
    notifications, mail, sms = await with_text_messages(bench, Delivered())

    await send_alert(notifications, rated(to=recipient(Preferences(declined=("email", "zalo", "sms")))))

    assert (mail.sent, sms.sent) == ([], [])
    (failed,) = answers_of(bench)
    assert (failed.type, failed.data["reason"]) == (ALERT_FAILED.type, "declined")


async def test_a_channel_that_is_not_set_up_any_more_fails_and_the_next_follows(bench: Bench) -> None:
    notifications, _, sms = await with_text_messages(bench, Delivered())
    (task,) = tasks_of(await alert_to(notifications, rated()))

    only_sms = replace(notifications, channels={"sms": sms})
    (following,) = tasks_of(await deliver("email", only_sms, task))
    await deliver(CHANNEL_OF[following.type], only_sms, following)

    assert answers_of(bench)[0].data["channel"] == "sms"


# With which others


async def test_alerts_to_one_recipient_go_out_as_one_digest(bench: Bench) -> None:
    bench = Bench(digest_seconds=120)
    notifications, mail = await mailing(bench)
    for number in range(1, 13):
        await send_alert(notifications, rated(number))
    bench.now += timedelta(seconds=119)
    assert await empty_mailboxes(notifications, bench) == []
    bench.now += timedelta(seconds=1)

    await empty_mailboxes(notifications, bench)

    (digest,) = mail.deliveries
    assert [alert.product_code for alert in digest.alerts] == [f"19-05500-{n}-2026" for n in range(1, 13)]
    answers = answers_of(bench)
    assert [answer.data["about"] for answer in answers] == [f"r-{number}" for number in range(1, 13)]
    assert {answer.type for answer in answers} == {ALERT_DELIVERED.type}


async def test_another_recipient_s_alert_goes_out_by_itself(bench: Bench) -> None:
    bench = Bench(digest_seconds=120)
    notifications, mail = await mailing(bench)
    other = Recipient(name="Cơ sở Hoa", contact=Contact(phone="0912 000 000", email="hoa@example.vn"))
    await send_alert(notifications, rated(1))
    await send_alert(notifications, rated(2, to=other))
    bench.now += timedelta(seconds=120)

    await empty_mailboxes(notifications, bench)

    assert sorted(each.to for each in mail.deliveries) == ["hoa@example.vn", "lienhe@haodat.example.vn"]


async def test_what_came_of_a_digest_is_not_decided_twice_where_a_process_died_in_between(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(digest_seconds=120)
    notifications, mail = await mailing(bench)
    for number in (1, 2):
        await send_alert(notifications, rated(number))
    bench.now += timedelta(seconds=120)
    inserted: list[str] = []
    insert = bench.database.collection("alerts").insert

    async def dies_after_one(document: dict[str, Any]) -> None:
        if document.get("outcome") == "delivered" and inserted:
            raise OutageError("the process died")
        inserted.append(document["_id"]) if document.get("outcome") == "delivered" else None
        await insert(document)

    with monkeypatch.context() as patch:
        patch.setattr(bench.database.collection("alerts"), "insert", dies_after_one)
        with pytest.raises(OutageError):
            await empty_mailboxes(notifications, bench)
    restarted = replace(await Notifications.prepared(bench.resources), channels={"email": mail})
    (task,) = [event for event in bench.publisher.announced if event.type in CHANNEL_OF]
    await deliver("email", restarted, task)

    assert len(mail.deliveries) == 1
    assert [answer.data["about"] for answer in answers_of(bench)] == ["r-1", "r-1", "r-2"]


async def test_a_mailbox_that_is_full_goes_out_at_once(bench: Bench) -> None:
    bench = Bench(digest_seconds=3600)
    notifications, mail = await mailing(bench)
    for number in range(1, 101):
        await send_alert(notifications, rated(number))

    await empty_mailboxes(notifications, bench)

    assert [len(each.alerts) for each in mail.deliveries] == [100]


# When


async def test_at_night_an_alert_waits_for_the_morning(bench: Bench) -> None:
    bench.now = NIGHT
    notifications, mail = await mailing(bench)
    await send_alert(notifications, rated())
    bench.now = MORNING - timedelta(seconds=1)
    await empty_mailboxes(notifications, bench)
    assert mail.sent == []

    bench.now = MORNING
    await empty_mailboxes(notifications, bench)

    assert len(mail.sent) == 1


async def test_at_night_a_certificate_that_expired_is_told_at_once(bench: Bench) -> None:
    bench.now = NIGHT
    notifications, mail = await mailing(bench)

    await send_alert(notifications, event_of(CERTIFICATE_EXPIRED, expired().model_dump(mode="json"), "e-1"))

    assert len(mail.sent) == 1


async def test_her_own_quiet_hours_count(bench: Bench) -> None:
    bench.now = NIGHT
    notifications, mail = await mailing(bench)
    wakes_early = Preferences(quiet_hours=QuietHours(begins="00:00", ends="04:30"))

    await send_alert(notifications, rated(to=recipient(wakes_early)))

    assert len(mail.sent) == 1


async def test_a_process_that_dies_before_an_alert_is_in_its_mailbox_puts_it_there_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.now = NIGHT
    notifications, mail = await mailing(bench)

    async def dies(*_: object) -> None:
        raise OutageError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr(Notifications, "_hold", dies)
        with pytest.raises(OutageError):
            await alert_to(notifications, rated())
    for _ in range(2):
        assert isinstance(await alert_to(notifications, rated()), Answered)
    bench.now = MORNING
    await empty_mailboxes(notifications, bench)

    assert len(mail.sent) == 1


async def test_what_a_channel_asks_to_wait_for_is_waited_for_by_the_clock(bench: Bench) -> None:
    notifications, mail = await mailing(bench, Unavailable("429", retry_after=900))

    assert isinstance(await send_alert(notifications, rated()), Answered)
    bench.now += timedelta(seconds=899)
    await empty_mailboxes(notifications, bench)
    assert len(mail.sent) == 1
    bench.now += timedelta(seconds=1)
    await empty_mailboxes(notifications, bench)

    assert len(mail.sent) == 2
    assert [answer.type for answer in answers_of(bench)] == [ALERT_DELIVERED.type]


async def test_a_repeat_has_the_id_of_the_first_delivery(bench: Bench) -> None:
    notifications, mail = await mailing(bench, Unavailable("429", retry_after=900))
    await send_alert(notifications, rated())
    bench.now += timedelta(seconds=900)

    await empty_mailboxes(notifications, bench)

    assert len({each.id for each in mail.deliveries}) == 1


# What is overtaken


async def test_a_milestone_that_later_news_have_overtaken_is_not_sent(bench: Bench) -> None:
    bench.now = NIGHT
    notifications, mail = await mailing(bench)
    expires = event_of(CERTIFICATE_EXPIRING, expiring().model_dump(mode="json"), "e-1", time=NIGHT)
    ended = event_of(CERTIFICATE_EXPIRED, expired().model_dump(mode="json"), "e-2", time=NIGHT + timedelta(hours=2))
    await send_alert(notifications, expires)
    bench.now += timedelta(hours=2)
    await send_alert(notifications, ended)
    bench.now = MORNING
    await empty_mailboxes(notifications, bench)

    assert [alert.kind for alert in mail.sent] == ["certificate.expired"]
    assert bench.documents("alerts")[-1]["outcome"] == "overtaken"


# Once more


async def test_what_has_arrived_is_not_delivered_again_by_an_older_message(bench: Bench) -> None:
    notifications, mail = await mailing(bench)
    (task,) = tasks_of(await alert_to(notifications, rated()))
    await deliver("email", notifications, task)

    await deliver("email", notifications, replace(task, id="another"))

    assert len(mail.sent) == 1
    assert len(answers_of(bench)) == 1


async def test_what_an_operator_asks_for_once_more_is_delivered_though_it_arrived(bench: Bench) -> None:
    notifications, mail = await mailing(bench)
    (task,) = tasks_of(await alert_to(notifications, rated()))
    await deliver("email", notifications, task)

    await deliver("email", notifications, replace(task, id="another", data={**task.data, "again": True}))

    assert len(mail.sent) == 2
    first, second = answers_of(bench)
    assert (first.data, second.sequence) == (second.data, 3)
    assert first.id != second.id


async def test_what_has_ended_is_not_failing_any_more(bench: Bench) -> None:
    notifications, _ = await mailing(bench, Unavailable("429", retry_after=900))
    await send_alert(notifications, rated())
    bench.now += timedelta(seconds=900)

    await empty_mailboxes(notifications, bench)

    state = next(each for each in reversed(bench.documents("alerts")) if each.get("outcome") == "delivered")
    assert state["history"]["state"]["failing_since"] is None


# What is another by the time of its turn


def contact_of(code: str, email: str, sequence: int = 9) -> Event:
    changed = ContactChanged(product_code=code, sealed_contact=seal(Reach(email=email)))
    return Event("c-1", "/ocop/registry", CONTACT_CHANGED.type, changed.model_dump(mode="json"), sequence=sequence)


async def held_overnight(bench: Bench, *events: Event) -> tuple[Notifications, FakeChannel]:
    bench.now = NIGHT
    notifications, mail = await mailing(bench)
    for event in events:
        await send_alert(notifications, replace(event, time=NIGHT))
    return notifications, mail


async def test_an_alert_that_waited_goes_to_the_contact_that_was_changed_meanwhile(bench: Bench) -> None:
    notifications, mail = await held_overnight(bench, rated())
    await contact_changed(notifications, contact_of("19-05500-1-2026", "moi@example.vn"))
    bench.now = MORNING

    await empty_mailboxes(notifications, bench)

    assert [each.to for each in mail.deliveries] == ["moi@example.vn"]


async def test_a_channel_that_she_declined_meanwhile_gets_nothing(bench: Bench) -> None:
    notifications, mail = await held_overnight(bench, rated())
    declined = PreferencesChanged(product_code="19-05500-1-2026", preferences=Preferences(declined=("email",)))
    data = declined.model_dump(mode="json")
    await contact_changed(notifications, Event("p-1", "/ocop/registry", PREFERENCES_CHANGED.type, data, sequence=9))
    bench.now = MORNING

    await empty_mailboxes(notifications, bench)

    assert mail.deliveries == []
    (failed,) = answers_of(bench)
    assert failed.data["tried"] == [{"channel": "email", "reason": "refused", "detail": "declined"}]


async def test_of_a_digest_what_goes_elsewhere_by_now_goes_by_itself(bench: Bench) -> None:
    notifications, mail = await held_overnight(bench, rated(1), rated(2), rated(3))
    await contact_changed(notifications, contact_of("19-05500-2-2026", "moi@example.vn"))
    bench.now = MORNING

    for outcome in await empty_mailboxes(notifications, bench):
        assert isinstance(outcome, Answered)
    tasks = [each for each in bench.publisher.announced if each.type in CHANNEL_OF]
    (apart,) = (each for each in tasks if [alert["event"]["id"] for alert in each.data["alerts"]] == ["r-2"])
    await deliver("email", notifications, apart)

    assert [(each.to, [alert.about for alert in each.alerts]) for each in mail.deliveries] == [
        ("lienhe@haodat.example.vn", ["r-1", "r-3"]),
        ("moi@example.vn", ["r-2"]),
    ]
    assert sorted(each.data["about"] for each in answers_of(bench)) == ["r-1", "r-2", "r-3"]


async def test_a_try_again_whose_turn_comes_at_night_waits_for_the_morning(bench: Bench) -> None:
    notifications, mail = await mailing(bench, Unavailable("429", retry_after=7200))
    await send_alert(notifications, rated())
    bench.now = NIGHT + timedelta(hours=1)
    await empty_mailboxes(notifications, bench)
    assert len(mail.sent) == 1

    bench.now = MORNING
    await empty_mailboxes(notifications, bench)

    assert len(mail.sent) == 2


async def test_what_waits_for_our_own_rate_is_not_given_up(bench: Bench) -> None:
    limited = [Unavailable("rate-limit", retry_after=900, asked=False)] * 200
    notifications, mail = await mailing(bench, *limited)
    await send_alert(
        notifications, rated(to=recipient(Preferences(quiet_hours=QuietHours(begins="03:00", ends="03:01"))))
    )
    for _ in range(150):
        bench.now += timedelta(seconds=900)
        await empty_mailboxes(notifications, bench)

    assert answers_of(bench) == []
    assert len(mail.deliveries) > 140


async def test_what_an_earlier_channel_refused_is_not_what_became_of_this_delivery() -> None:
    event = rated()
    alert = alert_about(event, NIGHT, lambda _: recipient())
    assert alert
    refused = (TriedChannel(channel="email", reason="refused", detail="550"),)
    held = AlertState(channel="sms", outcome="held", tried=refused, settled_by="d")
    subject = replace(Subject.first(alert, event), known=Version(alert.id, 2, held))
    due = DeliveryDue(delivery_id="d", audience="producer", alerts=(subject.due,))

    assert Attempt("d", due, "sms", (subject,)).earlier is None


async def test_a_mailbox_whose_records_are_gone_is_emptied_all_the_same(bench: Bench) -> None:
    notifications, mail = await held_overnight(bench, rated())
    of = next(each["history"]["of"] for each in bench.documents("alerts") if is_mailbox(each["history"]["of"]))
    version = await notifications.alerts.mailbox(of)
    assert version
    milestone = Milestone(of, version.state.due[0]).event("notifications")

    decision = decide(version, milestone, version.state.held, {}, MORNING)

    assert (decision.announced, mail.sent) == ((), [])
    assert decision.version
    assert decision.version.state.held == ()


# To programs


async def test_each_event_for_a_subscription_waits_by_itself(bench: Bench) -> None:
    webhook = FakeChannel([Unavailable("503", retry_after=3600)] * 3, "webhook")
    subscription = Subscription(
        name="trade-site",
        url="https://trade.example.vn/ocop",
        secrets=(SecretStr("whsec_" + "A" * 43 + "="),),
        listener=Listener(scope=Scope(Role.CENTRE, frozenset({"everywhere"}))),
    )
    notifications = replace(
        await Notifications.prepared(bench.resources), channels={"webhook": webhook}, subscriptions=(subscription,)
    )
    for number in range(1, 4):
        await alert_to(notifications, rated(number))
    for task in [each for each in bench.publisher.announced if each.type in CHANNEL_OF]:
        await deliver("webhook", notifications, task)

    held = [each["history"]["of"] for each in bench.documents("alerts") if is_mailbox(each["history"]["of"])]
    assert len(set(held)) == len(held) == 3
