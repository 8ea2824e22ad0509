"""The accounting finds each kind of loss: a checker that cannot fail would prove nothing."""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ASSESSMENT_REJECTED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
    EventType,
)
from tests.faults.accounting import account
from tests.faults.stream import Case, Message
from tests.faults.world import Announced, Announcement, Record, Registered, World

GARBAGE = "registry.life.dead"
CASES = (
    Case("good", (Message(b"1", {}, "good"),), records=1, accepted=1, rated=True),
    Case("unknown answers", (Message(b"2", {}, "unknown"),), records=1, accepted=1),
    Case("breaks a rule", (Message(b"3", {}, "ruleless"),), records=1),
    Case("same product twice", (Message(b"4", {}, "a"), Message(b"5", {}, "b")), records=2, accepted=1, rated=True),
    Case("garbage", (Message(b"\xff", {}),), kept_in=GARBAGE),
)


def announcement(kind: EventType[Any], story: str, subject: str) -> Announcement:
    return Announcement(f"{kind.name} of {story}", kind.type, subject, f"content of {kind.name} of {story}")


def accepted(id: str, serial: int) -> Record:
    code = f"01-09604-{serial}-2026"
    registered = Registered(code, "01-09604", 2026, serial)
    submitted = announcement(PRODUCT_SUBMITTED, id, code)
    return Record(id, id, DOSSIER_FILED.type, "submitted", code, (submitted,), registered)


def rejected(id: str) -> Record:
    return Record(id, id, DOSSIER_FILED.type, "rejected", None, (announcement(DOSSIER_REJECTED, id, id),))


def rating(of: Record, kind: EventType[Any]) -> Record:
    event, outcome = of.announced[0], "rated" if kind is PRODUCT_RATED else "rejected"
    answer = announcement(kind, of.key, f"{of.product_code}")
    return Record(f"rating of {of.key}", event.id, event.type, outcome, of.product_code, (answer,))


def note(of: Record) -> Record:
    event = of.announced[0]
    return Record(f"note of {of.key}", event.id, ASSESSMENT_REJECTED.type, "awaits-correction", of.product_code, ())


def alert(of: Record) -> Record:
    event, alerted = of.announced[0], announcement(ALERT_DELIVERED, of.key, of.product_code or of.event_id)
    id = f"alert of {of.key}"
    return Record(id, event.id, event.type, "delivered", of.product_code, (alerted,), alert_id=id, channel="email")


def kept_world() -> World:
    """Return the world in which every promise was kept."""
    good, unknown, first = accepted("good", 1), accepted("unknown", 2), accepted("b", 3)
    ratings = [rating(good, PRODUCT_RATED), rating(unknown, ASSESSMENT_REJECTED), rating(first, PRODUCT_RATED)]
    answered = [rejected("ruleless"), rejected("a")]
    alerts = [alert(record) for record in (*ratings, *answered)]
    world = World([good, unknown, first, *answered, note(ratings[1])], ratings, alerts)
    for record in (*world.products, *ratings, *alerts):
        for event in record.announced:
            world.heard[event.id] = Announced(event.type, 1, {event.content}, {event.content})
    world.journal = deepcopy(world.heard)
    world.filed.update(id for case in CASES for id in case.ids)
    world.waiting = {"registry.life": 0}
    world.kept = {GARBAGE: Counter({b"\xff": 2}), "ocop.unrouted": Counter()}
    world.mails.update(f"{record.alert_id}" for record in alerts)
    return world


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


def one_code_for_two(world: World) -> None:
    world.products[2] = accepted("b", 1)


def a_code_that_was_not_announced(world: World) -> None:
    world.products[0] = replace(world.products[0], announced=accepted("good", 9).announced)


def a_gap_in_the_serials(world: World) -> None:
    world.products[2] = accepted("b", 4)


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


def a_filing_lost_from_the_journal(world: World) -> None:
    del world.filed["good"]


def two_contents_under_one_id(world: World) -> None:
    world.journal["product.rated of good"].messages.add("other bytes")


def an_announcement_lost(world: World) -> None:
    del world.heard["product.rated of good"]


def an_announcement_lost_from_the_journal(world: World) -> None:
    del world.journal["product.rated of good"]


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
        (one_code_for_two, "each accepted dossier has one product code of its own", "01-09604-1-2026"),
        (a_code_that_was_not_announced, "each accepted dossier has one product code of its own", "good"),
        (a_gap_in_the_serials, "serials have no gaps (communes)", "missing: [3]"),
        (a_rating_lost, "each accepted dossier has one rating, as it deserves", "good"),
        (a_rating_twice, "each accepted dossier has one rating, as it deserves", "good"),
        (rated_instead_of_turned_back, "each accepted dossier has one rating, as it deserves", "unknown"),
        (a_rating_of_nothing, "each accepted dossier has one rating, as it deserves", "never filed"),
        (a_note_lost, "each dossier that was turned back is noted once", "assessment.rejected of unknown"),
        (an_alert_lost, "each answer has one alert record", "product.rated of good"),
        (an_alert_twice, "each answer has one alert record", "product.rated of good"),
        (an_alert_of_nothing, "each answer has one alert record", "never filed"),
        (a_mail_lost, "each delivered alert by mail has its mail", "product.rated of good"),
        (a_filing_lost_from_the_journal, "the journal misses nothing", "good"),
        (an_announcement_lost_from_the_journal, "the journal misses nothing", "product.rated of good"),
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
