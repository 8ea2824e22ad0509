"""An event goes to who subscribed to it, beside the producer's alert, and each has its own history."""

from base64 import b64encode
from dataclasses import replace

import pytest
from pydantic import SecretStr

from services.notifications.channels import Channel, Refused
from services.notifications.channels.subscriptions import Subscription, alert_of_subscription
from services.notifications.context import Notifications
from services.notifications.delivering import deliver
from services.notifications.handlers import alert_to
from shared.contracts.alert import AlertFailed, ChannelName
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED, PRODUCT_RATED
from shared.contracts.dossier import Language
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.integrations import Listener
from shared.scopes import Role, Scope
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import CHANNEL_OF, FakeChannel, answers_of
from tests.unit.notifications.examples import NOON, three_stars
from tests.unit.notifications.lives import moved

SECRET = SecretStr(f"whsec_{b64encode(bytes(32)).decode()}")
RATED = Event("r-1", "/ocop/evaluation", PRODUCT_RATED.type, three_stars().model_dump(mode="json"), place="19-05500")


def subscription(name: str, place: str, role: Role = Role.PROVINCE) -> Subscription:
    listener = Listener(scope=Scope(role, frozenset({place})))
    return Subscription(name, "https://receiver.example.vn/", (SECRET,), listener)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def subscribed(bench: Bench, webhook: FakeChannel, *subscriptions: Subscription) -> Notifications:
    notifications = await Notifications.prepared(bench.resources)
    channels: dict[ChannelName, Channel] = {"webhook": webhook, "email": FakeChannel()}
    return replace(notifications, channels=channels, subscriptions=subscriptions)


async def handed_over(notifications: Notifications, bench: Bench, event: Event) -> None:
    await alert_to(notifications, event)
    for task in [each for each in bench.publisher.announced if each.type in CHANNEL_OF]:
        await deliver(CHANNEL_OF[task.type], notifications, task)


async def test_an_event_goes_to_each_subscription_of_its_place(bench: Bench) -> None:
    webhook = FakeChannel(name="webhook")
    there, elsewhere = subscription("province", "19"), subscription("other", "01")
    commune = subscription("commune", "19-05500", Role.COMMUNE)
    notifications = await subscribed(bench, webhook, there, elsewhere, commune)

    await handed_over(notifications, bench, RATED)

    assert [each.to for each in webhook.deliveries] == ["province", "commune"]
    assert [replace(alert.event, refiled_as=None) for alert in webhook.sent if alert.event] == [RATED, RATED]
    told = [each.data for each in answers_of(bench) if each.type == ALERT_DELIVERED.type]
    assert {(each["channel"], each["audience"], each["to"]) for each in told} >= {
        ("webhook", "subscription", "province"),
        ("webhook", "subscription", "commune"),
    }
    assert len({alert.id for alert in webhook.sent}) == 2


async def test_a_subscription_that_is_not_reached_is_announced_and_not_told_of_it_again(bench: Bench) -> None:
    webhook = FakeChannel([Refused("404")], name="webhook")
    notifications = await subscribed(bench, webhook, subscription("province", "19"))
    await handed_over(notifications, bench, RATED)
    (failed,) = [each for each in answers_of(bench) if each.type == ALERT_FAILED.type]
    assert AlertFailed.model_validate(failed.data).audience == "subscription"

    await alert_to(notifications, failed)

    given = [CHANNEL_OF.get(each.type) for each in bench.publisher.announced]
    assert given.count("webhook") == 1


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_move_to_whatever_stage_has_a_subject_on_record(stage: Stage, language: Language) -> None:
    alert = alert_of_subscription("province", RATED, moved(Stage.AT_PROVINCE, stage, language), NOON)
    said = replace(alert, language=language).subject
    assert said.partition(": ")[2]
