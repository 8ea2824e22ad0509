"""What is so of one product: its rounds, its certificates. What moves it stands in the modules beside this one."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.lives.law.days import IN_FORCE_FROM, days
from tests.lives.law.said import Said, rejected, said
from tests.lives.law.sheet import Made

OPEN = ("at-commune", "returned", "at-province", "awaits-province", "at-centre", "awaits-centre", "back-at-province")


@dataclass
class Certificate:
    """A certificate; `settled` are the milestones that were announced, or overtaken, by the last day of their time."""

    number: str
    stars: int
    by: str
    issued_on: date
    last_day: date
    imported: bool = False
    state: str = "in-force"
    until: date | None = None
    filed_on_paper: date | None = None
    ended_on: date | None = None
    of_round: int | None = None
    #: what its council gave
    most_stars: int | None = None
    settled: set[tuple[date, str]] = field(default_factory=set)

    @property
    def is_valid(self) -> bool:
        """Whether it is in force, extended or not."""
        return self.state in {"in-force", "extended"}

    @property
    def late_until(self) -> date | None:
        """The last day of late filing (Art. 12.3)."""
        return self.last_day + days(180) if self.issued_on < IN_FORCE_FROM else None

    def issued(self, corrects: str | None = None) -> Said:
        """Return the event that says so."""
        return said(
            "certificate.issued",
            number=self.number,
            stars=self.stars,
            authority=self.by,
            issued_on=self.issued_on,
            last_day=self.last_day,
            round=self.of_round,
            corrects=corrects,
        )

    def superseded(self, by: str) -> Said:
        """Return the event that says so."""
        return said("certificate.superseded", number=self.number, ended_on=self.ended_on, by_number=by)


@dataclass
class Round:
    """A round; `sent_on` begins the 45 days of a re-evaluation, `letter_on` is the paper that sent it where it is."""

    number: int
    kind: str
    stage: str
    filed_on: date
    received_on: date
    due_on: date | None = None
    sent_on: date | None = None
    letter_on: date | None = None
    back_to: str | None = None
    provincial: tuple[Made, date] | None = None
    central: tuple[Made, date] | None = None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.stage != "closed"

    @property
    def result(self) -> tuple[Made, date] | None:
        """The result that counts: the central one, where there is one (Art. 7.4g)."""
        return self.central or self.provincial

    @property
    def council_due_on(self) -> date | None:
        """The last day for a re-evaluation with the councils (Art. 7.6g)."""
        return self.sent_on + days(45) if self.sent_on and self.kind == "re-evaluation" else None

    def move(self, to: str, *, closing: str | None = None, due_on: date | None = None) -> list[Said]:
        """Bring it to a stage, and return what says so."""
        before, self.stage, self.due_on = self.stage, to, due_on
        moved = said("round.moved", round=self.number, from_stage=before, to_stage=to, closing=closing, due_on=due_on)
        return [moved]


@dataclass
class Life:
    """A product: its rounds and certificates in their order; `deadlines` of offices that were announced."""

    rounds: list[Round] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)
    deadlines: set[tuple[Any, ...]] = field(default_factory=set)

    @property
    def newest_round(self) -> Round | None:
        """The newest round, open or closed."""
        return self.rounds[-1] if self.rounds else None

    @property
    def open_round(self) -> Round | None:
        """The open round."""
        return self.rounds[-1] if self.rounds and self.rounds[-1].is_open else None

    @property
    def stage(self) -> str:
        """Where its newest round is."""
        return self.rounds[-1].stage if self.rounds else "none"

    @property
    def valid(self) -> Certificate | None:
        """The certificate in force."""
        return next((each for each in self.certificates if each.is_valid), None)

    def elsewhere(self, kind: str, *stages: str) -> list[Said]:
        """Return the answer to a filing about a round that is at none of these stages; empty where it is."""
        if not self.rounds:
            return rejected(kind, "round-unknown")
        if self.stage in stages:
            return []
        return rejected(kind, "round-elsewhere" if self.open_round else "round-closed")
