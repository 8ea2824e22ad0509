"""The handler of notifications without a broker or a mail server: what is sent, recorded, retried, given up."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.notifications.alert_state import AlertState
from services.notifications.channels import Refused, Unavailable
from services.notifications.context import Notifications
from services.notifications.handlers import alert_to
from services.notifications.mailbox import Held, Mailbox, is_mailbox
from services.notifications.told import ALERTED, AlertedEvent
from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    ROUND_MOVED,
    EventType,
)
from shared.contracts.event import BrokenContractError, Event, derived_id
from shared.contracts.rounds import Closing
from shared.contracts.text import Bilingual, Contract, Fault
from shared.errors import OutageError, SettingsError
from shared.handling.history import Version
from shared.handling.outcome import Answered, DeadLetter, Retry, Wait
from shared.key_sets import public_part
from shared.sealing import SealingKey, new_key
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import answers_of, ends_of, mailing, send_alert
from tests.unit.notifications.examples import cooperative, every_event, rejected_dossier, three_stars
from tests.unit.notifications.lives import closed, every_life_event

EVENT = Event(id="r-1", source="/ocop/evaluation", type=PRODUCT_RATED.type, data=three_stars().model_dump(mode="json"))


def event_of(kind: EventType[Any], event_data: Contract) -> Event:
    return Event(id="e-1", source="/ocop/registry", type=kind.type, data=event_data.model_dump(mode="json"))


def sealed_to(key: dict[str, Any], event: Event) -> Event:
    text = SealingKey.of(json.dumps(public_part(key))).seal(cooperative())
    return replace(event, data=event.data | {"sealed_recipient": text})


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_an_alert_is_sent_once_however_often_its_event_comes(bench: Bench) -> None:
    notifications, mail = await mailing(bench)

    for _ in range(2):
        assert isinstance(await send_alert(notifications, EVENT), Answered)

    assert len(mail.sent) == 1
    first, second = answers_of(bench)
    assert first == second
    assert (first.type, first.data["channel"]) == (ALERT_DELIVERED.type, "email")


async def test_without_a_mail_server_the_log_takes_it(bench: Bench) -> None:
    notifications = await Notifications.prepared(bench.resources)

    await send_alert(notifications, EVENT)

    (record,) = ends_of(bench)
    assert (record["channel"], record["outcome"]) == ("log", "delivered")


async def test_an_address_that_is_refused_is_told_to_whoever_listens(bench: Bench) -> None:
    notifications, _ = await mailing(bench, Refused("550 5.1.1"))

    await send_alert(notifications, EVENT)

    (failed,) = answers_of(bench)
    assert (failed.type, failed.data["reason"], failed.data["detail"]) == (ALERT_FAILED.type, "refused", "550 5.1.1")


async def test_a_server_that_is_away_is_tried_again_in_the_broker_and_then_by_the_clock(bench: Bench) -> None:
    notifications, _ = await mailing(bench, Unavailable("451 4.3.2"))
    unavailable = {"channel": "email", "result": "unavailable"}
    before = REGISTRY.get_sample_value("ocop_alerts_total", unavailable) or 0

    outcome = await send_alert(notifications, EVENT)

    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.detail) == ("email-unavailable", "451 4.3.2")
    assert ends_of(bench) == []
    assert REGISTRY.get_sample_value("ocop_alerts_total", unavailable) == before + 1
    assert outcome.last_resort
    assert isinstance(await outcome.last_resort(), Answered)
    state = (await notifications.alerts.alert(ALERT_ID)).state  # type: ignore[union-attr]
    assert (state.outcome, state.waiting and state.waiting.why) == ("held", "451 4.3.2")
    assert [(held.at - bench.now) for held in await held_in(bench)] == [timedelta(hours=6)]


ALERT_ID = derived_id(EVENT.key, "alert")


async def held_in(bench: Bench) -> list[Held]:
    """Return what the only mailbox holds."""
    record = next(each for each in reversed(bench.documents("alerts")) if is_mailbox(each["history"]["of"]))
    return list(Mailbox.model_validate(record["history"]["state"]).held)


async def delayed(notifications: Notifications, wait: Wait) -> Retry:
    """Try the alert in vain, and delay its message as the dispatcher does."""
    outcome = await send_alert(notifications, EVENT)
    assert isinstance(outcome, Retry)
    assert outcome.before_waiting
    await outcome.before_waiting(wait)
    return outcome


def histories(bench: Bench) -> list[tuple[int, str]]:
    """Return version and outcome of each record of alerts."""
    records = bench.documents("alerts")
    assert len({each["history"]["of"] for each in records}) == 1
    return [(each["history"]["version"], each["outcome"]) for each in records]


async def test_an_alert_that_waits_is_on_record_with_its_next_try_and_why(bench: Bench) -> None:
    notifications, _ = await mailing(bench, Unavailable("451 4.3.2"), Unavailable("not-connected OSError"))

    for wait in (Wait(1, 5), Wait(2, 60)):
        await delayed(notifications, wait)

    waiting = bench.documents("alerts")[-1]["history"]["state"]["waiting"]
    assert waiting == {
        "since": "2026-11-28T13:33:00Z",
        "attempts": 2,
        "next_try_at": "2026-11-28T13:34:00Z",
        "why": "not-connected OSError",
        "kind": "product.rated",
        "about": "r-1",
        "product_code": "19-05500-3-2026",
    }
    assert histories(bench) == [(1, "sending"), (2, "waiting"), (3, "waiting")]
    assert answers_of(bench) == []
    assert "haodat" not in str(bench.documents("alerts"))


async def test_an_alert_that_waited_and_arrived_waits_no_more(bench: Bench) -> None:
    notifications, mail = await mailing(bench, Unavailable("451 4.3.2"))
    await delayed(notifications, Wait(1, 5))

    assert isinstance(await send_alert(notifications, EVENT), Answered)

    assert (len(mail.sent), histories(bench)) == (2, [(1, "sending"), (2, "waiting"), (3, "delivered")])
    (delivered,) = answers_of(bench)
    assert (delivered.type, delivered.sequence) == (ALERT_DELIVERED.type, 3)
    assert bench.documents("alerts")[-1]["history"]["state"]["waiting"] is None


async def test_an_alert_that_no_channel_takes_over_fails_after_a_day_and_waits_no_more(bench: Bench) -> None:
    notifications, _ = await mailing(bench, *[Unavailable("451 4.3.2")] * 2)
    await delayed(notifications, Wait(1, 5))
    bench.now += timedelta(hours=36)  # in the morning
    outcome = await send_alert(notifications, EVENT)

    assert isinstance(outcome, Retry)
    assert outcome.last_resort
    await outcome.last_resort()

    assert histories(bench) == [(1, "sending"), (2, "waiting"), (3, "attempts-used-up")]
    (failed,) = answers_of(bench)
    assert failed.data["tried"] == [{"channel": "email", "reason": "attempts-used-up", "detail": "451 4.3.2"}]


async def test_what_another_instance_noted_at_the_same_time_is_not_noted_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifications, _ = await mailing(bench, *[Unavailable("451 4.3.2")] * 2)
    await alert_to(notifications, EVENT)
    before = await notifications.alerts.alert(ALERT_ID)
    await delayed(notifications, Wait(1, 5))

    async def as_before(_: str) -> Version[AlertState] | None:
        """Return what was there before the other instance's."""
        return before

    monkeypatch.setattr(notifications.alerts, "alert", as_before)
    await delayed(notifications, Wait(1, 5))

    assert histories(bench) == [(1, "sending"), (2, "waiting")]


