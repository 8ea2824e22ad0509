"""What happened, told again from the journal's messages alone, and held against the three collections."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    ASSESSMENT_REJECTED,
    DOSSIER_REJECTED,
    PRODUCT_RATED,
    PRODUCT_SUBMITTED,
)
from shared.contracts.product import parts_of
from tests.faults.accounting import Checked
from tests.faults.messages import Case
from tests.faults.world import Entry, World

_OF_REGISTRY = frozenset({PRODUCT_SUBMITTED.type, DOSSIER_REJECTED.type})
_OF_EVALUATION = frozenset({PRODUCT_RATED.type, ASSESSMENT_REJECTED.type})
_OF_NOTIFICATIONS = frozenset({ALERT_DELIVERED.type, ALERT_FAILED.type})


def replay(cases: Sequence[Case], world: World) -> list[Checked]:
    """Check the journal in itself and against the collections."""
    return [
        answers(cases, world),
        numbers(world),
        followed(world),
        records(world),
    ]


def answers(cases: Sequence[Case], world: World) -> Checked:
    """By the journal each dossier has exactly one answer, and all that is accepted of a case has one code."""
    told = _by_story(world, _OF_REGISTRY)

    def violations() -> Iterator[str]:
        for case in cases:
            entries = [entry for id in case.ids for entry in told.get(id, ())]
            accepted = [entry for entry in entries if entry.type == PRODUCT_SUBMITTED.type]
            name = f"{case.kind}: {', '.join(sorted(case.ids))}"
            if (len(entries), len(accepted)) != (case.records, case.accepted):
                yield f"{name}: {len(entries)} answers in the journal, {len(accepted)} of them a product code"
            if len({entry.glance for entry in accepted}) > 1:
                yield f"{name}: several codes in the journal"

    return Checked(
        "replayed from the journal: one answer a dossier, one code a product", len(told), tuple(violations())
    )


def numbers(world: World) -> Checked:
    """By the journal the serials of a commune and a year are 1, 2, 3, …."""
    codes = {entry.subject for entry in world.entries.values() if entry.type == PRODUCT_SUBMITTED.type}
    given = defaultdict[tuple[str, int], set[int]](set)
    for code in codes:
        place, year, serial = parts_of(code)
        given[place, year].add(serial)
    violations = tuple(
        f"{place} in {year}: by the journal no serial {sorted(set(range(1, max(found) + 1)) - found)}"
        for (place, year), found in given.items()
        if len(found) != max(found)
    )
    return Checked("replayed from the journal: serials have no gaps", len(given), violations)


def followed(world: World) -> Checked:
    """By the journal each accepted dossier has one rating or rejection of the same code, each answer one alert."""
    entries = world.entries.values()
    wanted = [(entry, _OF_EVALUATION) for entry in entries if entry.type == PRODUCT_SUBMITTED.type]
    wanted += [(entry, _OF_NOTIFICATIONS) for entry in entries if entry.told]
    caused = defaultdict[str, list[Entry]](list)
    for entry in entries:
        caused[entry.cause].append(entry)

    def violations() -> Iterator[str]:
        for entry, types in wanted:
            found = [each for each in caused[entry.id] if each.type in types]
            if len(found) != 1:
                yield f"{entry.story}: {len(found)} answers in the journal to {entry.id} ({entry.type})"
            for each in found:
                if each.glance[1] != entry.glance[1]:
                    yield f"{entry.story}: {each.type} of {each.glance[1]}, which answers {entry.glance[1]}"

    return Checked("replayed from the journal: every answer is followed by its own", len(wanted), tuple(violations()))


def records(world: World) -> Checked:
    """Journal and collections have the same events, by id, each of the same cause and with the same outcome."""
    told = dict(world.entries)
    on_record = (*world.products, *world.ratings, *world.alerts)

    def violations() -> Iterator[str]:
        for record in on_record:
            for event in record.announced:
                entry = told.pop(event.id, None)
                if entry is None:
                    yield f"{record.story}: {event.type} {event.id} not in the journal, or twice on record"
                elif (entry.cause, entry.story, entry.glance) != (record.event_id, record.story, record.glance):
                    yield f"{record.story}: the journal has {entry}, on record is {record.glance} for {record.event_id}"
        yield from (f"{entry.story}: {entry.type} {id} in the journal, and not on record" for id, entry in told.items())

    return Checked("replayed from the journal: the three collections say the same", len(on_record), tuple(violations()))


def _by_story(world: World, types: Collection[str]) -> dict[str, list[Entry]]:
    found = defaultdict[str, list[Entry]](list)
    for entry in world.entries.values():
        if entry.type in types:
            found[entry.story].append(entry)
    return dict(found)
