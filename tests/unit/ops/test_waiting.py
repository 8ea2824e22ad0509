"""The alerts that wait, from the try in vain to the operator's list and to trace, without a server."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.history.happenings import Happening, HappeningKind, subject_of, waiting
from ops.history.products import alerts_of
from ops.history.records import RecordReader
from ops.history.sources import from_records, of_record
from ops.history.waiting import list_waiting
from ops.operator_settings import AccessError
from services.notifications.alerts import VIEW
from services.notifications.app import APP
from services.notifications.channels import Delivered, Unavailable
from shared.handling.now import NowDocuments
from shared.handling.outcome import Wait
from tests.unit.handling import Bench
from tests.unit.notifications.alerting import mailing, send_alert
from tests.unit.notifications.test_handlers import EVENT, delayed
from tests.unit.ops.test_recorded import MAIL, PERSONAL, PHONE, document, record

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


class FromMemory:
    """Reads documents of now as an operator does, from a database in memory."""

    def __init__(self, database: Any) -> None:
        self.database = database

    async def find_now(
        self, _service: str, collection: str, query: dict[str, Any], *, order: str, limit: int
    ) -> list[dict[str, Any]]:
        pages = self.database.derived(collection).pages(query, order=order)
        return [each async for page in pages for each in page][:limit]


async def listed(bench: Bench, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """List the alerts that wait, once the documents of now have followed."""
    assert APP.view
    now: NowDocuments[Any] = NowDocuments(bench.database, "alerts", APP.view)
    await now.write_missing(bench.documents("alerts"))
    reader: Any = FromMemory(bench.database)
    assert await list_waiting(reader, as_json=True) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


async def test_an_alert_is_listed_as_long_as_it_waits(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench()
    notifications, _ = await mailing(bench, Unavailable("not-connected ConnectionRefusedError"), Delivered())

    await delayed(notifications, Wait(1, 5))
    (waits,) = await listed(bench, capsys)
    await send_alert(notifications, EVENT)

    assert waits == {
        "alert_id": waits["alert_id"],
        "channel": "email",
        "since": "2026-11-28T13:33:00+00:00",
        "tries": 1,
        "next_try_at": "2026-11-28T13:33:05+00:00",
        "why": "not-connected ConnectionRefusedError",
        "kind": "product.rated",
        "product_code": "19-05500-3-2026",
        "about": "r-1",
    }
    assert await listed(bench, capsys) == []


WAITING = {
    "since": "2026-11-24T09:00:00Z",
    "attempts": 2,
    "next_try_at": "2026-11-24T09:11:05.123000Z",
    "why": f"550 {MAIL}",
    "kind": "product.rated",
    "about": "7d1f2c1e",
    "product_code": "01-09574-1-2026",
}


class Documents:
    """Finds the same documents whatever is asked."""

    def __init__(self, *documents: dict[str, Any]) -> None:
        self.documents = list(documents)
        self.marks: list[dict[str, Any]] = [{"_id": "caught-up", "shape": VIEW.shape}]

    async def find(self, service: str, *_: object, **__: object) -> list[dict[str, Any]]:
        return self.documents if service == "notifications" else []

    async def find_now(self, _service: str, collection: str, *_: object, **__: object) -> list[dict[str, Any]]:
        return self.marks if collection == "marks" else self.documents


async def test_the_record_of_an_alert_that_waits_says_until_when_and_why() -> None:
    fields = {"outcome": "waiting", "channel": "email", "detail": "451 4.3.2", "announced": []}
    history = {"of": "a", "version": 2, "state": {"channel": "email", "outcome": "waiting", "waiting": WAITING}}
    reader: Any = Documents(document("alert.delivered") | fields | {"history": history})

    _, (found,) = await from_records(RecordReader(reader), subject_of("7d1f2c1e"))

    happening = of_record(found)
    assert happening.what == "recorded: waiting"
    assert happening.detail == "filed by integration.portal, email, 451 4.3.2, 2 tries, the next at 2026-11-24 09:11:05"


def now_document(**waiting: Any) -> dict[str, Any]:
    state = {"channel": "email", "outcome": "waiting", "waiting": WAITING | waiting}
    return {"_id": "alert-1", "version": 2, "state": state}


async def test_alerts_that_wait_are_listed_without_personal_data(capsys: pytest.CaptureFixture[str]) -> None:
    reader: Any = Documents(now_document(), now_document(product_code=None, about=PERSONAL["id"]))

    assert await list_waiting(reader, as_json=True) == 0

    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["alert_id"], first["tries"], first["next_try_at"]) == (
        "alert-1",
        2,
        "2026-11-24T09:11:05.123000+00:00",
    )
    assert (first["product_code"], second["product_code"]) == ("01-09574-1-2026", None)
    assert MAIL not in first["why"] + second["about"]


async def test_where_no_alert_waits_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    nothing: Any = Documents()

    assert await list_waiting(nothing, as_json=False) == 0

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "ocop: no alert waits\n")


@pytest.mark.parametrize("marks", [[], [{"shape": VIEW.shape - 1}], [{"shape": VIEW.shape, "partly": True}]])
async def test_while_alerts_may_be_missing_it_says_so(
    capsys: pytest.CaptureFixture[str], marks: list[dict[str, Any]]
) -> None:
    reader: Any = Documents()
    reader.marks = [{"_id": "caught-up", **each} for each in marks]

    await list_waiting(reader, as_json=False)

    assert "some may be missing yet\n" in capsys.readouterr().err


async def test_an_alert_of_another_version_is_named_and_not_repeated() -> None:
    later: Any = Documents({"_id": "alert-1", "state": {"outcome": PHONE}})

    with pytest.raises(AccessError, match="the alert alert-1 is of another version") as raised:
        await list_waiting(later, as_json=True)

    assert PHONE not in str(raised.value)


def test_of_an_alert_that_was_tried_the_last_record_counts() -> None:
    alert = {"alert_id": "a", "kind": "product.rated", "channel": "email", "language": "vi", "product_code": None}
    tried = [record("alert.delivered", fields=alert | {"outcome": "waiting", "detail": "451", "subject": "x"})]
    ended = record("alert.delivered", fields=alert | {"outcome": "delivered", "detail": None, "subject": "x"})

    assert [each["outcome"] for each in alerts_of(tried)] == ["waiting"]
    assert [each["outcome"] for each in alerts_of([*tried, ended])] == ["delivered"]


def test_trace_ends_with_the_alert_that_waits_as_long_as_it_does() -> None:
    tries = [
        Happening(HappeningKind.RECORD, AT, "notifications", "recorded: waiting", f"try {n}", "d", "r") for n in (1, 2)
    ]
    ended = replace(tries[0], what="recorded: delivered")

    assert [(each.kind, each.what, each.detail) for each in waiting(tries)] == [
        (HappeningKind.AWAITED, "waits for its next try", "try 2")
    ]
    assert list(waiting([ended, *tries])) == []


def alert_record(outcome: str, at: int, *, alert: str = "a", **fields: Any) -> Happening:
    state = {"channel": "email", "outcome": outcome, **fields.pop("state", {})}
    said = {"outcome": outcome, "alert_id": alert, "kind": "product.rated", "channel": "email", "detail": None}
    known = record("alert.delivered", fields=said | fields | {"history": {"of": alert, "version": at, "state": state}})
    return of_record(replace(known, recorded_at=AT.replace(minute=at)))


def test_trace_says_of_each_alert_of_one_event_where_it_is() -> None:
    arrived = [alert_record("sending", 1), alert_record("delivered", 2)]
    held = alert_record("held", 1, alert="b", held_until=AT, state={"audience": "office", "to": "xa-tan-cuong"})
    sending = alert_record("sending", 3, alert="c")

    assert [(each.alert_id, each.what) for each in waiting([*arrived, held, sending])] == [
        ("b", "holds an alert"),
        ("c", "has not said yet what became of it"),
    ]
    assert held.detail == "filed by integration.portal, to the office xa-tan-cuong, email, until 2026-11-24 09:00:00"


def test_trace_says_what_was_tried_before_and_that_an_operator_asked() -> None:
    tried = [{"channel": "email", "reason": "refused", "detail": "550 5.1.1"}]

    again = alert_record("delivered", 4, channel="sms", again=True, state={"tried": tried})

    assert again.detail == (
        "filed by integration.portal, sms, once more, as an operator has asked, after email: refused 550 5.1.1"
    )


def test_trace_tells_a_mailbox_and_a_delivery_that_came_too_late_from_an_alert() -> None:
    put = record("alert.delivered", fields={"outcome": "held", "alert_id": "a", "held_until": AT})
    late = record("alert.delivered", fields={"alert_id": "a"})
    emptied = record("alert.delivered", fields={"outcome": "emptied", "alerts": ["a", "b"]})

    assert [of_record(each).what for each in (put, late, emptied)] == [
        "recorded: put into its mailbox",
        "recorded: nothing left to do, the alert had ended",
        "recorded: mailbox emptied",
    ]
    assert of_record(emptied).detail == "filed by integration.portal, 2 alerts"
    assert alerts_of([put, late, emptied]) == []
