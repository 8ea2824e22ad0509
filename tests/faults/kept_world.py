"""A world in which every promise was kept, for the tests of the accounting to break."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from typing import Any

from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ASSESSMENT_REJECTED,
    CERTIFICATE_IMPORTED,
    CERTIFICATE_ISSUED,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
    EventType,
)
from tests.faults.messages import Case, Message
from tests.faults.system import USERS
from tests.faults.world import Announced, Announcement, Entry, Record, Registered, World

GARBAGE = "registry.life.dead"
CASES = (
    Case("good", (Message(b"1", {}, "good"),), records=1, accepted=1),
    Case("unknown answers", (Message(b"2", {}, "unknown"),), records=1, accepted=1, turned_back=frozenset({"unknown"})),
    Case("breaks a rule", (Message(b"3", {}, "ruleless"),), records=1, refused_with=frozenset({"samples-wrong"})),
    Case(
        "same product twice",
        (Message(b"4", {}, "a"), Message(b"5", {}, "b")),
        records=2,
        accepted=1,
        refused_with=frozenset({"product-already-registered"}),
    ),
    Case(
        "correction of a rejected assessment",
        (Message(b"6", {}, "wrong", signed=True), Message(b"7", {}, "right", signed=True)),
        records=2,
        accepted=2,
        turned_back=frozenset({"wrong"}),
    ),
    Case(
        "upgrade of an imported certificate",
        (Message(b"8", {}, "paper"), Message(b"9", {}, "upgrade")),
        records=1,
        accepted=1,
        registers=False,
    ),
    Case("garbage", (Message(b"\xff", {}),), kept_in=GARBAGE),
)


def announcement(kind: EventType[Any], story: str, subject: str) -> Announcement:
    told = kind in {PRODUCT_RATED, ASSESSMENT_REJECTED, DOSSIER_REJECTED}
    return Announcement(f"{kind.name} of {story}", kind.type, subject, f"content of {kind.name} of {story}", told)


def accepted(id: str, serial: int, *, year: int = 2026, filed_by: str | None = None, corrects: bool = False) -> Record:
    code = f"01-09604-{serial}-{year}"
    registered = Registered(code, "01-09604", year, serial)
    submitted = announcement(PRODUCT_SUBMITTED, id, code)
    return Record(
        id,
        id,
        DOSSIER_FILED.type,
        "submitted",
        code,
        (submitted,),
        None if corrects else registered,
        story=id,
        filed_by=filed_by,
        glance=("submitted", code),
    )


def imported(id: str, code: str) -> Record:
    registered = Registered(code, "01-09604", 2025, 1)
    issued = (announcement(CERTIFICATE_ISSUED, id, code),)
    glance = ("imported", code)
    return Record(id, id, CERTIFICATE_IMPORTED.type, "imported", code, issued, registered, story=id, glance=glance)


def rejected(id: str) -> Record:
    answer = announcement(DOSSIER_REJECTED, id, id)
    faults = frozenset({"samples-wrong" if id == "ruleless" else "product-already-registered"})
    glance = ("rejected", None)
    return Record(id, id, DOSSIER_FILED.type, "rejected", None, (answer,), story=id, faults=faults, glance=glance)


def rating(of: Record, kind: EventType[Any]) -> Record:
    event, outcome = of.announced[0], "rated" if kind is PRODUCT_RATED else "rejected"
    answer = announcement(kind, of.key, f"{of.product_code}")
    stars = 4 if kind is PRODUCT_RATED else None
    return Record(
        f"rating of {of.key}",
        event.id,
        event.type,
        outcome,
        of.product_code,
        (answer,),
        story=of.story,
        glance=(outcome, of.product_code, stars, stars and 75),
    )


def note(of: Record) -> Record:
    event = of.announced[0]
    return Record(
        f"note of {of.key}",
        event.id,
        ASSESSMENT_REJECTED.type,
        "awaits-correction",
        of.product_code,
        (),
        story=of.story,
    )


def alert(of: Record) -> Record:
    event, alerted = of.announced[0], announcement(ALERT_DELIVERED, of.key, of.product_code or of.event_id)
    id = f"alert of {of.key}"
    return Record(
        id,
        event.id,
        event.type,
        "delivered",
        of.product_code,
        (alerted,),
        alert_id=id,
        channel="email",
        story=of.story,
        glance=("delivered", of.product_code, "email", id),
    )


def kept_world() -> World:
    """Return the world in which every promise was kept."""
    good, unknown, first = accepted("good", 1), accepted("unknown", 2), accepted("b", 3)
    wrong = accepted("wrong", 4, filed_by=USERS["portal"])
    right = accepted("right", 4, filed_by=USERS["portal"], corrects=True)
    paper = imported("paper", "01-09604-1-2025")
    upgrade = accepted("upgrade", 1, year=2025, corrects=True)
    ratings = [
        *(rating(good, PRODUCT_RATED), rating(unknown, ASSESSMENT_REJECTED), rating(first, PRODUCT_RATED)),
        *(rating(wrong, ASSESSMENT_REJECTED), rating(right, PRODUCT_RATED)),
        rating(upgrade, PRODUCT_RATED),
    ]
    answered = [rejected("ruleless"), rejected("a")]
    notes = [note(ratings[1]), note(ratings[3])]
    alerts = [alert(record) for record in (*ratings, *answered)]
    waited = replace(alerts[0], key="waited", outcome="waiting", announced=())
    products = [good, unknown, first, *answered, *notes, wrong, right, paper, upgrade]
    world = World(products, ratings, [*alerts, waited])
    for record in (*world.products, *ratings, *alerts):
        for event in record.announced:
            world.heard[event.id] = Announced(event.type, 1, {event.content}, {event.content})
            world.entries[event.id] = Entry(
                event.id, event.type, event.subject, record.event_id, record.story, record.glance, event.told
            )
    world.journal = deepcopy(world.heard)
    world.inboxes = {USERS["portal"]: frozenset(world.heard)}
    world.confirmed = frozenset(id for case in CASES for id in case.ids)
    world.filed.update(id for case in CASES for id in case.ids)
    world.waiting = {"registry.life": 0}
    world.kept = {GARBAGE: Counter({b"\xff": 2}), "ocop.unrouted": Counter()}
    world.mails.update(f"{record.alert_id}" for record in alerts)
    return world