async def test_each_channel_says_how_it_is(bench: Bench) -> None:
    notifications, _ = await mailing(bench)

    assert await notifications.checked() == [
        {
            "channel": "email",
            "place": "mail.example.vn:587",
            "found": "answers, encrypted, logged in",
            "fault": None,
        },
        *({"channel": name, "place": "", "found": "", "fault": None} for name in ("webhook", "zalo", "sms")),
        {"channel": "log", "place": "this service's log", "found": "", "fault": None},
    ]


async def test_a_mail_server_that_is_not_set_has_no_place(bench: Bench) -> None:
    notifications = await Notifications.prepared(bench.resources)

    assert (await notifications.checked())[0] == {"channel": "email", "place": "", "found": "", "fault": None}


async def test_a_mail_that_went_out_is_not_sent_again_because_it_could_not_be_recorded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifications, mail = await mailing(bench)

    async def away(_: object) -> None:
        raise OutageError("MongoDB is away")

    await alert_to(notifications, EVENT)
    with monkeypatch.context() as patch:
        patch.setattr(bench.database.collection("alerts"), "insert", away)
        with pytest.raises(OutageError):
            await send_alert(notifications, EVENT)
    await send_alert(notifications, EVENT)

    assert len(mail.sent) == 1
    assert len(ends_of(bench)) == 1


async def test_a_mail_server_s_address_that_cannot_work_is_said_by_its_setting() -> None:
    with pytest.raises(SettingsError, match="OCOP_SMTP_URL"):
        await Notifications.prepared(Bench(smtp_url="http://mail").resources)


