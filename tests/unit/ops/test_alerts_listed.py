"""The alerts as they stand, from what notifications decides to the operator's list, and one's history."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.alerts import reading
from ops.alerts.asking import BEGINNING, Wanted
from ops.alerts.commands import write_listed
from ops.alerts.printing import COLUMNS, history_of
from ops.history.records import read_record
from services.notifications.alert_state import AlertState
from services.notifications.app import APP
from services.notifications.channels import Refused, Unavailable
from services.notifications.context import Notifications
from services.notifications.listing import facets_of
from shared.handling.now import NowDocuments
from tests.unit.handling import NOW, Bench
from tests.unit.notifications.alerting import FakeChannel, mailing, send_alert
from tests.unit.notifications.test_deliveries import rated
from tests.unit.notifications.test_handlers import EVENT


class FromMemory:
    """Reads documents of now as an operator does, from a database in memory."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.asked: list[dict[str, Any]] = []

    async def find_now(
        self, _: str, collection: str, query: dict[str, Any], *, order: str, limit: int
    ) -> list[dict[str, Any]]:
        self.asked.append(query)
        pages = self.bench.database.derived(collection).pages(query, order=order.removeprefix("-"))
        found = [each async for page in pages for each in page]
        return (found[::-1] if order.startswith("-") else found)[:limit]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def listed(bench: Bench, wanted: Wanted = Wanted()) -> tuple[Sequence[dict[str, Any]], bool]:  # noqa: B008  # frozen
    """List alerts, once the documents of now have followed."""
    assert APP.view
    now: NowDocuments[Any] = NowDocuments(bench.database, "alerts", APP.view)
    await now.write_missing(bench.documents("alerts"))
    reader: Any = FromMemory(bench)
    found, are_more = await reading.read_alerts(reader, wanted, bench.now)
    return [each.as_json() for each in found], are_more


async def by_two_channels(bench: Bench) -> Notifications:
    channels: Any = {"email": FakeChannel([Refused("550 5.1.1")]), "sms": FakeChannel((), "sms")}
    return replace(await Notifications.prepared(bench.resources), channels=channels)


async def test_an_alert_says_of_what_it_tells_to_whom_by_which_channel_and_what_was_tried(bench: Bench) -> None:
    await send_alert(await by_two_channels(bench), rated())

    ((alert,), are_more) = await listed(bench)

    assert not are_more
    assert alert == {
        "recorded_at": NOW,
        "alert_id": alert["alert_id"],
        "kind": "product.rated",
        "audience": "producer",
        "to": None,
        "channel": "sms",
        "outcome": "delivered",
        "tried": "email: refused 550 5.1.1",
        "next_try_at": None,
        "why": None,
        "product_code": "19-05500-1-2026",
        "about": "r-1",
    }


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), 2),
        (Wanted(outcome="delivered"), 1),
        (Wanted(outcome="refused"), 0),
        (Wanted(channel="log"), 1),
        (Wanted(audience="office"), 0),
        (Wanted(outcome="delivered", channel="log", audience="producer"), 1),
        (Wanted(outcome="held", channel="log"), 0),
        (Wanted(outcome="delivered", product_codes=["19-05500-1-2026"]), 0),
        (Wanted(kind="product.rated", audience="producer"), 2),
        (Wanted(product_codes=["19-05500-3-2026"]), 1),
        (Wanted(product_codes=[]), 0),
        (Wanted(since=NOW + timedelta(seconds=1)), 0),
        (Wanted(limit=1), 1),
    ],
)
async def test_alerts_are_found_by_how_they_stand_and_what_they_are_about(
    bench: Bench, wanted: Wanted, found: int
) -> None:
    await send_alert(await Notifications.prepared(bench.resources), EVENT)  # to the log
    bench.settings = bench.settings.model_copy(update={"digest_seconds": 120.0})
    notifications, _ = await mailing(bench, Unavailable("451"))
    await send_alert(notifications, rated())  # which is held, in a mailbox

    alerts, are_more = await listed(bench, wanted)

    assert len(alerts) == found
    assert are_more == (wanted.limit == 1)


def test_the_newest_are_asked_for_first_and_nothing_twice() -> None:
    now = datetime(2026, 11, 29, 8, tzinfo=UTC)

    queries = [each["recorded_at"] for each in Wanted(outcome="held").queries(now)]

    assert queries[0] == {"$gte": now, "$lt": now + timedelta(minutes=15)}
    assert [each["$lt"] for each in queries[1:]] == [each["$gte"] for each in queries[:-1]]
    assert queries[-1]["$gte"] == BEGINNING
    assert len(queries) < 12


async def test_enough_is_found_without_the_past(bench: Bench) -> None:
    await send_alert(await Notifications.prepared(bench.resources), EVENT)
    await listed(bench)
    reader: Any = FromMemory(bench)

    await reading.read_alerts(reader, Wanted(limit=0), NOW)

    assert len(reader.asked) == 1


async def test_alerts_are_written_for_a_spreadsheet_and_for_programs(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    await send_alert(await by_two_channels(bench), rated())
    await listed(bench)
    reader: Any = FromMemory(bench)
    alerts, are_more = await reading.read_alerts(reader, Wanted(), NOW)

    write_listed(alerts, are_more=are_more, as_json=False, as_csv=True)
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff")))
    write_listed(alerts, are_more=are_more, as_json=True, as_csv=False)
    line = json.loads(capsys.readouterr().out)

    assert tuple(row) == COLUMNS == tuple(line)
    assert (row["tried"], line["channel"]) == ("email: refused 550 5.1.1", "sms")


async def test_a_history_has_all_that_became_of_an_alert(bench: Bench) -> None:
    await send_alert(await by_two_channels(bench), rated())
    records = [read_record("notifications", each) for each in bench.documents("alerts")]

    planned, tried, delivered = history_of(records)

    assert [(each["outcome"], each["channel"]) for each in (planned, tried, delivered)] == [
        ("sending", "email"),
        ("sending", "sms"),
        ("delivered", "sms"),
    ]
    assert tried["tried"] == "email: refused 550 5.1.1"
    assert [len(each["announced"]) for each in (planned, tried, delivered)] == [1, 1, 1]


def test_one_key_is_looked_up_and_the_others_are_held_against_it_the_rarest_first() -> None:
    wanted = Wanted(to="xa-tan-cuong", audience="office", kind="deadline.due", channel="sms", outcome="refused")
    state = AlertState(channel="sms", outcome="refused", audience="office", to="xa-tan-cuong", kind="deadline.due")

    asked = next(wanted.queries(NOW))

    assert asked["facets"] == {"$in": ["to:xa-tan-cuong"]}
    assert {name for name in asked if name.startswith("state.")} == {
        *("state.audience", "state.kind", "state.channel", "state.outcome")
    }
    assert "to:xa-tan-cuong" in facets_of(state)
    assert next(Wanted(outcome="delivered", kind="product.rated").queries(NOW))["facets"] == {
        "$in": ["kind:product.rated"]
    }
