"""The handler of notifications without a broker or a mail server: what is sent, recorded, retried, given up."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import pytest
from prometheus_client import REGISTRY

from services.notifications.channels import Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.handlers import Notifications, send_alert
from services.notifications.plan import Alert
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED, PRODUCT_RATED
from shared.contracts.event import Event
from shared.errors import OutageError, SettingsError
from shared.handling.outcome import Answered, Retry
from tests.unit.handling import Bench
from tests.unit.notifications.examples import three_stars


class Mail:
    """A mail server that answers as it is told to."""

    name: Literal["email"] = "email"
    repeats_annoy: Literal[True] = True

    def __init__(self, answers: Sequence[DeliveryResult]) -> None:
        self._answers = list(answers)
        self.sent: list[Alert] = []

    async def deliver(self, alert: Alert) -> DeliveryResult:
        self.sent.append(alert)
        return self._answers.pop(0) if self._answers else Delivered()


EVENT = Event(id="r-1", source="/ocop/evaluation", type=PRODUCT_RATED.type, data=three_stars().model_dump(mode="json"))


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def mailing(bench: Bench, *answers: DeliveryResult) -> tuple[Notifications, Mail]:
    mail = Mail(answers)
    return replace(await Notifications.prepared(bench.resources), mail=mail), mail


async def test_an_alert_is_sent_once_however_often_its_event_comes(bench: Bench) -> None:
    notifications, mail = await mailing(bench)

    for _ in range(2):
        assert isinstance(await send_alert(notifications, EVENT), Answered)

    assert len(mail.sent) == 1
    first, second = bench.publisher.announced
    assert first == second
    assert (first.type, first.data["channel"]) == (ALERT_DELIVERED.type, "email")


async def test_without_a_mail_server_the_log_takes_it(bench: Bench) -> None:
    notifications = await Notifications.prepared(bench.resources)

    await send_alert(notifications, EVENT)

    (record,) = bench.documents("alerts")
    assert (record["channel"], record["outcome"]) == ("log", "delivered")


async def test_an_address_that_is_refused_is_told_to_whoever_listens(bench: Bench) -> None:
    notifications, _ = await mailing(bench, Refused("550 5.1.1"))

    await send_alert(notifications, EVENT)

    (failed,) = bench.publisher.announced
    assert (failed.type, failed.data["reason"], failed.data["detail"]) == (ALERT_FAILED.type, "refused", "550 5.1.1")


async def test_a_server_that_is_away_is_tried_again_and_given_up_at_last(bench: Bench) -> None:
    notifications, _ = await mailing(bench, Unavailable("451 4.3.2"))
    unavailable = {"channel": "email", "result": "unavailable"}
    before = REGISTRY.get_sample_value("ocop_alerts_total", unavailable) or 0

    outcome = await send_alert(notifications, EVENT)

    assert isinstance(outcome, Retry)
    assert (outcome.reason, outcome.detail) == ("email-unavailable", "451 4.3.2")
    assert bench.documents("alerts") == []
    assert REGISTRY.get_sample_value("ocop_alerts_total", unavailable) == before + 1
    assert outcome.last_resort
    assert isinstance(await outcome.last_resort(), Answered)
    (record,) = bench.documents("alerts")
    assert (record["outcome"], record["detail"]) == ("attempts-used-up", "451 4.3.2")


async def test_a_mail_that_went_out_is_not_sent_again_because_it_could_not_be_recorded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    notifications, mail = await mailing(bench)

    async def away(_: object) -> None:
        raise OutageError("MongoDB is away")

    with monkeypatch.context() as patch:
        patch.setattr(bench.database.collection("alerts"), "insert", away)
        with pytest.raises(OutageError):
            await send_alert(notifications, EVENT)
    await send_alert(notifications, EVENT)

    assert len(mail.sent) == 1
    assert len(bench.documents("alerts")) == 1


async def test_a_mail_server_s_address_that_cannot_work_is_said_by_its_setting() -> None:
    with pytest.raises(SettingsError, match="OCOP_SMTP_URL"):
        await Notifications.prepared(Bench(smtp_url="http://mail").resources)
