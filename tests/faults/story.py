"""What happened to the dossiers of a broken promise, from wherever it can be read, in the order of time."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.world import Record, World

#: An id that the stream gives.
_ID = re.compile(r"fault-\d{6}")
#: An id that a service gives.
_EVENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
#: cases whose story is told; lines of log of each
MAX_STORIES = 10
MAX_LINES = 60

#: What of a line of log is told.
_FIELDS = ("action", "queue", "event_id", "attempt", "outcome", "reason", "detail", "product_code")


def stories(violations: Iterable[str], world: World, confirmed: Iterable[tuple[float, str]], logs: Path) -> list[str]:
    """Return the stories of the cases that violations name, as lines.

    Args:
        violations: the broken promises.
        world: what was read.
        confirmed: when the broker confirmed which id, in seconds since 1970.
        logs: the folder of the services' logs.
    """
    of_events = {event.id: record.story for record in _records(world) for event in record.announced}
    named: dict[str, None] = {}
    for violation in violations:
        named |= dict.fromkeys(_ID.findall(violation))
        named |= dict.fromkeys(
            found[0] for id in _EVENT_ID.findall(violation) if (found := _ID.findall(of_events.get(id, "")))
        )
    moments = list(confirmed)
    return [line for case in list(named)[:MAX_STORIES] for line in _story(case, world, moments, logs)]


def _story(case: str, world: World, confirmed: list[tuple[float, str]], logs: Path) -> Iterator[str]:
    lines = [(datetime.fromtimestamp(at, UTC).isoformat(), f"confirmed {id}") for at, id in confirmed if case in id]
    lines += [
        (record.recorded_at.isoformat(), _told(record))
        for record in _records(world)
        if record.story.startswith(case) and record.recorded_at
    ]
    lines += _logged(case, logs)
    yield f"### {case}"
    yield ""
    yield from (f"    {at} {what}" for at, what in sorted(lines)[:MAX_LINES])
    yield ""


def _told(record: Record) -> str:
    announced = ", ".join(f"{event.type} {event.id}" for event in record.announced)
    return (
        f"on record: {record.event_type} {record.event_id} of {record.story}: {record.outcome} {record.product_code} "
        f"{', '.join(sorted(record.faults))} → {announced or 'nothing'}"
    )


def _logged(case: str, logs: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(logs.glob("*.log")):
        if file.name.startswith(("registry", "evaluation", "notifications")):
            for line in file.read_text("utf-8", errors="replace").splitlines():
                if case in line and line.startswith("{"):
                    said = json.loads(line)
                    yield (
                        said["timestamp"],
                        f"{file.stem}: " + " ".join(f"{said[each]}" for each in _FIELDS if said.get(each)),
                    )


def _records(world: World) -> tuple[Record, ...]:
    return (*world.products, *world.ratings, *world.alerts)
