"""One life as it is followed: what is expected, what was announced, and how they differ."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import Filed
from tests.lives.law.days import VIETNAM, instant
from tests.lives.law.falling_due import next_day
from tests.lives.law.said import Said, in_words

#: what is long, and decides nothing that the oracle looks at
_LONG = frozenset({"answers", "producer", "report", "self_assessment", "documents", "members", "reasons", "reason"})
#: characters of a filing in a story
_MOST = 300
#: What a day brings, not a filing.
_OF_A_DAY = frozenset(
    {"certificate.renewal-due", "certificate.expiring", "certificate.expired", "certificate.extended"}
)


@dataclass
class Expectation:
    """What was announced, each event once, and what the oracle expects."""

    expected: Counter[Said] = field(default_factory=Counter)
    announced: dict[str, Said] = field(default_factory=dict)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, id: str, event: Said) -> None:
        """Note an announced event."""
        self.announced[id] = event
        self.heard.set()

    @property
    def missing(self) -> Counter[Said]:
        """What is expected and not there."""
        return self.expected - Counter(self.announced.values())

    @property
    def unexpected(self) -> Counter[Said]:
        """What is there and not expected."""
        return Counter(self.announced.values()) - self.expected

    @property
    def only_days_missing(self) -> bool:
        """Whether what is missing follows from a day alone, not from a filing."""
        return all(kind in _OF_A_DAY or kind == "deadline.due" for kind, *_ in self.missing)

    def lines(self) -> Iterator[str]:
        """Yield what is missing and unexpected."""
        yield from (f"  expected, not seen: {in_words(event)} x{times}" for event, times in self.missing.items())
        yield from (f"  seen, not expected: {in_words(event)} x{times}" for event, times in self.unexpected.items())


@dataclass
class Followed(Expectation):
    """One life: who acts for it, and what was filed."""

    actor: Actor = field(kw_only=True)
    story: list[str] = field(default_factory=list)
    playing: asyncio.Task[None] | None = None
    differs: bool = False

    @property
    def next_at(self) -> datetime | None:
        """When somebody acts or something falls due next."""
        day = next_day(self.actor.life)
        instants = [each for each in (self.actor.next_at, instant(day) if day else None) if each]
        return None if self.differs else min(instants, default=None)

    def tell(self, at: datetime, filed: Filed) -> None:
        """Note a filing for the story."""
        times = f" x{filed.copies}" if filed.copies > 1 else ""
        self.story.append(f"{_in_vietnam(at)} {filed.by} files {filed.kind}{times} {_brief(filed.data)}")

    def tell_fallen(self, at: datetime, events: list[Said]) -> None:
        """Note for the story what a day has brought."""
        self.story += [f"{_in_vietnam(at)} falls due: {in_words(event)}" for event in events]

    def difference(self) -> str:
        """Return product, what is missing and unexpected, and all that was filed, in its order."""
        return "\n".join(self._difference())

    def _difference(self) -> Iterator[str]:
        life = self.actor.life
        yield f"life {self.actor.name}, product {self.actor.code}, its round {life.stage}"
        yield from self.lines()
        yield from (f"    {each}" for each in self.story)


def _in_vietnam(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y-%m-%d %H:%M:%S}"


def _brief(data: Mapping[str, Any]) -> str:
    short = {name: value for name, value in data.items() if name not in _LONG}
    return str(short)[:_MOST]
