"""The busiest day of the programme on paper: how much of everything comes together on it, and what follows of it.

No day of the calendar has all of it: dossiers have their last day in October, councils in December. What bears all on
one day bears each on its own. docs/performance.md says where each number is from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from benchmarks.councils import MEMBERS
from services.registry.time_limits import load_time_limits

#: Of the programme, as docs/performance.md has them: products, and dossiers of a year.
PRODUCTS, DOSSIERS_A_YEAR = 17_000, 30_000
#: How many products are renewed a year, and as many new ones and upgrades: certificates are valid for 36 months.
ROUNDS_A_YEAR = 2 * PRODUCTS // 3
#: Of the year's dossiers a third comes in its last week, of 40 office hours; the worst of them has ten times its share.
HOURS_A_WEEK, HOURS_A_DAY, WORST_HOUR = 40, 8, 10
#: Every province has a council, and each meets for one session.
SESSIONS = 34

Audience = Literal["producer", "commune", "province", "subscription"]
_ALL: tuple[Audience, ...] = ("producer", "commune", "province", "subscription")
_PRODUCER_AND_COMMUNE: tuple[Audience, ...] = ("producer", "commune", "subscription")
_PRODUCER: tuple[Audience, ...] = ("producer", "subscription")
_PROGRAMS: tuple[Audience, ...] = ("subscription",)


@dataclass(frozen=True)
class Announced:
    """Events of a kind that the day brings, who is alerted to each, and which of the alerts cannot wait.

    `to_stage` distinguishes moves of a round. `at_midnight`: they fall due as the day begins.
    """

    kind: str
    count: int
    to: tuple[Audience, ...] = ()
    to_stage: str = ""
    urgent: bool = False
    at_midnight: bool = False

    @property
    def name(self) -> str:
        """The kind, of a move with the stage to which it leads."""
        return f"{self.kind} {self.to_stage}".strip()

    @property
    def alerts(self) -> int:
        """How many alerts follow."""
        return self.count * len(self.to)

    @property
    def alerts_at_once(self) -> int:
        """How many of them wait neither for each other nor for the morning: the urgent ones, and those to programs."""
        return self.alerts if self.urgent else self.count * self.to.count("subscription")


@dataclass(frozen=True)
class Day:
    """So much of everything.

    Args:
        on: the last day of the provinces' rounds.
        products: in the register, with a certificate.
        dossiers: filed on the day, corrected ones among them.
        rounds: that these open; each is returned until its dossier is right, and then forwarded.
        sessions: of councils, of so many products each.
        session_products: half of which are renewed, the others new.
    """

    on: date
    products: int
    dossiers: int
    rounds: int
    sessions: int
    session_products: int

    @property
    def judged(self) -> int:
        """Products that the councils judge, and the provinces recognise."""
        return self.sessions * self.session_products

    @property
    def renewed(self) -> int:
        """Those of them whose certificate ended yesterday and is extended."""
        return self.judged // 2

    @property
    def lapsed(self) -> int:
        """Products whose certificate ended as well, and of which nobody asked for another."""
        return self.judged - self.renewed

    @property
    def window_opens(self) -> int:
        """Products that may be re-evaluated from today: as many as a season's last day recognised."""
        return self.judged

    @property
    def re_evaluations(self) -> int:
        """Rounds of today's that renew a certificate; the others are of new products."""
        return self.rounds // 2

    @property
    def cards(self) -> int:
        """Scorecards: one of each member for each product."""
        return self.judged * MEMBERS

    @property
    def milestones(self) -> int:
        """What falls due as the day begins."""
        return self.renewed + self.lapsed + self.window_opens

    @property
    def filings(self) -> int:
        """Messages that offices and portals file: dossiers, the communes' words, sessions, cards, conclusions, ..."""
        return 2 * self.dossiers + self.sessions + self.cards + 2 * self.judged

    def dossiers_of_rounds(self) -> Iterator[int]:
        """Yield of each round how many dossiers it takes: two or three."""
        of_three = self.dossiers - 2 * self.rounds
        yield from (3 if number < of_three else 2 for number in range(self.rounds))

    @property
    def announced(self) -> tuple[Announced, ...]:
        """What the services have to announce, and who is told of it (LIFECYCLE 2 and 6; docs/alerts.md)."""
        returned = self.dossiers - self.rounds
        return (
            Announced("certificate.extended", self.renewed, _ALL, at_midnight=True),
            Announced("certificate.expired", self.lapsed, _ALL, urgent=True, at_midnight=True),
            Announced("certificate.renewal-due", self.window_opens, _PRODUCER_AND_COMMUNE, at_midnight=True),
            Announced("product.submitted", self.dossiers),
            Announced("product.rated", self.dossiers, _PRODUCER),
            Announced("round.moved", returned, _PRODUCER, "returned", urgent=True),
            Announced("round.moved", returned, _PROGRAMS, "at-commune"),
            Announced("round.moved", self.rounds, _PRODUCER, "at-province"),
            Announced("council.result", self.judged, _PRODUCER_AND_COMMUNE),
            Announced("round.moved", self.judged, _PROGRAMS, "awaits-province"),
            Announced("certificate.issued", self.judged, _PRODUCER_AND_COMMUNE),
            Announced("certificate.superseded", self.renewed, _PRODUCER),
            Announced("round.moved", self.judged, _PROGRAMS, "closed"),
        )

    @property
    def events(self) -> int:
        """Events about products that the services announce."""
        return sum(each.count for each in self.announced)

    @property
    def alerts(self) -> int:
        """Alerts to producers, offices and programs."""
        return sum(each.alerts for each in self.announced)

    @property
    def before(self) -> dict[str, int]:
        """What the services announce while the day is prepared: of old certificates the newest milestone, too."""
        return {
            "certificate.expiring": self.renewed + self.lapsed,
            "certificate.renewal-due": self.window_opens + self.re_evaluations,
            "product.rated": self.judged,
        }

    @property
    def yesterday(self) -> date:
        """The day on which everything is prepared."""
        return self.on - timedelta(days=1)


def busiest_day(share: float = 1.0, session_products: int = 60) -> Day:
    """Return the busiest day, or a share of it, at least one session."""
    hourly = DOSSIERS_A_YEAR / 3 / HOURS_A_WEEK
    dossiers = max(round(share * hourly * (HOURS_A_DAY - 1 + WORST_HOUR)), 4)
    month, day = load_time_limits().province_round[-1]
    return Day(
        on=date(2026, month, day),
        products=round(share * PRODUCTS),
        dossiers=dossiers,
        rounds=round(dossiers * ROUNDS_A_YEAR / DOSSIERS_A_YEAR),
        sessions=max(round(share * SESSIONS), 1),
        session_products=session_products,
    )
