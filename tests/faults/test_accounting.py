"""The accounting finds each kind of loss: a checker that cannot fail would prove nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from shared.contracts.catalogue import PRODUCT_RATED
from tests.faults.accounting import account
from tests.faults.kept_world import CASES, GARBAGE, accepted, alert, kept_world, rating, rejected
from tests.faults.system import USERS
from tests.faults.world import Announced, World


def violated(world: World) -> list[str]:
    return [check.promise for check in account(CASES, world) if check.violations]


def test_a_world_in_which_all_is_well_has_no_violation() -> None:
    assert violated(kept_world()) == []


def an_outcome_lost(world: World) -> None:
    del world.products[0]


def an_outcome_twice(world: World) -> None:
    world.products.append(replace(rejected("ruleless"), key="another"))


def an_outcome_of_nothing(world: World) -> None:
    world.products.append(rejected("never filed"))


def both_accepted(world: World) -> None:
    world.products[4] = accepted("a", 4)


def turned_back_with_another_fault(world: World) -> None:
    world.products[3] = replace(world.products[3], faults=frozenset({"product-unknown"}))


def a_correction_under_another_code(world: World) -> None:
    world.products[8] = accepted("right", 3, filed_by=USERS["portal"], corrects=True)


def an_upgrade_that_gives_a_code_anew(world: World) -> None:
    world.products[-1] = accepted("upgrade", 1, year=2025)


def an_import_lost(world: World) -> None:
    del world.products[-2]


def filed_by_somebody_else(world: World) -> None:
    world.products[7] = replace(world.products[7], filed_by=USERS["hanoi"])


def an_answer_that_its_sender_has_not_seen(world: World) -> None:
    world.inboxes[USERS["portal"]] -= {"product.rated of right"}


def one_code_for_two(world: World) -> None:
    world.products[2] = accepted("b", 1)


def a_code_that_was_not_announced(world: World) -> None:
    world.products[0] = replace(world.products[0], announced=accepted("good", 9).announced)


def a_gap_in_the_serials(world: World) -> None:
    world.products[2] = accepted("b", 5)


def a_version_twice(world: World) -> None:
    for place in (0, 1):
        world.products[place] = replace(world.products[place], version=("01-09604-1-2026", 1))


def a_version_lost(world: World) -> None:
    world.products[0] = replace(world.products[0], version=("01-09604-1-2026", 2))


def a_rating_lost(world: World) -> None:
    del world.ratings[0]


def a_rating_twice(world: World) -> None:
    world.ratings.append(replace(world.ratings[0], key="another"))


def rated_instead_of_turned_back(world: World) -> None:
    world.ratings[1] = rating(world.products[1], PRODUCT_RATED)


def a_rating_of_nothing(world: World) -> None:
    world.ratings.append(rating(accepted("never filed", 1), PRODUCT_RATED))


def a_note_lost(world: World) -> None:
    del world.products[5]


def an_alert_lost(world: World) -> None:
    del world.alerts[0]


def an_alert_twice(world: World) -> None:
    world.alerts.append(replace(world.alerts[0], key="another"))


def an_alert_of_nothing(world: World) -> None:
    world.alerts.append(alert(rejected("never filed")))


def a_mail_lost(world: World) -> None:
    del world.mails["alert of rating of good"]


def two_contents_under_one_id(world: World) -> None:
    world.journal["product.rated of good"].messages.add("other bytes")


def an_announcement_lost(world: World) -> None:
    del world.heard["product.rated of good"]


def an_announcement_lost_from_the_journal(world: World) -> None:
    del world.journal["product.rated of good"]


def a_dossier_lost_from_the_journal(world: World) -> None:
    del world.filed["good"]


def another_content_than_recorded(world: World) -> None:
    world.heard["product.rated of good"].contents = {"other data"}


def an_announcement_of_nothing(world: World) -> None:
    world.heard["product.rated of nothing"] = Announced(PRODUCT_RATED.type, 1, {"x"}, {"x"})


def a_message_that_waits(world: World) -> None:
    world.waiting = {"registry.life": 1}


def a_dead_letter_lost(world: World) -> None:
    del world.kept[GARBAGE][b"\xff"]


def a_dead_letter_changed(world: World) -> None:
    world.kept[GARBAGE] = Counter({b"\xff\x00": 1})


def a_good_dossier_among_the_dead_letters(world: World) -> None:
    world.kept[GARBAGE][b"dossier"] = 1


def a_dead_letter_in_another_queue(world: World) -> None:
    world.kept["ocop.unrouted"][b"\xff"] = 1


@pytest.mark.parametrize(
    ("breaks", "promise", "named"),
    [
        (an_outcome_lost, "each message has exactly one outcome", "good"),
        (an_outcome_twice, "each message has exactly one outcome", "ruleless"),
        (an_outcome_of_nothing, "each message has exactly one outcome", "never filed"),
        (both_accepted, "each message has exactly one outcome", "a, b"),
        (turned_back_with_another_fault, "each message has exactly one outcome", "ruleless"),
        (a_correction_under_another_code, "each message has exactly one outcome", "not one product"),
        (an_upgrade_that_gives_a_code_anew, "each message has exactly one outcome", "upgrade: not one product"),
        (
            an_import_lost,
            "each accepted dossier has one product code, of its own product",
            "upgrade: accepted, and not",
        ),
        (filed_by_somebody_else, "each sender is on record and has seen its answers", "wrong: on record"),
        (an_answer_that_its_sender_has_not_seen, "each sender is on record and has seen its answers", "right"),
        (one_code_for_two, "each accepted dossier has one product code, of its own product", "01-09604-1-2026"),
        (a_code_that_was_not_announced, "each accepted dossier has one product code, of its own product", "good"),
        (a_gap_in_the_serials, "serials have no gaps (communes)", "missing: [3]"),
        (a_version_twice, "the versions of histories have no gaps", "01-09604-1-2026: versions [1, 1]"),
        (a_version_lost, "the versions of histories have no gaps", "01-09604-1-2026: versions [2]"),
        (a_rating_lost, "each accepted dossier has one rating, as it deserves", "good"),
        (a_rating_twice, "each accepted dossier has one rating, as it deserves", "good"),
        (rated_instead_of_turned_back, "each accepted dossier has one rating, as it deserves", "unknown"),
        (a_rating_of_nothing, "each accepted dossier has one rating, as it deserves", "never filed"),
        (a_note_lost, "each dossier that was turned back is noted once", "assessment.rejected of unknown"),
        (an_alert_lost, "each answer has one alert record", "product.rated of good"),
        (an_alert_twice, "each answer has one alert record", "product.rated of good"),
        (an_alert_of_nothing, "each answer has one alert record", "never filed"),
        (a_mail_lost, "each delivered alert by mail has its mail", "product.rated of good"),
        (an_announcement_lost_from_the_journal, "the journal misses no dossier and no event", "product.rated of good"),
        (a_dossier_lost_from_the_journal, "the journal misses no dossier and no event", "good: filed"),
        (two_contents_under_one_id, "no event id was announced with two contents", "product.rated of good"),
        (an_announcement_lost, "what was recorded is what was announced", "product.rated of good"),
        (another_content_than_recorded, "what was recorded is what was announced", "product.rated of good"),
        (an_announcement_of_nothing, "what was recorded is what was announced", "product.rated of nothing"),
        (a_message_that_waits, "nothing waits on a queue", "registry.life"),
        (a_dead_letter_lost, "dead letters hold exactly the garbage", "ff"),
        (a_dead_letter_changed, "dead letters hold exactly the garbage", GARBAGE),
        (a_good_dossier_among_the_dead_letters, "dead letters hold exactly the garbage", "dossier"),
        (a_dead_letter_in_another_queue, "dead letters hold exactly the garbage", "ocop.unrouted"),
    ],
)
def test_each_kind_of_loss_is_found_and_named(breaks: Callable[[World], None], promise: str, named: str) -> None:
    world = kept_world()
    breaks(world)
    found = {check.promise: check.violations for check in account(CASES, world)}
    assert any(named in violation for violation in found[promise])
