"""Figures are worked out and shown as they were measured."""

import json
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks.chart import Bar, bar_chart
from benchmarks.contestants import CELERY, DRAMATIQ, INBOX_OUTBOX, OURS, RELAY, Contestant
from benchmarks.cost import Usage, usage
from benchmarks.latency import Latency, Stretch, percentile
from benchmarks.plan import Size, plan_of
from benchmarks.reading import measure_reading
from benchmarks.registries import Registries
from benchmarks.report import Report
from benchmarks.tables import cost_table, latency_table, reading_table, registries_table, table, throughput_table
from benchmarks.throughput import Round, Throughput
from shared.contracts.catalogue import CATALOGUE


def a_round(dossiers: int, seconds: float) -> Round:
    return Round(dossiers, seconds, {"step": dossiers * 0.002, "RabbitMQ": dossiers * 0.001}, {"step": 2**20})


def a_stretch(*milliseconds: float) -> Stretch:
    """Return a stretch of one second for each dossier, which cost 30 ms each."""
    return Stretch(tuple(map(float, milliseconds)), len(milliseconds), {"step": 0.03 * len(milliseconds)})


def rows(markdown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in markdown.splitlines() if "|" in line]


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.5, 50), (0.99, 99), (0.999, 100), (1, 100), (0, 1)],
    ids=["p50", "p99", "p99.9", "worst", "best"],
)
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    assert percentile(range(100, 0, -1), share) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_throughput_is_compared_by_the_median_of_the_rounds() -> None:
    ours = Throughput(OURS, {}, [a_round(100, 1), a_round(300, 1), a_round(200, 1)])
    celery = Throughput(CELERY, {}, [a_round(50, 1)])
    shown = rows(throughput_table([ours, celery]))
    assert shown[2] == ["OCOP services", "200.0", "100.0", "300.0", "3", "600", "1.00"]
    assert shown[3][-1] == "4.00"


def test_cost_is_what_a_dossier_costs_over_all_rounds() -> None:
    ours = Throughput(OURS, {}, [a_round(100, 1), a_round(300, 1)])
    assert rows(cost_table([ours]))[2] == ["OCOP services", "2.00", "1.00", "0.00", "3.00"]


def test_latency_is_compared_at_the_same_load() -> None:
    measured = [
        Latency(OURS, 5, (a_stretch(2),)),
        Latency(OURS, 10, (a_stretch(4), a_stretch(8))),
        Latency(RELAY, 5, (a_stretch(1),)),
        Latency(RELAY, 10, (a_stretch(1, 2),)),
    ]
    shown = rows(latency_table(measured))
    ours = "OCOP services|10.0|1.0|2|4.0 (4.0-8.0)|8.0 (4.0-8.0)|–|8.0|1.00|1.00|30.0"
    assert shown[2] == ours.split("|")
    assert [row[1] for row in shown[2:]] == ["10.0", "10.0", "5.0", "5.0"]
    assert [row[8:10] for row in shown[3:]] == [["4.00", "4.00"], ["1.00", "1.00"], ["2.00", "2.00"]]


def test_a_load_that_is_not_carried_shows_in_what_is_handled() -> None:
    behind = Latency(RELAY, 10, (Stretch((1.0,) * 20, 4.0, {}), Stretch((1.0,) * 20, 6.0, {})))
    assert behind.handled == 4.0


def test_the_cost_of_a_dossier_at_a_load_is_without_the_generators() -> None:
    measured = Latency(RELAY, 10, (Stretch((1.0, 1.0), 1, {"step": 0.01, "RabbitMQ": 0.03, "benchmark": 9.0}),))
    assert measured.cpu_milliseconds == pytest.approx(20)


@pytest.mark.parametrize(
    ("contestant", "body", "headers"),
    [
        (CELERY, [[{"id": "7"}], {}, {"callbacks": None}], {}),
        (DRAMATIQ, {"queue_name": "alerted", "args": [{"id": "7"}], "kwargs": {}}, {}),
        (RELAY, {}, {"ce-id": "7"}),
        (OURS, {}, {"ce-id": "another", "ce-correlationid": "7"}),
        (INBOX_OUTBOX, {"id": "another"}, {}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_last_message_says_whose_dossier_it_was(contestant: Contestant, body: object, headers: object) -> None:
    alerted: Any = SimpleNamespace(body=json.dumps(body).encode(), headers=headers, correlation_id="7")
    assert contestant.dossier_of(alerted) == "7"


@pytest.mark.parametrize(("offered", "dossiers"), [(5, 500), (40, 800)], ids=["rare", "often"])
def test_a_stretch_lasts_until_its_p99_can_be_told(offered: float, dossiers: int) -> None:
    plan = replace(plan_of(Size.SMALL), latency_seconds=20, latency_dossiers=1_000, latency_stretches=2)
    assert plan.stretch_at(offered) == dossiers


def test_registries_are_compared_with_one_on_as_many_communes() -> None:
    measured = [
        Registries(1, 1, (100.0, 120.0), 0.5),
        Registries(4, 1, (88.0,), 0.75),
        Registries(1, 8, (200.0,), 1.0),
        Registries(4, 8, (150.0,), 1.0),
    ]
    shown = rows(registries_table(measured))
    assert shown[2] == ["1", "1", "110.0", "100.0", "120.0", "1.00", "0.50", "1.00"]
    assert [(row[5], row[7]) for row in shown[3:]] == [("0.80", "1.50"), ("1.00", "1.00"), ("0.75", "1.00")]


def test_p999_needs_ten_dossiers_beyond_it() -> None:
    shown = rows(latency_table([Latency(OURS, 10, (a_stretch(*range(10_000)),))]))
    assert shown[2][6] == "9,989.0"


def test_a_table_is_markdown() -> None:
    assert table(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |\n"


def test_the_chart_is_well_formed_and_has_a_bar_for_everyone() -> None:
    chart = ET.fromstring(bar_chart("A < B", [Bar("ours & theirs", 2, 1, 3, ours=True), Bar("other", 1, 1, 1)]))
    texts = [text.text for text in chart.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["A < B", "ours & theirs", "2", "other", "1"]


def test_the_report_is_there_after_every_section(tmp_path: Path) -> None:
    report = Report(tmp_path / "report.md", title="Benchmarks", facts={"seed": "1"})
    report.put("Cost", "none yet\n")
    report.put("Cost", "little\n")
    assert report.file.read_text("utf-8") == "# Benchmarks\n\n- seed: 1\n\n## Cost\n\nlittle\n"


def test_the_cost_of_a_session_is_found_under_its_name() -> None:
    measured = usage({os.getsid(0): "tests"})
    assert measured.resident_bytes["benchmark"] > 0


def test_cpu_time_counts_from_an_earlier_look() -> None:
    later = Usage({"registry": 3.0, "new": 1.0}, {})
    assert later.cpu_since(Usage({"registry": 2.0}, {})) == {"registry": 1.0, "new": 1.0}


async def test_every_kind_of_event_that_anybody_can_see_is_read() -> None:
    measured = await measure_reading(replace(plan_of(Size.TINY), readings=1))

    assert [each[0] for each in rows(reading_table(measured))[2:]] == [kind.name for kind in CATALOGUE]
    assert all(min(each.opened, each.validated, each.keyed) > 0 for each in measured)
