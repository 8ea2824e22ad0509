"""What is unusual about a queue, and how one is shown."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from ops.commands import json_line
from ops.queues.management import keeps_when_read
from ops.queues.printing import age, as_json, queues_shown
from ops.queues.reading import with_rates
from ops.queues.state import GROWING_FROM, MOST_BROWSED, QueueKind, QueueState, kind_of, known_queues
from ops.watch.news import changed
from shared.messaging.topology import UNLIMITED_DELIVERIES

WORK = "registry.life"


def state(queue: str = WORK, *, waiting: int | None = 0, consumers: int = 1, **said: Any) -> QueueState:
    return QueueState(queue, kind_of(queue), waiting, consumers, **said)


@pytest.mark.parametrize(
    ("seen", "unusual"),
    [
        pytest.param(state(), "", id="an empty queue with a consumer"),
        pytest.param(state(waiting=5000), "", id="many wait, and nobody knows the rates"),
        pytest.param(state(waiting=None), "not there: ocop access apply", id="no such queue"),
        pytest.param(state(consumers=0), "no consumer: is registry running, or waiting? ocop doctor", id="no consumer"),
        pytest.param(
            state(waiting=GROWING_FROM, in_per_second=12.0, out_per_second=8.0),
            "growing: 12/s in, 8/s out",
            id="more in than out",
        ),
        pytest.param(state(waiting=GROWING_FROM, in_per_second=8.0, out_per_second=12.0), "", id="more out than in"),
        pytest.param(state(waiting=GROWING_FROM - 1, in_per_second=9.0, out_per_second=1.0), "", id="a burst"),
        pytest.param(
            state(waiting=GROWING_FROM, in_per_second=0.0, out_per_second=0.0),
            "stands still: what do /ready and the log say?",
            id="nothing moves",
        ),
        pytest.param(state("registry.retry.5s", consumers=0), "", id="no delay"),
        pytest.param(
            state("registry.retry.5s", waiting=1, consumers=0), "these failed and wait for another try", id="a delay"
        ),
        pytest.param(
            state("notifications.retry.1m", waiting=1, consumers=0),
            "these failed and wait for another try: ocop alerts waiting, or the log's lines delayed, say why",
            id="a delayed alert",
        ),
        pytest.param(state(f"{WORK}.dead", consumers=0), "", id="no dead letter"),
        pytest.param(
            state(f"{WORK}.dead", waiting=1, consumers=0), f"ocop dead list --queue {WORK}.dead", id="a dead letter"
        ),
        pytest.param(
            state("ocop.unrouted", waiting=1, consumers=0), "ocop dead list --queue ocop.unrouted", id="an unrouted one"
        ),
        pytest.param(
            state(f"{WORK}.dead", waiting=1, consumers=0, keeps_when_read=False),
            "policy missing: reading may use these up; first ocop access apply",
            id="a dead letter that looking may delete",
        ),
        pytest.param(state("ocop.journal", waiting=9_000_000, consumers=0), "", id="the journal"),
        pytest.param(state("ocop.journal.events", waiting=GROWING_FROM - 1, consumers=0), "", id="on the way to it"),
        pytest.param(
            state("ocop.journal.events", waiting=GROWING_FROM, consumers=0),
            "these are not in the journal yet: docs/operations.md#ocopjournalbehind",
            id="what does not get there",
        ),
        pytest.param(
            state("integration.portal.events", waiting=GROWING_FROM, consumers=0),
            "nobody reads it; at 1 GiB the oldest go",
            id="an integration that does not read",
        ),
    ],
)
def test_what_is_unusual_is_said(seen: QueueState, unusual: str) -> None:
    assert seen.unusual == unusual


def test_every_queue_of_the_topology_is_known() -> None:
    kinds = known_queues(["portal"])

    assert kinds[WORK] is QueueKind.WORK
    assert kinds["integration.portal.events"] is QueueKind.INTEGRATION
    assert set(kinds.values()) == set(QueueKind)


def test_delays_and_dead_letters_are_worth_a_row_only_where_there_are_some() -> None:
    assert state().is_worth_a_row
    assert not state(f"{WORK}.dead").is_worth_a_row
    assert state(f"{WORK}.dead", waiting=1).is_worth_a_row
    assert state(f"{WORK}.dead", waiting=None).is_worth_a_row


def test_for_programs_times_are_text_and_what_is_unusual_is_a_list() -> None:
    seen = state(f"{WORK}.dead", waiting=1, oldest=datetime(2026, 11, 24, 6, tzinfo=UTC))
    said = json.loads(json_line(as_json(seen)))

    assert said["oldest"] == "2026-11-24T06:00:00+00:00"
    assert said["unusual"] == [f"ocop dead list --queue {WORK}.dead"]
    assert said["kind"] == "dead"


def test_a_queue_is_news_when_its_counts_change_and_not_when_its_rates_do() -> None:
    before = [state(in_per_second=1.0), state(f"{WORK}.dead")]
    after = [state(in_per_second=2.0), state(f"{WORK}.dead", waiting=1)]

    assert [each.queue for each in changed(before, after)] == [f"{WORK}.dead"]
    assert [each.queue for each in changed((), before)] == [WORK]


def test_dead_letters_that_the_watcher_itself_has_in_flight_are_no_news() -> None:
    before = [state(in_flight=0), state(f"{WORK}.dead", waiting=1, in_flight=0)]
    after = [state(in_flight=1), state(f"{WORK}.dead", waiting=1, in_flight=1)]

    assert [each.queue for each in changed(before, after)] == [WORK]


OURS = {"pattern": r"^registry\.life\.dead$", "apply-to": "queues", "priority": 10}
ENOUGH = {"delivery-limit": UNLIMITED_DELIVERIES}


@pytest.mark.parametrize(
    ("policies", "said", "keeps"),
    [
        pytest.param([OURS | {"definition": ENOUGH}], {}, True, id="ours"),
        pytest.param([OURS | {"definition": ENOUGH}], {"effective_policy_definition": ENOUGH}, True, id="ours, seen"),
        pytest.param([OURS | {"definition": {"delivery-limit": 20}}], {}, False, id="a lower limit"),
        pytest.param([], {}, False, id="none"),
        pytest.param([OURS | {"pattern": "^registry$", "definition": ENOUGH}], {}, False, id="of another queue"),
        pytest.param([OURS | {"apply-to": "exchanges", "definition": ENOUGH}], {}, False, id="of exchanges"),
        pytest.param(
            [OURS | {"definition": ENOUGH}, OURS | {"pattern": ".*", "priority": 11, "definition": {"max-length": 1}}],
            {},
            False,
            id="overruled",
        ),
        pytest.param(
            [OURS | {"definition": ENOUGH}, OURS | {"pattern": "(*ANY)", "priority": 11, "definition": {}}],
            {},
            False,
            id="overruled by who knows whom",
        ),
        pytest.param(
            [OURS | {"definition": ENOUGH}, OURS | {"pattern": ".*", "priority": 1, "definition": {}}],
            {},
            True,
            id="overruling another one",
        ),
        pytest.param(
            [OURS | {"definition": ENOUGH}],
            {"effective_policy_definition": {"delivery-limit": 5}},
            False,
            id="limited by an operator's policy",
        ),
        pytest.param(
            [OURS | {"definition": ENOUGH}], {"effective_policy_definition": []}, False, id="not yet in force"
        ),
        pytest.param(
            [OURS | {"definition": ENOUGH}], {"arguments": {"x-delivery-limit": 5}}, False, id="limited by an argument"
        ),
    ],
)
def test_a_queue_keeps_what_is_read_where_the_policy_is_in_force(
    policies: list[dict[str, Any]], said: dict[str, Any], keeps: bool
) -> None:
    assert keeps_when_read({"name": f"{WORK}.dead", **said}, policies) is keeps


def test_whoever_cannot_be_asked_says_nothing_of_policies() -> None:
    assert with_rates(state(f"{WORK}.dead"), {}, [OURS | {"definition": ENOUGH}]).keeps_when_read is None


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        pytest.param({}, (None, None, None), id="a broker without statistics"),
        pytest.param({"messages_unacknowledged": 2}, (2, None, None), id="a queue that met no message yet"),
        pytest.param({"message_stats": {"publish": 5, "ack": 5}}, (None, None, None), id="counts without rates"),
        pytest.param(
            {"messages_unacknowledged": 0, "message_stats": {"publish": 5, "publish_details": {"rate": 2.5}}},
            (0, 2.5, 0.0),
            id="nothing was handled yet",
        ),
    ],
)
def test_what_the_broker_does_not_tell_is_not_taken_for_nothing(
    said: dict[str, Any], seen: tuple[int | None, float | None, float | None]
) -> None:
    found = with_rates(state(waiting=GROWING_FROM), said, [])

    assert (found.in_flight, found.in_per_second, found.out_per_second) == seen


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min"), (90_000, "1 d 1 h"), (-3, "0 s")],
)
def test_an_age_has_two_units(seconds: int, words: str) -> None:
    assert age(seconds) == words


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def printed(*states: QueueState, width: int) -> str:
    console = Console(width=width)
    with console.capture() as captured:
        table, lines = queues_shown(states, NOW, width)
        console.print(table, *lines, sep="\n")
    return captured.get()


@pytest.mark.parametrize("width", [80, 110, 180])
def test_no_width_cuts_the_name_of_a_queue_or_what_is_unusual_about_it(width: int) -> None:
    dead = "notifications.assessment-rejected.dead"

    shown = printed(state(), state(dead, waiting=1, oldest=NOW - timedelta(hours=30)), width=width)

    assert f" {dead} " in shown
    assert f"ocop dead list --queue {dead}" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= width


def test_of_more_dead_letters_than_were_read_the_oldest_is_at_least_so_old() -> None:
    def oldest(waiting: int) -> str:
        return printed(state(f"{WORK}.dead", waiting=waiting, oldest=NOW - timedelta(hours=3)), width=180)

    assert " 3 h 0 min" in oldest(MOST_BROWSED)
    assert "at least" not in oldest(MOST_BROWSED)
    assert "at least 3 h 0 min" in oldest(MOST_BROWSED + 1)
