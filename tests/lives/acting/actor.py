"""One product and who acts for it: what is known of it, and the messages that its offices and its producer send."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from tests.lives.acting import filings
from tests.lives.acting.filings import Filed, Home, Wave
from tests.lives.law import dossiers
from tests.lives.law.days import day_of, days
from tests.lives.law.life import Life
from tests.lives.law.said import Said
from tests.lives.law.sheet import Made
from tests.lives.law.sitting import Sitting

#: How many of a hundred filings are sent twice at once.
_TWICE = 15
_COUNCIL_LEVELS = {"at-province": "province", "back-at-province": "province", "at-centre": "centre"}


@dataclass
class Actor:
    """One product: its life as the oracle has it, its place, its council's session, and when somebody acts next."""

    name: str
    home: Home
    random: Random
    life: Life = field(default_factory=Life)
    code: str | None = None
    sitting: Sitting | None = None
    next_at: datetime | None = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def council(self) -> str | None:
        """The level of the council that is to be convened for it now."""
        return None if self.sitting else _COUNCIL_LEVELS.get(self.life.stage)

    def leave_council(self) -> None:
        """Leave the session where the round is not at that council any more."""
        if self.sitting and _COUNCIL_LEVELS.get(self.life.stage) != self.sitting.level:
            self.sitting = None

    @property
    def known_code(self) -> str:
        """The product's code."""
        assert self.code is not None, f"{self.name} has no code yet"
        return self.code

    @property
    def product_name(self) -> str:
        """The product's name, no other's."""
        return f"Sản phẩm thử số {self.name}"

    @property
    def result(self) -> tuple[Made, date]:
        """The council's result that counts, and its day."""
        result = self.life.rounds[-1].result
        assert result is not None, "no council has rated it"
        return result

    def number(self) -> str:
        """Return a certificate's number, no other's."""
        return f"{self.name}-{next(self._numbers)}"

    def chance(self, percent: float) -> bool:
        """Draw whether something happens."""
        return self.random.random() * 100 < percent

    def letter_day(self, now: datetime, *since: date) -> date:
        """Draw the day of a paper: today, or some days ago, but not before what it follows."""
        today = day_of(now)
        earliest = max([self.life.rounds[-1].received_on, *since])
        return max(today - days(self.random.choice((0, 0, 1, 3))), min(earliest, today))

    def files(self, by: str, kind: str, data: Mapping[str, Any], time: datetime) -> Filed:
        """Return a message."""
        return Filed(by, kind, data, time, copies=2 if self.chance(_TWICE) else 1)

    def wave(self, by: str, kind: str, data: Mapping[str, Any], now: datetime, expected: Sequence[Said]) -> Wave:
        """Return a wave of one message."""
        return Wave((self.files(by, kind, data, now),), tuple(expected))

    def dossier(self, kind: str, now: datetime) -> Wave:
        """Return a dossier, of this instant, or of the evening before where it counts from then."""
        time = now - timedelta(hours=20) if self.chance(15) else now
        if self.life.rounds and self.life.rounds[-1].received_on > day_of(time):
            time = now
        data = filings.dossier(self.home, kind, self.product_name, self.code)
        return self.wave("portal", "dossier.filed", data, time, dossiers.file(self.life, kind, day_of(time)))
