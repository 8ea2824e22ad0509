"""What a run plays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import HOMES
from tests.lives.following import Followed
from tests.lives.law.days import instant


@dataclass(frozen=True)
class Plan:
    """How many lives, from which seed, for how many years, and how often a service is killed."""

    seed: int
    lives: int
    kills: int = 0
    years: int = 5
    begins: date = date(2026, 11, 24)

    @property
    def horizon(self) -> datetime:
        """The instant at which all ends."""
        return instant(self.begins) + timedelta(days=366 * self.years)

    def followed(self) -> Iterator[Followed]:
        """Yield the lives, each with what it draws from; they begin within 400 days."""
        random = Random(self.seed)
        for number in range(1, self.lives + 1):
            own = Random(random.random())
            actor = Actor(str(number), own.choice(HOMES), own)
            actor.next_at = instant(self.begins + timedelta(days=own.randrange(400)), own.choice((0, 9, 23)))
            yield Followed(actor=actor)

    def strikes(self) -> list[datetime]:
        """Return the instants of kills, some time before the end."""
        random, begins = Random(self.seed + 1), instant(self.begins)
        return sorted(begins + (self.horizon - begins) * random.uniform(0, 0.9) for _ in range(self.kills))
