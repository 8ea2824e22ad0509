"""Zalo as a channel, by a server that behaves as its documentation says: what is sent, and how tokens are kept."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from structlog.testing import capture_logs

from services.notifications.alerts import VIEW
from services.notifications.channels import Channel, ChannelCheck, Delivered, Refused, Unavailable
from services.notifications.channels.zalo import ZaloChannel
from services.notifications.context import Notifications
from services.notifications.delivery import Delivery
from shared.contracts.alert import ChannelName
from shared.contracts.catalogue import ALERT_DELIVERED, PRODUCT_RATED
from shared.contracts.dossier import Contact, Recipient
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.now import NowDocuments
from shared.sealing import new_key
from tests.contract.zalo_server import AUTHORISED, SECRET
from tests.contract.zalo_stage import DELIVERY, LIFE, RENEWED_AFTER, TEMPLATES, Stage, zalo_stage
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import FakeChannel, answers_of, send_alert
from tests.unit.notifications.examples import alert_of, cooperative, rejected_dossier, three_stars


def rated(to: Recipient) -> Event:
    return Event("r-1", "/ocop/evaluation", PRODUCT_RATED.type, three_stars(to).model_dump(mode="json"))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def stage(authority: trustme.CA, tmp_path: Path) -> AsyncIterator[Stage]:
    async with zalo_stage(authority, tmp_path) as stage:
        yield stage


# What is sent


async def test_a_template_is_sent_with_its_parameters(stage: Stage) -> None:
    channel = await stage.channel()

    assert await channel.deliver(DELIVERY) == Delivered()

    assert stage.zalo.messages == [
        {
            "phone": "84912345678",
            "template_id": "312345",
            "template_data": {"ten_san_pham": "Chè đinh Hảo Đạt", "so_sao": "3"},
            "tracking_id": DELIVERY.id,
        }
    ]


async def test_who_reads_english_gets_the_english_template(stage: Stage) -> None:
    rated = TEMPLATES["product.rated"] | {
        "id_en": "312346",
        "parameters": {"product": "product_name", "stars": "stars"},
    }
    channel = await stage.channel(templates={"product.rated": rated})
    english = replace(DELIVERY, alerts=(alert_of(three_stars(cooperative("en"))),))

    assert await channel.deliver(english) == Delivered()

    assert stage.zalo.messages[0]["template_id"] == "312346"


async def test_several_alerts_have_a_template_of_their_own(stage: Stage) -> None:
    channel = await stage.channel()

    assert await channel.deliver(replace(DELIVERY, alerts=DELIVERY.alerts * 2)) == Delivered()

    assert stage.zalo.messages[0]["template_id"] == "400001"
    assert stage.zalo.messages[0]["template_data"]["so_luong"] == "2"


async def test_messages_go_to_administrators_alone_while_it_is_developed(stage: Stage) -> None:
    channel = await stage.channel(development=True)

    await channel.deliver(DELIVERY)

    assert stage.zalo.messages[0]["mode"] == "development"


@pytest.mark.parametrize(
    ("delivery", "why"),
    [
        (replace(DELIVERY, alerts=(alert_of(rejected_dossier(cooperative())),)), "no-template"),
        (replace(DELIVERY, to="+84 208 3123 456"), "number-not-mobile"),
        (replace(DELIVERY, to="+49 1512 3456789"), "number-abroad"),
        (replace(DELIVERY, to="số máy bàn"), "number-unusable"),
    ],
)
async def test_what_zalo_cannot_send_it_is_not_asked_for(stage: Stage, delivery: Delivery, why: str) -> None:
    channel = await stage.channel()

    assert await channel.deliver(delivery) == Refused(why)

    assert stage.zalo.site.connections == 0


# What comes of answers


async def test_who_does_not_use_zalo_is_reached_by_another_channel(stage: Stage) -> None:
    channel = await stage.channel()

    assert await channel.deliver(replace(DELIVERY, to="0987654321")) == Refused("-118 no-account")


async def test_a_used_up_quota_is_waited_for_until_the_day_ends(stage: Stage) -> None:
    stage.zalo.daily_quota = 1
    channel = await stage.channel()

    outcomes = [await channel.deliver(DELIVERY) for _ in range(2)]

    assert outcomes == [Delivered(), Unavailable("-144 daily-quota", timedelta(hours=12).total_seconds())]


async def test_a_template_that_zalo_does_not_know_is_seen(stage: Stage) -> None:
    channel = await stage.channel(templates={"product.rated": TEMPLATES["product.rated"] | {"id": "999999"}})

    assert await channel.deliver(DELIVERY) == Refused("-109 template-unknown")


async def test_a_server_that_is_away_is_unavailable(stage: Stage) -> None:
    channel = await stage.channel(allow_private=False)

    assert await channel.deliver(DELIVERY) == Unavailable("token-not-renewed address-not-allowed")


async def test_an_alert_goes_by_zalo_and_the_tokens_are_listed_nowhere(stage: Stage) -> None:
    bench = Bench()
    stage.database = bench.database
    notifications = replace(await Notifications.prepared(bench.resources), channels={"zalo": await stage.channel()})
    to = Recipient(name="Hợp tác xã Chè Hảo Đạt", contact=Contact(phone="0912 345 678", email=None))

    await send_alert(notifications, rated(to))

    (answer,) = answers_of(bench)
    assert (answer.type, answer.data["channel"]) == (ALERT_DELIVERED.type, "zalo")
    now: NowDocuments[Any] = NowDocuments(bench.database, "alerts", VIEW)
    await now.write_missing([each for each in stage.records if "history" in each])
    assert [each["_id"] for each in bench.database.derived("alerts").documents] == [answer.data["alert_id"]]


async def test_who_has_no_zalo_gets_a_text_message(stage: Stage) -> None:
    bench, sms = Bench(), FakeChannel(name="sms")
    channels: dict[ChannelName, Channel] = {"zalo": await stage.channel(), "sms": sms}
    notifications = replace(await Notifications.prepared(bench.resources), channels=channels)
    to = Recipient(name="Hợp tác xã Chè Hảo Đạt", contact=Contact(phone="0987 654 321", email=None))

    await send_alert(notifications, rated(to))

    (answer,) = answers_of(bench)
    assert (answer.data["channel"], [each.to for each in sms.deliveries]) == ("sms", ["0987 654 321"])


# How tokens are kept


async def test_one_token_serves_all_deliveries(stage: Stage) -> None:
    channel = await stage.channel()

    outcomes = await asyncio.gather(*(channel.deliver(DELIVERY) for _ in range(10)))

    assert set(outcomes) == {Delivered()}
    assert stage.zalo.used == [AUTHORISED]


async def test_a_token_is_renewed_before_its_end_by_the_newest_refresh_token(stage: Stage) -> None:
    channel = await stage.channel()

    for _ in range(3):
        assert await channel.deliver(DELIVERY) == Delivered()
        stage.now += RENEWED_AFTER

    assert stage.zalo.used == [AUTHORISED, "refresh-1", "refresh-2"]


async def test_a_token_that_zalo_takes_no_more_is_renewed_and_the_message_sent_again(stage: Stage) -> None:
    channel = await stage.channel()
    await channel.deliver(DELIVERY)
    stage.now += timedelta(hours=1)
    stage.zalo.access_tokens.clear()

    assert await channel.deliver(DELIVERY) == Delivered()

    assert stage.zalo.used == [AUTHORISED, "refresh-1"]


async def test_no_token_after_the_other_is_asked_for_where_zalo_takes_none(stage: Stage) -> None:
    channel = await stage.channel()
    await channel.deliver(DELIVERY)
    stage.now += timedelta(hours=1)
    stage.zalo.life_seconds = 0

    stage.zalo.access_tokens.clear()
    outcomes = [await channel.deliver(DELIVERY) for _ in range(3)]

    assert outcomes[0] == Unavailable("-124 access-token-invalid")
    assert set(outcomes[1:]) == {Unavailable("token-not-taken")}
    assert stage.zalo.used == [AUTHORISED, "refresh-1"]


async def test_a_restart_goes_on_with_the_token_on_record(stage: Stage) -> None:
    await (await stage.channel()).deliver(DELIVERY)
    restarted = await stage.channel()

    assert await restarted.deliver(DELIVERY) == Delivered()
    stage.now += RENEWED_AFTER
    assert await restarted.deliver(DELIVERY) == Delivered()

    assert stage.zalo.used == [AUTHORISED, "refresh-1"]


async def test_of_two_instances_one_renews_and_the_other_takes_what_it_got(stage: Stage) -> None:
    one, other = await stage.channel(), await stage.channel()
    stage.zalo.answers.clear()

    renewing = asyncio.create_task(one.deliver(DELIVERY))
    await stage.zalo.asked_for_tokens.wait()
    meanwhile = await other.deliver(DELIVERY)
    stage.zalo.answers.set()

    assert (meanwhile, await renewing) == (Unavailable("token-being-renewed"), Delivered())
    assert await other.deliver(DELIVERY) == Delivered()
    assert stage.zalo.used == [AUTHORISED]


async def test_two_instances_that_start_at_once_use_a_refresh_token_once(stage: Stage) -> None:
    channels = [await stage.channel() for _ in range(2)]

    outcomes = await asyncio.gather(*(each.deliver(DELIVERY) for each in channels))

    assert Delivered() in outcomes
    assert stage.zalo.used == [AUTHORISED]


async def test_while_one_instance_renews_the_others_use_the_token_that_is_still_good(stage: Stage) -> None:
    one, other = await stage.channel(), await stage.channel()
    await one.deliver(DELIVERY)
    stage.now += RENEWED_AFTER
    stage.zalo.answers.clear()
    stage.zalo.asked_for_tokens.clear()

    renewing = asyncio.create_task(one.deliver(DELIVERY))
    await stage.zalo.asked_for_tokens.wait()
    assert await other.deliver(DELIVERY) == Delivered()
    stage.zalo.answers.set()

    assert await renewing == Delivered()


async def test_an_instance_that_died_while_it_renewed_is_waited_for_a_minute(stage: Stage) -> None:
    first = await stage.channel()
    await first.deliver(DELIVERY)
    stage.now += LIFE
    stage.zalo.refresh_tokens.clear()
    await first.deliver(DELIVERY)
    stage.zalo.refresh_tokens.add("refresh-1")
    second = await stage.channel()

    assert await second.deliver(DELIVERY) == Unavailable("token-being-renewed")
    stage.now += timedelta(minutes=1)
    assert await second.deliver(DELIVERY) == Delivered()


async def test_what_zalo_gave_is_put_on_record_though_the_database_was_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await stage.channel()
    stage.zalo.answers.clear()
    first = asyncio.create_task(channel.deliver(DELIVERY))
    await stage.zalo.asked_for_tokens.wait()
    with monkeypatch.context() as away:
        away.setattr(stage.database.collection("alerts"), "insert", _is_away)
        stage.zalo.answers.set()
        with pytest.raises(OutageError):
            await first

    assert await channel.deliver(DELIVERY) == Delivered()
    assert await (await stage.channel()).deliver(DELIVERY) == Delivered()
    assert stage.zalo.used == [AUTHORISED]


async def _is_away(_: object) -> None:
    raise OutageError("away")


async def given_back_in_a_renewal(stage: Stage) -> ZaloChannel:
    """Return a channel that renews its tokens for a message that was given back meanwhile; Zalo has not answered."""
    channel = await stage.channel()
    stage.zalo.answers.clear()
    delivering = asyncio.create_task(channel.deliver(DELIVERY))
    await stage.zalo.asked_for_tokens.wait()
    delivering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await delivering
    return channel


async def test_a_handler_that_is_cancelled_loses_no_token(stage: Stage) -> None:
    channel = await given_back_in_a_renewal(stage)
    stage.zalo.answers.set()

    assert await channel.deliver(DELIVERY) == Delivered()
    assert stage.zalo.used == [AUTHORISED]


async def test_a_stop_in_the_midst_of_a_renewal_loses_no_token(stage: Stage) -> None:
    channel = await given_back_in_a_renewal(stage)
    asyncio.get_running_loop().call_soon(stage.zalo.answers.set)
    await channel.close()

    assert await (await stage.channel()).deliver(DELIVERY) == Delivered()
    assert stage.zalo.used == [AUTHORISED]


async def test_a_refresh_token_that_zalo_refuses_is_tried_again_once_a_minute(stage: Stage) -> None:
    stage.zalo.refresh_tokens.clear()
    channel = await stage.channel()

    outcomes = [await channel.deliver(DELIVERY) for _ in range(3)]
    stage.now += timedelta(minutes=1)
    await channel.deliver(DELIVERY)

    assert set(outcomes) == {Unavailable("token-not-renewed -14020")}
    assert stage.zalo.used == [AUTHORISED, AUTHORISED]


async def test_a_secret_key_that_was_mended_needs_no_new_authorisation(stage: Stage) -> None:
    wrong = await stage.channel(secret="falsch")

    assert await wrong.deliver(DELIVERY) == Unavailable("token-not-renewed -104")
    stage.now += timedelta(minutes=1)
    assert await (await stage.channel()).deliver(DELIVERY) == Delivered()


async def test_a_new_authorisation_takes_the_place_of_a_lost_one(stage: Stage) -> None:
    await (await stage.channel()).deliver(DELIVERY)
    stage.zalo.refresh_tokens.clear()
    stage.zalo.access_tokens.clear()
    stage.zalo.refresh_tokens.add("refresh-of-another-authorisation")

    anew = await stage.channel(authorised="refresh-of-another-authorisation")

    assert await anew.deliver(DELIVERY) == Delivered()


async def test_an_instance_with_the_former_file_does_not_bring_its_token_back(stage: Stage) -> None:
    former = await stage.channel()
    await former.deliver(DELIVERY)
    stage.zalo.refresh_tokens.add("refresh-of-another-authorisation")
    await (await stage.channel(authorised="refresh-of-another-authorisation")).deliver(DELIVERY)
    stage.now += RENEWED_AFTER

    assert await former.deliver(DELIVERY) == Delivered()

    assert stage.zalo.used == [AUTHORISED, "refresh-of-another-authorisation", "refresh-2"]


async def test_tokens_that_no_key_opens_need_a_new_authorisation(stage: Stage) -> None:
    await (await stage.channel()).deliver(DELIVERY)
    other_keys = json.dumps({"keys": [new_key()]})

    assert await (await stage.channel(keys=other_keys)).deliver(DELIVERY) == Unavailable("token-unreadable")


# What is shown


async def test_a_check_asks_for_a_token_and_sends_nothing(stage: Stage) -> None:
    channel = await stage.channel()

    check = await channel.check()

    assert check == ChannelCheck("zalo", f"localhost:{stage.port}", "answers, encrypted, authorised")
    assert stage.zalo.messages == []


async def test_a_check_says_that_tokens_cannot_be_renewed_while_messages_still_go_out(stage: Stage) -> None:
    channel = await stage.channel()
    await channel.deliver(DELIVERY)
    stage.now += RENEWED_AFTER
    stage.zalo.refresh_tokens.clear()

    assert await channel.deliver(DELIVERY) == Delivered()
    assert (await channel.check()).fault == "token-not-renewed -14020"


async def test_a_check_says_that_zalo_cannot_be_reached(stage: Stage) -> None:
    assert (await (await stage.channel(allow_private=False)).check()).fault == "address-not-allowed"


async def test_no_token_no_number_and_no_text_is_shown(stage: Stage) -> None:
    channel = await stage.channel()
    stage.zalo.codes.append(-108)
    with capture_logs() as lines:
        outcomes = [await channel.deliver(DELIVERY)]
        stage.now += RENEWED_AFTER
        stage.zalo.refresh_tokens.clear()
        outcomes.append(await channel.deliver(DELIVERY))
        shown = f"{outcomes}{lines}{stage.records}{vars(channel._tokens)}{channel._app!r}{DELIVERY}"

    assert outcomes == [Refused("-108 phone-invalid"), Delivered()]
    assert [line["detail"] for line in lines] == ["-14020"]
    secrets = ("access-1", "refresh-1", AUTHORISED, SECRET, "912345678", "Hảo Đạt")
    assert [each for each in secrets if each in shown] == []
