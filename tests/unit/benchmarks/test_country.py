"""The country's busiest day adds up, and what gives first follows from what was measured."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from math import inf
from pathlib import Path

import pytest

from benchmarks.country.checks import AlertOnRecord, alert_faults, delivery_faults, event_faults
from benchmarks.country.measured import Backlog, Country, Stretch, gives_first
from benchmarks.country.paper import busiest_day
from benchmarks.country.products import cast_of, has_zalo
from benchmarks.country.services import goes_out_at
from benchmarks.country.set_clock import SetClock, clock_in
from shared.clock import system_clock

WHOLE, SMALL = busiest_day(), busiest_day(0.1)
PAGE = (Path(__file__).parents[3] / "docs" / "performance.md").read_text("utf-8")


def stretch(seconds: float = 10, others: float = 0, **cpu_seconds: float) -> Stretch:
    waited = {"registry.life": 5.0, "notifications.life": 20.0}
    return Stretch("noon", seconds, 100, 50, cpu_seconds, others, Backlog("registry.life", 9, 1), waited)


def test_the_day_on_paper_is_of_the_size_that_the_page_derives() -> None:
    assert (WHOLE.on, WHOLE.products, WHOLE.dossiers, WHOLE.rounds) == (date(2026, 12, 29), 17_000, 4_250, 1_606)
    assert (WHOLE.judged, WHOLE.cards, WHOLE.milestones) == (2_040, 18_360, 4_080)


@pytest.mark.parametrize(
    "figure", ["products", "dossiers", "rounds", "judged", "cards", "milestones", "filings", "events", "alerts"]
)
def test_every_figure_of_the_paper_stands_on_the_page(figure: str) -> None:
    assert f"| {getattr(WHOLE, figure):,} |" in PAGE


def test_a_round_takes_two_or_three_dossiers_and_all_of_them_make_the_day_s() -> None:
    counts = list(WHOLE.dossiers_of_rounds())
    assert (len(counts), sum(counts), set(counts)) == (WHOLE.rounds, WHOLE.dossiers, {2, 3})


def test_the_products_of_a_day_are_as_many_as_it_says_and_each_has_a_code_of_its_own() -> None:
    cast = cast_of(SMALL, seed=26)
    codes = [each.code for each in cast.certified]
    assert (len(codes), len(set(codes))) == (SMALL.products, SMALL.products)
    assert [len({each.province for each in session}) for session in cast.sessions] == [1, 1, 1]
    assert sum(each.kind == "re-evaluation" for each in cast.judged) == SMALL.renewed


def test_who_has_no_mail_is_reached_by_zalo_or_a_text() -> None:
    contacts = [each.dossier()["producer"]["contact"] for each in cast_of(SMALL, seed=26).filing]
    phones = ["84" + each["phone"][1:] for each in contacts if "email" not in each]
    assert {has_zalo(phone) for phone in phones} == {True, False}


def test_what_is_announced_too_often_or_not_at_all_is_a_fault() -> None:
    kinds = Counter({each.name: each.count for each in SMALL.announced})
    assert list(event_faults(SMALL, kinds)) == []
    kinds["product.rated"] -= 1
    kinds["certificate.revoked"] += 1
    assert list(event_faults(SMALL, kinds)) == [
        "certificate.revoked: 1 in the place of 0",
        "product.rated: 424 in the place of 425",
    ]


def alerts() -> list[AlertOnRecord]:
    return [
        AlertOnRecord(f"{each.name}-{audience}-{number}", each.kind, audience, "webhook", "delivered", "d")
        for each in SMALL.announced
        for audience in each.to
        for number in range(each.count)
    ]


def test_an_alert_that_is_not_delivered_or_not_on_record_is_a_fault() -> None:
    all_ = alerts()
    assert list(alert_faults(SMALL, all_)) == []
    missing, *rest = all_
    assert list(alert_faults(SMALL, rest)) == [
        f"alerts of {missing.kind} to {missing.audience}: {SMALL.renewed - 1} in the place of {SMALL.renewed}"
    ]
    assert "held" in next(alert_faults(SMALL, [replace(missing, outcome="held"), *rest]))


def test_a_delivery_that_arrives_twice_or_not_at_all_is_a_fault() -> None:
    together = [AlertOnRecord(id, "product.rated", "producer", "email", "delivered", "one") for id in ("a", "b")]
    assert list(delivery_faults(together, {"email": {"one": 1}})) == []
    assert list(delivery_faults(together, {"email": {"one": 2}})) == ["one came 2 times by email"]
    assert list(delivery_faults(together, {"email": {}})) == ["email: 0 arrived in the place of 1"]
    assert list(delivery_faults([replace(together[0], channel="log")], {})) == ["alerts by log"]


def test_full_cores_give_first_whoever_filled_them() -> None:
    full = gives_first(stretch(registry=9, SecantusDB=9.5), cores=2)
    assert (full.what, full.most, full.queue) == ("the machine's 2 cores", "SecantusDB", "notifications.life")
    assert full.share == pytest.approx(0.925)
    shared = gives_first(stretch(others=15, registry=2, SecantusDB=2.5), cores=2)
    assert "75% by other work" in str(shared)


def test_a_process_that_fills_its_one_core_gives_before_the_machine_does() -> None:
    limit = gives_first(stretch(notifications=9.5, RabbitMQ=3), cores=2)
    assert (limit.most, limit.share) == ("notifications", 0.95)
    broker = gives_first(stretch(RabbitMQ=9.5), cores=2)  # which has two
    assert broker.what.startswith("none")


def test_days_in_a_day_follow_from_the_seconds_of_all_stretches_and_the_share() -> None:
    stretches = [stretch(40, registry=30, benchmark=10), stretch(60, registry=30, benchmark=20)]
    measured = Country(SMALL, 0.1, 2, stretches, {}, {}, {}, {})
    assert measured.seconds == 100
    assert measured.days_a_day == pytest.approx(86.4)
    assert measured.days_without_generator == pytest.approx(288)


@pytest.mark.parametrize(
    ("gathering", "expected"), [(120, 130), (inf, 300)], ids=["after the gathering", "in the morning"]
)
def test_an_alert_waits_from_when_it_could_go_out(gathering: float, expected: float) -> None:
    assert goes_out_at(10, [5, 300], gathering) == expected


def test_a_clock_that_is_set_runs_on_from_there_for_all_who_read_it(tmp_path: Path) -> None:
    clock = SetClock(tmp_path / "clock")
    read, ahead = clock_in(clock.file), system_clock() + timedelta(days=30)
    clock.set(ahead)
    assert ahead <= read() <= ahead + timedelta(seconds=5)
