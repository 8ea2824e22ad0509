"""The promises, each held against what broker and database hold. Every violation names the message it is about."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.registry.round_deadlines import ROUND_DEADLINES
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    DOSSIER_FILED,
    PRODUCT_SUBMITTED,
)
from tests.faults.messages import Case
from tests.faults.system import USERS
from tests.faults.world import Announced, Announcement, Record, World


@dataclass(frozen=True)
class Checked:
    """One promise: how many things were held against it, and which broke it."""

    promise: str
    count: int
    violations: tuple[str, ...]


def account(cases: Sequence[Case], world: World) -> list[Checked]:
    """Check every promise against the world."""
    return [
        outcomes(cases, world),
        senders(cases, world),
        codes(world),
        serials(world),
        histories(world),
        ratings(cases, world),
        notes(world),
        alerts(world),
        mails(world),
        contents(world),
        announcements(world),
        journal(cases, world),
        queues(world),
        dead_letters(cases, world),
    ]


def outcomes(cases: Sequence[Case], world: World) -> Checked:
    """Each message that can be answered has one record, accepted or not, and nothing else has any."""
    found = _by_event(_filed(world))

    def violations() -> Iterator[str]:
        for case in cases:
            records = [record for id in case.ids for record in found.pop(id, [])]
            accepted = sum(record.outcome == "submitted" for record in records)
            name = f"{case.kind}: {', '.join(sorted(case.ids))}"
            refused_with = {fault for record in records if record.outcome == "rejected" for fault in record.faults}
            if len(records) != case.records:
                yield f"{name}: {len(records)} outcomes, not {case.records}"
            elif accepted != case.accepted:
                yield f"{name}: {accepted} accepted, not {case.accepted}; turned back with {_listed(refused_with)}"
            elif foreign := refused_with - case.refused_with:
                yield f"{name}: turned back with {_listed(foreign)}"
            elif accepted and not _is_one_product(records, registers=case.registers):
                yield f"{name}: not one product: {_listed(f'{record.product_code}' for record in records)}"
        yield from (f"{id}: an outcome, and was never filed" for id in found)

    return Checked("each message has exactly one outcome", len(cases), tuple(violations()))


def senders(cases: Sequence[Case], world: World) -> Checked:
    """Each record says who has filed its dossier, and that sender has seen every answer of registry and evaluation."""
    by = {id: {each and USERS[each] for each in senders} for case in cases for id, senders in case.senders.items()}
    filed = _filed(world)

    def violations() -> Iterator[str]:
        for record in filed:
            if record.filed_by not in by.get(record.event_id, ()):
                yield f"{record.event_id}: on record as filed by {record.filed_by}"
        for record in (*filed, *world.ratings):
            users = by.get(record.story, set())
            user = next(iter(users)) if len(users) == 1 else None  # of two, either may have been the first
            for event in record.announced if user else ():
                if user and event.id not in world.inboxes.get(user, ()):
                    yield f"{record.story}: {user} has not seen the answer {event.id} ({event.type})"

    return Checked("each sender is on record and has seen its answers", len(filed), tuple(violations()))


def codes(world: World) -> Checked:
    """Each product has a code that no other has, each accepted dossier has that of a product, and the event says it."""
    accepted = [record for record in _filed(world) if record.outcome == "submitted"]
    given = Counter(record.registered.code for record in world.products if record.registered)

    def violations() -> Iterator[str]:
        for record in accepted:
            if (record.registered and record.registered.code != record.product_code) or not given[
                f"{record.product_code}"
            ]:
                yield f"{record.event_id}: accepted, and not registered under its code {record.product_code}"
            if {event.subject for event in record.announced} != {record.product_code}:
                yield f"{record.event_id}: another code was announced than {record.product_code}"
        yield from (f"{code}: given {times} times" for code, times in given.items() if times > 1)

    return Checked("each accepted dossier has one product code, of its own product", len(accepted), tuple(violations()))


def serials(world: World) -> Checked:
    """The serials of a commune and a year are 1, 2, 3, … to the number of its products."""
    given = defaultdict[str, list[int]](list)
    for record in world.products:
        if record.registered:
            given[f"{record.registered.place} in {record.registered.year}"].append(record.registered.serial)
    violations = tuple(
        f"{place}: {len(found)} products, serials missing: {sorted(set(range(1, len(found) + 1)) - set(found))}"
        for place, found in given.items()
        if sorted(found) != list(range(1, len(found) + 1))
    )
    return Checked("serials have no gaps (communes)", len(given), violations)


def histories(world: World) -> Checked:
    """The versions of each history are 1, 2, 3, …"""
    found = defaultdict[str, list[int]](list)
    for record in (*world.products, *world.ratings, *world.alerts):
        if record.version:
            found[record.version[0]].append(record.version[1])
    violations = tuple(
        f"history {of}: versions {sorted(numbers)}"
        for of, numbers in found.items()
        # what the register begins the half-yearly deadlines with is no event's
        if sorted(numbers) != list(range(first := 2 if of == ROUND_DEADLINES else 1, first + len(numbers)))
    )
    return Checked("the versions of histories have no gaps", len(found), violations)


def ratings(cases: Sequence[Case], world: World) -> Checked:
    """Each accepted dossier has one rating or was turned back once, as it deserves; nothing else has a rating."""
    deserves = {id: "rejected" if id in case.turned_back else "rated" for case in cases for id in case.ids}
    found = _by_event([record for record in world.ratings if record.event_type == PRODUCT_SUBMITTED.type])

    def violations() -> Iterator[str]:
        for record in _filed(world):
            for submitted in (each for each in record.announced if each.type == PRODUCT_SUBMITTED.type):
                given = [rating.outcome for rating in found.pop(submitted.id, [])]
                if given != [deserves.get(record.event_id)]:
                    yield f"{record.event_id}: ratings {given}, not one that is {deserves.get(record.event_id)}"
        yield from (f"{id}: a rating, and no product was submitted under this id" for id in found)

    return Checked("each accepted dossier has one rating, as it deserves", len(world.ratings), tuple(violations()))


def notes(world: World) -> Checked:
    """Each dossier that evaluation turned back is noted in the register once."""
    wanted = [event for record in world.ratings for event in record.announced if event.type == ASSESSMENT_REJECTED.type]
    noted = [record for record in world.products if record.event_type == ASSESSMENT_REJECTED.type]
    return _one_each("each dossier that was turned back is noted once", wanted, noted)


def alerts(world: World) -> Checked:
    """Each answer to a producer has one alert."""
    answers = [event for record in (*world.products, *world.ratings) for event in record.announced if event.told]
    ended = [record for record in world.alerts if record.outcome not in {"sending", "waiting"}]
    return _one_each("each answer has one alert record", answers, ended)


def mails(world: World) -> Checked:
    """Each alert that the mail server took over is there; more than one mail is allowed (decision 8)."""
    mailed = [record for record in world.alerts if (record.channel, record.outcome) == ("email", "delivered")]
    violations = tuple(f"{record.event_id}: no mail" for record in mailed if not world.mails[record.alert_id or ""])
    return Checked("each delivered alert by mail has its mail", len(mailed), violations)


def contents(world: World) -> Checked:
    """Whatever was announced under one id was the same to the byte every time."""
    received = world.heard.keys() | world.journal.keys()
    different = {id: _messages(world.heard, id) | _messages(world.journal, id) for id in received}
    violations = tuple(f"{id}: {len(found)} contents" for id, found in different.items() if len(found) > 1)
    return Checked("no event id was announced with two contents", len(received), violations)


def announcements(world: World) -> Checked:
    """Who files has heard of all that the records say was announced, and of nothing else."""
    heard = dict(world.heard)

    def violations() -> Iterator[str]:
        for record in (*world.products, *world.ratings, *world.alerts):
            for event in record.announced:
                announced = heard.pop(event.id, None)
                if announced is None:
                    yield f"{event.id}: recorded for {record.event_id}, and not announced or twice recorded"
                elif announced.contents != {event.content}:
                    yield f"{event.id}: announced with another content than recorded for {record.event_id}"
        yield from (f"{id}: announced, and nowhere recorded" for id in heard)

    return Checked("what was recorded is what was announced", len(world.heard), tuple(violations()))


def journal(cases: Sequence[Case], world: World) -> Checked:
    """The journal has every dossier that was confirmed, and every event."""
    filed = {id for case in cases for id in case.ids} & world.confirmed
    missed = (
        *(f"{id}: filed, and not in the journal" for id in filed - world.filed.keys()),
        *(f"{id}: announced, and not in the journal" for id in world.heard.keys() - world.journal.keys()),
    )
    return Checked("the journal misses no dossier and no event", len(filed) + len(world.heard), missed)


def queues(world: World) -> Checked:
    """Nothing waits any more."""
    violations = tuple(f"{name}: {count} messages" for name, count in world.waiting.items() if count)
    return Checked("nothing waits on a queue", len(world.waiting), violations)


def dead_letters(cases: Sequence[Case], world: World) -> Checked:
    """The queues that keep messages hold exactly what had to be kept, byte for byte; a repeat is allowed."""
    wanted = {(case.kept_in, message.body): case for case in cases if case.kept_in for message in case.messages}
    found = {(queue, body) for queue, bodies in world.kept.items() for body in bodies}
    missing = (f"{wanted[one].kind} {_named(wanted[one])}: not in {one[0]}" for one in wanted.keys() - found)
    foreign = (f"{queue}: a foreign message, {body[:40]!r}" for queue, body in found - wanted.keys())
    return Checked("dead letters hold exactly the garbage", len(wanted), (*missing, *foreign))


def _is_one_product(records: Iterable[Record], *, registers: bool) -> bool:
    """Return whether what was accepted has one code, which was given by one of it, or by none where it was before."""
    accepted = [record for record in records if record.outcome == "submitted"]
    given = sum(bool(each.registered) for each in accepted)
    return len({record.product_code for record in accepted}) == 1 and given == int(registers)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _messages(events: dict[str, Announced], id: str) -> set[str]:
    return events[id].messages if id in events else set()


def _filed(world: World) -> list[Record]:
    return [record for record in world.products if record.event_type == DOSSIER_FILED.type]


def _by_event(records: Iterable[Record]) -> dict[str, list[Record]]:
    found = defaultdict[str, list[Record]](list)
    for record in records:
        found[record.event_id].append(record)
    return dict(found)


def _one_each(promise: str, events: Sequence[Announcement], records: Iterable[Record]) -> Checked:
    found = Counter(record.event_id for record in records)
    wanted = {event.id for event in events}
    wrong = (f"{event.id}: {found[event.id]} records" for event in events if found[event.id] != 1)
    foreign = (f"{id}: a record, and no such event" for id in found if id not in wanted)
    return Checked(promise, len(events), (*wrong, *foreign))


def _named(case: Case) -> str:
    return ", ".join(sorted(case.ids)) or case.messages[0].body[:20].hex()
