"""The replay from the journal finds each contradiction, in it and with what is on record."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.kept_world import CASES, kept_world
from tests.faults.replay import replay
from tests.faults.world import World

ANSWERS = "replayed from the journal: one answer a dossier, one code a product"
SERIALS = "replayed from the journal: serials have no gaps"
FOLLOWED = "replayed from the journal: every answer is followed by its own"
RECORDS = "replayed from the journal: the three collections say the same"


def found(world: World) -> dict[str, tuple[str, ...]]:
    return {check.promise: check.violations for check in replay(CASES, world) if check.violations}


def test_a_journal_that_has_all_agrees_with_the_records() -> None:
    assert found(kept_world()) == {}


def an_answer_lost(world: World) -> None:
    del world.entries["dossier.rejected of ruleless"]


def two_answers(world: World) -> None:
    submitted = world.entries["product.submitted of good"]
    world.entries["another"] = replace(submitted, id="another", story="ruleless", cause="ruleless")


def another_code(world: World) -> None:
    submitted = world.entries["product.submitted of right"]
    world.entries[submitted.id] = replace(submitted, glance=("submitted", "01-09604-9-2026"))


def a_serial_lost(world: World) -> None:
    del world.entries["product.submitted of unknown"]


def a_rating_of_another_code(world: World) -> None:
    rated = world.entries["product.rated of good"]
    world.entries[rated.id] = replace(rated, glance=("rated", "01-09604-3-2026", 4, 75))


def two_ratings(world: World) -> None:
    rated = world.entries["product.rated of good"]
    world.entries["again"] = replace(rated, id="again")


def other_stars(world: World) -> None:
    rated = world.entries["product.rated of good"]
    world.entries[rated.id] = replace(rated, glance=(*rated.glance[:2], 5, 75))


def on_record_and_never_announced(world: World) -> None:
    del world.entries["alert.delivered of rating of good"]


def announced_and_not_on_record(world: World) -> None:
    del world.alerts[0]


@pytest.mark.parametrize(
    ("breaks", "promise", "named"),
    [
        (an_answer_lost, ANSWERS, "ruleless: 0 answers"),
        (two_answers, ANSWERS, "ruleless: 2 answers"),
        (another_code, ANSWERS, "right, wrong: several codes"),
        (a_serial_lost, SERIALS, "no serial [2]"),
        (a_rating_of_another_code, FOLLOWED, "good: vn.ocop.product.rated.v1 of 01-09604-3-2026"),
        (two_ratings, FOLLOWED, "good: 2 answers"),
        (other_stars, RECORDS, "good"),
        (on_record_and_never_announced, RECORDS, "alert.delivered of rating of good"),
        (announced_and_not_on_record, RECORDS, "alert.delivered of rating of good"),
    ],
)
def test_each_contradiction_is_found_and_named(breaks: Callable[[World], None], promise: str, named: str) -> None:
    world = kept_world()
    breaks(world)

    assert any(named in violation for violation in found(world).get(promise, ()))
