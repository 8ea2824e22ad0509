"""Holds what is on record and what arrived against the paper: a day that did not end as it must is no measurement."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from pymongo import AsyncMongoClient

from benchmarks.arena import Arena, Json
from benchmarks.country.hearing import Heard
from benchmarks.country.paper import Day
from benchmarks.country.receivers import Receivers, level_of
from shared.storage import database_of
from shared.system import SYSTEM


@dataclass(frozen=True)
class AlertOnRecord:
    """How an alert stands in the end. `delivery` is what took it out, alone or with others."""

    id: str
    kind: str
    audience: str
    channel: str
    outcome: str
    delivery: str


async def faults(arena: Arena, day: Day, heard: Heard, receivers: Receivers, waiting: Mapping[str, int]) -> list[str]:
    """Return a line for everything that is not as it must be at the end; `waiting` are messages that nobody reads."""
    alerts = [each async for each in _alerts(arena)]
    return [
        *event_faults(day, heard.kinds),
        *alert_faults(day, alerts),
        *delivery_faults(alerts, receivers.arrived),
        *(f"{messages} messages on {queue}" for queue, messages in waiting.items() if messages),
    ]


def event_faults(day: Day, kinds: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each kind of event of which there are too few or too many."""
    expected = {each.name: each.count for each in day.announced}
    for name in sorted(expected.keys() | kinds.keys()):
        if expected.get(name, 0) != kinds.get(name, 0):
            yield f"{name}: {kinds.get(name, 0)} in the place of {expected.get(name, 0)}"


def alert_faults(day: Day, alerts: list[AlertOnRecord]) -> Iterator[str]:
    """Yield a line for each alert that was not delivered, and for each kind and audience with too few or too many."""
    yield from (f"alert {each.id} of {each.kind}: {each.outcome}" for each in alerts if each.outcome != "delivered")
    expected: Counter[tuple[str, str]] = Counter()
    for announced in day.announced:
        expected.update({(announced.kind, audience): announced.count for audience in announced.to})
    found = Counter((each.kind, each.audience) for each in alerts)
    for key in sorted(expected.keys() | found.keys()):
        if expected[key] != found[key]:
            yield f"alerts of {key[0]} to {key[1]}: {found[key]} in the place of {expected[key]}"


def delivery_faults(alerts: list[AlertOnRecord], arrived: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield a line for what arrived twice, and for each channel by which not as much arrived as was delivered."""
    for channel, deliveries in arrived.items():
        yield from (f"{id} came {times} times by {channel}" for id, times in deliveries.items() if times > 1)
        sent = {each.delivery for each in alerts if each.channel == channel}
        if len(sent) != len(deliveries):
            yield f"{channel}: {len(deliveries)} arrived in the place of {len(sent)}"
    if unknown := {each.channel for each in alerts} - arrived.keys():
        yield f"alerts by {', '.join(sorted(unknown))}"


async def _alerts(arena: Arena) -> AsyncIterator[AlertOnRecord]:
    """Yield the newest version of each alert on record."""
    newest: dict[str, Json] = {}
    async with AsyncMongoClient[Json](arena.stack.mongo_url) as client:
        records = client[database_of("notifications")][SYSTEM.collections["notifications"]]
        async for record in records.find({"alert_id": {"$exists": True}, "history": {"$exists": True}}, {"history": 1}):
            history = record["history"]
            known = newest.get(history["of"])
            if "outcome" in history["state"] and (known is None or known["version"] < history["version"]):
                newest[history["of"]] = history
    for id, history in newest.items():
        state = history["state"]
        delivery = state.get("settled_by") or id
        audience = level_of(state["to"]) if state["audience"] == "office" else state["audience"]
        yield AlertOnRecord(id, state["kind"], audience, state["channel"], state["outcome"], delivery)