async def test_an_alert_goes_to_whom_the_event_has_sealed(bench: Bench) -> None:
    notifications, mail = await mailing(bench)

    await send_alert(notifications, EVENT)

    (alert,) = mail.sent
    assert (alert.recipient_name, alert.email) == ("Hợp tác xã Chè Hảo Đạt", "lienhe@haodat.example.vn")


async def test_what_is_sealed_to_an_unknown_key_is_a_dead_letter_that_says_what_to_do(bench: Bench) -> None:
    notifications, mail = await mailing(bench)
    key = new_key()

    outcome = await send_alert(notifications, sealed_to(key, EVENT))

    assert isinstance(outcome, DeadLetter)
    assert (outcome.reason, mail.sent, bench.documents("alerts")) == ("unknown-key", [], [])
    assert key["kid"] in outcome.detail
    assert "OCOP_CONTACT_PRIVATE_KEYS, restart notifications, then `ocop dead replay`" in outcome.detail


async def test_once_the_key_is_there_the_same_event_is_alerted() -> None:
    key = new_key()
    keys = {"keys": [new_key(), key]}
    notifications, mail = await mailing(Bench(contact_private_keys=json.dumps(keys)))

    assert isinstance(await send_alert(notifications, sealed_to(key, EVENT)), Answered)

    assert [alert.email for alert in mail.sent] == ["lienhe@haodat.example.vn"]


async def test_a_sealed_text_that_was_changed_breaks_the_contract(bench: Bench) -> None:
    notifications, _ = await mailing(bench)
    head, *rest = str(EVENT.data["sealed_recipient"]).split(".")
    broken = replace(EVENT, data=EVENT.data | {"sealed_recipient": ".".join((head, "AAAA", *rest[1:]))})

    with pytest.raises(BrokenContractError, match="a sealed Recipient"):
        await send_alert(notifications, broken)


async def test_what_a_producer_is_not_told_leaves_no_trace_and_no_seal_is_opened(bench: Bench) -> None:
    notifications, mail = await mailing(bench)
    recognised = event_of(ROUND_MOVED, closed(Closing.RECOGNISED))

    for event in (recognised, sealed_to(new_key(), recognised)):
        assert await send_alert(notifications, event) == Answered()

    assert (mail.sent, bench.documents("alerts"), answers_of(bench)) == ([], [], [])


def turned_back(*codes: str) -> Event:
    faults = tuple(
        Fault(pointer="/samples", code=code, message=Bilingual(vi=f"Lỗi {code}.", en=f"It is {code}."))
        for code in codes
    )
    return event_of(DOSSIER_REJECTED, rejected_dossier(cooperative()).model_copy(update={"faults": faults}))


async def test_of_a_fault_that_only_a_program_makes_the_producer_gets_no_mail(bench: Bench) -> None:
    notifications, mail = await mailing(bench)

    assert await send_alert(notifications, turned_back("wrong-type", "not-allowed")) == Answered()

    assert (mail.sent, bench.documents("alerts"), answers_of(bench)) == ([], [], [])


async def test_the_mail_names_only_what_she_can_mend(bench: Bench) -> None:
    notifications, mail = await mailing(bench)

    await send_alert(notifications, turned_back("wrong-type", "samples-wrong"))

    (alert,) = mail.sent
    assert "Lỗi samples-wrong." in alert.text
    assert "wrong-type" not in alert.text + alert.html
    assert "vì còn 1 chỗ cần sửa" in alert.text


@pytest.mark.parametrize("kind", ALERTED, ids=lambda kind: kind.name)
async def test_every_kind_is_sent_and_on_record_under_its_name(bench: Bench, kind: EventType[AlertedEvent]) -> None:
    notifications, mail = await mailing(bench)
    event_data = next(each for each in (*every_event("vi"), *every_life_event("vi")) if type(each) is kind.model)

    await send_alert(notifications, event_of(kind, event_data))

    (record,), (alert,) = ends_of(bench), mail.sent
    assert (record["kind"], record["subject"]) == (kind.name, alert.subject)
    assert record["product_code"] == answers_of(bench)[0].data["product_code"] == alert.product_code
    assert "hảo đạt" not in str({**record, "subject": "", "announced": ()}).lower()


async def test_without_a_recipient_the_alert_is_a_line_in_the_log(bench: Bench) -> None:
    notifications, mail = await mailing(bench)

    await send_alert(notifications, replace(EVENT, data=EVENT.data | {"sealed_recipient": None}))

    assert mail.sent == []
    assert answers_of(bench)[0].data["channel"] == "log"
