"""An alert that an operator sends once more, from its records to what is recorded of it then, without a server."""

from dataclasses import replace
from typing import Any

import pytest

from ops.alerts.resending import KnownAlert, known_alert, resent
from ops.history.products import alerts_of
from ops.history.records import read_record
from ops.operator_settings import AccessError
from services.notifications import contacts
from services.notifications.channels import Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.context import Notifications
from services.notifications.delivering import deliver
from shared.contracts.alert import ChannelName
from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_RENEWAL_DUE,
    CONTACT_CHANGED,
)
from shared.contracts.certificates import RenewalMilestone
from shared.contracts.dossier import Preferences, Reach
from shared.contracts.event import Event
from shared.handling.history import Version
from shared.handling.outcome import Answered, Decision, Retry
from tests.unit.contact_keys import seal
from tests.unit.handling import NOW, Bench
from tests.unit.notifications.alerting import FakeChannel, answers_of, send_alert
from tests.unit.notifications.lives import expired, renewal_due
from tests.unit.notifications.test_deliveries import event_of, rated, recipient

CODE = "19-05500-1-2026"


class FromMemory:
    """Reads records as an operator does, from a database in memory."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    async def find(
        self, _: str, collection: str, query: dict[str, Any], *, order: str, limit: int
    ) -> list[dict[str, Any]]:
        asked = {name: value for name, value in query.items() if name != "announced.id"}
        pages = self.bench.database.collection(collection).pages(asked, order=order)
        found = [each async for page in pages for each in page]
        ids = {query["announced.id"]} if "announced.id" in query else set()
        return [each for each in found if ids <= {event["id"] for event in each["announced"]}][:limit]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def reached(bench: Bench, *mail: DeliveryResult, sms: DeliveryResult | None = None) -> Notifications:
    """Return notifications whose mail server answers so, and a gateway for text messages."""
    channels = {"email": FakeChannel(mail), "sms": FakeChannel([sms] if sms else [], "sms")}
    return replace(await Notifications.prepared(bench.resources), channels=channels)  # type: ignore[arg-type]


async def of_the_only_alert(bench: Bench) -> KnownAlert:
    (id,) = {each["alert_id"] for each in bench.documents("alerts") if "kind" in each}
    reader: Any = FromMemory(bench)
    known = await known_alert(reader, id)
    assert known
    return known


async def send_again(bench: Bench, notifications: Notifications, channel: ChannelName = "email") -> Any:
    known = await of_the_only_alert(bench)
    return await deliver(channel, notifications, resent(known, known.channel(channel), NOW))


def mails(notifications: Notifications, channel: ChannelName = "email") -> list[Any]:
    found: Any = notifications.channels[channel]
    return list(found.deliveries)


async def test_what_has_arrived_goes_out_again_as_the_same_delivery_and_is_announced_as_another(bench: Bench) -> None:
    notifications = await reached(bench)
    await send_alert(notifications, rated())

    await send_again(bench, notifications)

    first, second = mails(notifications)
    assert first.id == second.id
    before, again = answers_of(bench)
    assert (before.type, again.type) == (ALERT_DELIVERED.type, ALERT_DELIVERED.type)
    assert before.id != again.id
    assert before.data == again.data


async def test_the_same_message_sends_it_once_however_often_it_comes(bench: Bench) -> None:
    notifications = await reached(bench)
    await send_alert(notifications, rated())
    delivery = resent(await of_the_only_alert(bench), "email", NOW)

    for _ in range(2):
        assert isinstance(await deliver("email", notifications, delivery), Answered)

    assert len(mails(notifications)) == 2


async def test_by_another_channel_it_is_on_record_with_that_one(bench: Bench) -> None:
    notifications = await reached(bench, Refused("550 5.1.1"), sms=Refused("barred"))
    await send_alert(notifications, rated())
    known = await of_the_only_alert(bench)
    assert known.state.channel == "sms"

    await deliver("email", notifications, resent(known, "email", NOW))

    (*_, last) = [read_record("notifications", each) for each in bench.documents("alerts") if "kind" in each]
    (shown,) = alerts_of([last])
    assert (shown["channel"], shown["outcome"]) == ("email", "delivered")
    assert last.document["again"]


async def test_if_it_fails_no_other_channel_has_its_turn(bench: Bench) -> None:
    notifications = await reached(bench, Delivered(), Refused("550 5.1.1"))
    await send_alert(notifications, rated())

    await send_again(bench, notifications)

    assert mails(notifications, "sms") == []
    assert [each.type for each in answers_of(bench)] == [ALERT_DELIVERED.type, ALERT_FAILED.type]


async def test_what_no_try_hands_over_has_failed_and_waits_for_no_morning(bench: Bench) -> None:
    notifications = await reached(bench, Delivered(), Unavailable("451 4.3.2"))
    await send_alert(notifications, rated())

    outcome = await send_again(bench, notifications)
    assert isinstance(outcome, Retry)
    assert outcome.last_resort
    await outcome.last_resort()

    failed = answers_of(bench)[-1]
    assert (failed.type, failed.data["reason"]) == (ALERT_FAILED.type, "attempts-used-up")


async def test_what_the_log_had_goes_by_mail_once_there_is_a_server(bench: Bench) -> None:
    event = event_of(CERTIFICATE_EXPIRED, expired().model_dump(mode="json"), "e-1")
    announced = {"id": "e-1", "source": event.source, "type": event.type, "data": event.data, "time": None}
    code = expired().product_code
    record = {"_id": "x", "history": {"of": code, "version": 1}, "recorded_at": NOW, "announced": [announced]}
    await bench.database.collection("products").insert(record)
    await send_alert(await Notifications.prepared(bench.resources), event)
    assert (await of_the_only_alert(bench)).state.channel == "log"

    notifications = await reached(bench)
    known = await of_the_only_alert(bench)
    with pytest.raises(AccessError, match=r"say --channel, one of email, zalo, sms"):
        known.channel(None)
    await deliver("email", notifications, resent(known, known.channel("email"), NOW))

    assert len(mails(notifications)) == 1


async def changed_contact(bench: Bench, email: str, preferences: Preferences | None = None) -> None:
    sealed = seal(Reach(email=email))
    state = contacts.KnownContact(sealed=sealed, sequence=9, preferences=preferences)
    reference = Event("c-1", "/ocop/registry", CONTACT_CHANGED.type, {}).reference
    version = Version(contacts.history_of(CODE), 1, state)
    notifications = await Notifications.prepared(bench.resources)
    await notifications.alerts.record(Decision("c-1", (), {"event": reference}, version=version))


async def test_it_goes_to_where_she_is_reached_now(bench: Bench) -> None:
    notifications = await reached(bench, Refused("550 5.1.1"), sms=Refused("barred"))
    await send_alert(notifications, rated())
    await changed_contact(bench, "moi@haodat.example.vn")

    await send_again(bench, notifications)

    assert [each.to for each in mails(notifications)] == ["lienhe@haodat.example.vn", "moi@haodat.example.vn"]


async def test_what_she_declines_is_not_sent(bench: Bench) -> None:
    notifications = await reached(bench)
    await send_alert(notifications, rated(to=recipient(Preferences(declined=("sms",)))))

    await send_again(bench, notifications, "sms")

    assert mails(notifications, "sms") == []
    assert answers_of(bench)[-1].data["detail"] == "declined"


async def test_what_she_has_declined_since_is_not_asked_for(bench: Bench) -> None:
    notifications = await reached(bench)
    await send_alert(notifications, rated())
    await changed_contact(bench, "moi@haodat.example.vn", Preferences(declined=("email",)))

    with pytest.raises(AccessError, match="the producer declines email"):
        (await of_the_only_alert(bench)).channel(None)


async def test_what_later_news_have_overtaken_is_not_sent(bench: Bench) -> None:
    notifications = await reached(bench)
    due = renewal_due(RenewalMilestone.OPEN, 60)
    await send_alert(notifications, event_of(CERTIFICATE_RENEWAL_DUE, due.model_dump(mode="json"), "d-1", time=NOW))
    (milestone,) = {each["alert_id"] for each in bench.documents("alerts") if "kind" in each}
    later = {
        "product_code": due.product_code,
        "kind": "certificate.expired",
        "event": {"time": NOW.replace(year=2027)},
        "announced": [],
    }
    await bench.database.collection("alerts").insert({"_id": "x", "recorded_at": NOW, **later})

    reader: Any = FromMemory(bench)
    with pytest.raises(AccessError, match="have overtaken it"):
        await known_alert(reader, milestone)
