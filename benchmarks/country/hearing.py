"""What is heard of the services' events: how many of each kind, what answers what, and how long each took."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from benchmarks.arena import BenchmarkError, Json
from shared.contracts.catalogue import (
    ALERT_DELIVERED,
    ALERT_FAILED,
    ASSESSMENT_REJECTED,
    BY_TYPE,
    COUNCIL_INCOMPLETE,
    COUNCIL_RESCORE_REQUESTED,
    COUNCIL_RESULT,
    DOSSIER_REJECTED,
    FILING_REJECTED,
    ROUND_MOVED,
    EventType,
)

#: What the day's filings do not deserve: the benchmark ends with it.
_WRONG = frozenset(
    {
        ALERT_FAILED,
        ASSESSMENT_REJECTED,
        COUNCIL_INCOMPLETE,
        COUNCIL_RESCORE_REQUESTED,
        DOSSIER_REJECTED,
        FILING_REJECTED,
    }
)
#: Of which more than the headers is read.
_READ = frozenset({ALERT_DELIVERED, ROUND_MOVED, COUNCIL_RESULT}) | _WRONG
_LONGEST_WORDS = 400


@dataclass(frozen=True)
class HeardEvent:
    """An event: its kind, its product's code, and its data where that is read."""

    kind: EventType[Any]
    subject: str
    data: Json


@dataclass(frozen=True)
class _Since:
    """When something was filed or heard, and the name of what it is."""

    at: float
    name: str


@dataclass
class Heard:
    """All that was heard, each event once. `alerts` counts deliveries on record, by channel.

    `waits` are the seconds from what an event answers until it was heard, by name; of alerts, from when they could go
    out, which `goes_out` says of the event and when it was heard.
    """

    goes_out: Callable[[str, float], float]
    now: Callable[[], float] = monotonic
    kinds: Counter[str] = field(default_factory=Counter)
    alerts: Counter[str] = field(default_factory=Counter)
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failure: str | None = None
    _ids: set[str] = field(default_factory=set)
    _since: dict[str, _Since] = field(default_factory=dict)
    _awaited: dict[tuple[str, str], "asyncio.Future[HeardEvent]"] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def forget(self) -> None:
        """Begin anew: what was before does not count."""
        self.kinds.clear()
        self.alerts.clear()
        self.waits.clear()

    def filed(self, id: str) -> None:
        """Note that something is filed now under this id."""
        self._since[id] = _Since(self.now(), "filed")

    def answer(self, to: str, kind: EventType[Any]) -> "asyncio.Future[HeardEvent]":
        """Return the event of a kind that answers another one, as it will be heard."""
        return self._awaited.setdefault((to, kind.name), asyncio.get_running_loop().create_future())

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Note an event that a queue brings."""
        headers = message.headers
        kind, id = BY_TYPE[str(headers["ce-type"])], str(headers["ce-id"])
        if id not in self._ids:
            self._ids.add(id)
            data = json.loads(message.body) if kind in _READ else {}
            self.note(HeardEvent(kind, str(headers.get("ce-subject", "")), data), id, str(headers["ce-causationid"]))
            self._changed.set()

    def note(self, event: HeardEvent, id: str, cause: str) -> None:
        """Note an event, and what it answers."""
        if event.kind in _WRONG:
            self._fail(event)
        elif event.kind == ALERT_DELIVERED:
            self._note_alert(event.data["channel"], event.data["about"])
        else:
            name = f"{event.kind.name} {event.data.get('to_stage', '')}".strip()
            self.kinds[name] += 1
            self._note_wait(event.kind.name, cause)
            self._since[id] = _Since(self.now(), name)
        if awaited := self._awaited.pop((cause, event.kind.name), None):
            awaited.set_result(event)

    def _note_wait(self, name: str, cause: str) -> None:
        if since := self._since.get(cause):
            self.waits[name].append(self.now() - since.at)

    def _note_alert(self, channel: str, about: str) -> None:
        self.alerts[channel] += 1
        if since := self._since.get(about):
            could = since.at if channel == "webhook" else self.goes_out(since.name, since.at)
            self.waits[f"alert by {channel}"].append(max(self.now() - could, 0))

    def _fail(self, event: HeardEvent) -> None:
        self.failure = self.failure or f"{event.kind.name} of {event.subject}: {event.data}"[:_LONGEST_WORDS]
        for awaited in self._awaited.values():
            if not awaited.done():
                awaited.set_exception(BenchmarkError(self.failure))
        self._awaited.clear()

    async def more(self, seconds: float) -> bool:
        """Wait for another event, and return whether one came in time. Raise BenchmarkError where a wrong one did."""
        if self.failure:
            raise BenchmarkError(self.failure)
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        return self._changed.is_set()
