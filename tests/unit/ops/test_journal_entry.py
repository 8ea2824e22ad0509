"""An event of the journal, as it is listed and found."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.history.entry import JournalEntry, data_lines, detail_of, entry_as_json, line, read_entry
from ops.history.journal import Wanted, nothing_matches
from tests.unit.ops.deliveries import delivery

SIX = datetime(2026, 11, 24, 6, tzinfo=UTC)
EVENT = {
    "x-stream-offset": 7,
    "ce-specversion": "1.0",
    "ce-id": "e1",
    "ce-source": "/ocop/evaluation",
    "ce-type": "vn.ocop.product.rated.v1",
    "ce-time": "2026-11-24T06:00:00Z",
    "ce-subject": "01-09574-1-2026",
    "ce-correlationid": "d1",
}
RATED = {"product_code": "01-09574-1-2026", "recipient": {"name": "Cơ sở Hưng Vân", "contact": {"phone": "1"}}}


def entry(data: Any = RATED, **headers: Any) -> JournalEntry:
    body = json.dumps(data).encode()
    return read_entry(
        delivery(body, headers=EVENT | headers, content_type="application/json", app_id="evaluation", user_id="x")
    )


def test_an_event_is_one_line() -> None:
    assert line(entry()) == ("2026-11-24T06:00:00Z  7  vn.ocop.product.rated.v1  01-09574-1-2026  e1  d1  evaluation")


def test_data_is_shown_masked_and_only_if_asked_for() -> None:
    assert "data" not in entry_as_json(entry(), with_data=False)
    assert "Hưng Vân" not in str(entry_as_json(entry(), with_data=True))
    assert '"product_code": "01-09574-1-2026"' in data_lines(entry())
    assert "Hưng Vân" not in data_lines(entry())


def test_garbage_is_an_entry_too() -> None:
    garbage = read_entry(delivery(b"\xff", headers={"x-stream-offset": 8}, routing_key="dossier.filed.v1"))

    assert line(garbage) == "-  8  dossier.filed.v1  -  -  -  -"
    assert data_lines(garbage) == "    (no readable data)\n"


@pytest.mark.parametrize(
    ("wanted", "included"),
    [
        pytest.param(Wanted(), True, id="nothing asked"),
        pytest.param(Wanted(product="01-09574-1-2026"), True, id="its product"),
        pytest.param(Wanted(product="01-09574-2-2026"), False, id="another product"),
        pytest.param(Wanted(correlation_id="d1"), True, id="its story"),
        pytest.param(Wanted(correlation_id="e1"), False, id="another story"),
        pytest.param(Wanted(type="product.rated"), True, id="its type in short"),
        pytest.param(Wanted(type="vn.ocop.product.rated.v1"), True, id="its type"),
        pytest.param(Wanted(type="product.submitted"), False, id="another type"),
        pytest.param(Wanted(since=SIX), True, id="from its time on"),
        pytest.param(Wanted(until=SIX), False, id="before its time"),
    ],
)
def test_an_event_is_found_by_all_that_is_asked(wanted: Wanted, included: bool) -> None:
    assert wanted.includes(entry()) is included


def test_an_event_is_found_by_the_product_in_its_data() -> None:
    assert Wanted(product="01-09574-1-2026").includes(entry(**{"ce-subject": "d1"}))


def test_an_event_that_began_a_story_belongs_to_it() -> None:
    first = read_entry(delivery(headers={"ce-id": "d1", "ce-source": "/a"}, content_type="application/json"))

    assert Wanted(correlation_id="d1").includes(first)


def test_an_event_without_a_time_is_not_turned_away_for_it() -> None:
    untimed = read_entry(delivery(b"\xff"))

    assert Wanted(since=SIX, until=SIX).includes(untimed)


@pytest.mark.parametrize(
    ("before", "included"),
    [
        pytest.param(datetime(2026, 11, 24, 5, tzinfo=UTC), True, id="written after one that is asked for"),
        pytest.param(datetime(2026, 11, 24, 7, tzinfo=UTC), False, id="written after one that is too late"),
        pytest.param(None, True, id="nobody knows when"),
    ],
)
def test_an_event_without_a_time_counts_as_written_when_the_one_before_it_was(
    before: datetime | None, included: bool
) -> None:
    headers = {name: value for name, value in EVENT.items() if name != "ce-time"}
    timeless = read_entry(delivery(headers=headers, content_type="application/json"))

    assert timeless.time is None
    assert Wanted(until=SIX).includes(timeless, before=before) is included


def test_where_nothing_matches_it_is_said_what_was_read() -> None:
    types = Counter({"product.rated": 1_200, "alert.failed": 1})

    assert nothing_matches(Counter()) == "nothing matches: there are no events there"
    assert nothing_matches(types) == (
        "nothing matches: 1,201 events were read, of the types alert.failed, product.rated"
    )


def test_what_matters_of_an_event_is_said_in_a_few_words() -> None:
    assert detail_of(entry(RATED | {"total": 82, "stars": 3})) == "01-09574-1-2026, 82 points, 3★"
    assert detail_of(entry({"total": 20, "stars": None})) == "20 points, stopped by the sheet"
    assert detail_of(entry({"faults": [{"code": "phone-invalid"}, {"code": "phone-invalid"}]})) == "phone-invalid"
