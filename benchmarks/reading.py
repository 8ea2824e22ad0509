"""What a message costs before anything is decided: opened, held against its contract, its key; one core, no broker."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import process_time_ns
from typing import Any

from benchmarks.plan import Plan
from shared.contracts.catalogue import CATALOGUE, EventType
from shared.contracts.envelope import read
from shared.contracts.event import BrokenContractError, Event, contents
from shared.contracts.writing import written

_EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
#: calls that are timed together
_AT_ONCE = 20


@dataclass(frozen=True)
class Message:
    """An example of a kind of event, as the services would write it."""

    kind: EventType[Any]
    headers: Mapping[str, Any]
    body: bytes

    def opened(self) -> Event:
        """Return the event that it is."""
        return read(self.headers, "application/json", self.body)


@dataclass(frozen=True)
class Reading:
    """What a kind of event costs, in microseconds of CPU: of each part the fastest round, which nothing disturbed."""

    kind: str
    bytes: int
    opened: float
    validated: float
    keyed: float

    @property
    def total(self) -> float:
        """All three together."""
        return self.opened + self.validated + self.keyed


async def measure_reading(plan: Plan) -> list[Reading]:
    """Read the first example of each kind again and again, the kinds by turns."""
    messages = [found for kind in CATALOGUE if (found := _example(kind))]
    rounds = []
    for _ in range(plan.readings):
        await asyncio.sleep(0)  # for Ctrl-C to be heard
        rounds.append([_timed(message) for message in messages])
    return [_fastest(each) for each in zip(*rounds, strict=True)]


def _timed(message: Message) -> Reading:
    event = message.opened()
    return Reading(
        message.kind.name,
        len(message.body),
        opened=_microseconds(message.opened),
        validated=_microseconds(partial(_validate, event, message.kind)),
        keyed=_microseconds(lambda: replace(event).key),  # a new event each time: it remembers its key
    )


def _fastest(rounds: Sequence[Reading]) -> Reading:
    return replace(
        rounds[0],
        opened=min(each.opened for each in rounds),
        validated=min(each.validated for each in rounds),
        keyed=min(each.keyed for each in rounds),
    )


def _microseconds(call: Callable[[], object]) -> float:
    begun = process_time_ns()
    for _ in range(_AT_ONCE):
        call()
    return (process_time_ns() - begun) / _AT_ONCE / 1000


def _validate(event: Event, kind: EventType[Any]) -> None:
    try:
        contents(event, kind.model)
    except BrokenContractError:  # a filing that is turned back is an example too
        return


def _example(kind: EventType[Any]) -> Message | None:
    """Return the first example of a kind in binary mode, None where there is none: of work for a queue of one's own."""
    files = sorted((_EXAMPLES / kind.routing_key).glob("*.json"))
    examples = (json.loads(file.read_text("utf-8")) for file in files)
    found = next((each for each in examples if each["headers"]), None)
    return Message(kind, found["headers"], written(found["body"])) if found else None
