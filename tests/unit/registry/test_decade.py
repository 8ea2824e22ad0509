"""A decade of products, held against an official who looks at every day by itself and knows no milestones."""

import calendar
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from services.registry.certificates import issued
from services.registry.rounds import HeldCertificate
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Closing, Stage
from tests.unit.registry.lives import Life, certificate, product, round_of

LIVES, BEGIN, END = 150, date(2026, 5, 22), date(2036, 6, 30)
#: Days from the last one → what is said then, and whether only while no re-evaluation is filed.
SAID = {
    -210: ("window-opens-in-30-days", False),
    -180: ("window-open", False),
    -150: ("window-open", True),
    -130: ("window-open", True),
    -121: ("last-day-tomorrow", True),
    -119: ("window-closed", True),
    -30: ("expiring", False),
}


def three_years_later(day: date) -> date:
    """Return the day as people reckon it: 36 months, a short month's last day."""
    last_of_month = calendar.monthrange(day.year + 3, day.month)[1]
    return date(day.year + 3, day.month, min(day.day, last_of_month))


@dataclass
class Oracle:
    """What an official with a calendar would say, looking at every day."""

    last: date
    said: list[tuple[date, str]] = field(default_factory=list)
    filed: date | None = None
    state: str = "in force"

    def morning(self, day: date) -> None:
        """Look at a day when it begins."""
        from_last = (day - self.last).days
        if self.state == "in force" and from_last in SAID:
            what, only_while_none_is_filed = SAID[from_last]
            if not (only_while_none_is_filed and self.filed):
                left = (self.last - timedelta(days=120) - day).days
                self.said.append((day, what if what == "expiring" else f"{what}, {left} days left"))
        if self.state == "in force" and from_last == 1:
            self.state = "extended" if self.filed else "expired"
            self.said.append((day, self.state))
        elif self.state == "extended" and from_last == 181:
            self._ends_after_extension(day)

    def renewed(self, day: date) -> None:
        self.last, self.filed, self.state = three_years_later(day), None, "in force"

    def refused(self, day: date) -> None:
        self.filed = None
        if self.state == "extended":
            self._ends_after_extension(day)

    def _ends_after_extension(self, day: date) -> None:
        self.state = "expired"
        self.said.append((day, "expired after extension"))


@pytest.mark.parametrize("seed", range(LIVES))
def test_each_milestone_is_said_once_on_its_day_and_none_is_missing(seed: int) -> None:
    chance = random.Random(seed)
    first = date(2028, 2, 29) if seed == 0 else BEGIN + timedelta(days=chance.randrange(1200))
    last = three_years_later(first)
    told, oracle = Life(product(HeldCertificate(certificate=certificate(first, last)))), Oracle(last)
    day, result_on = first, None
    while day < END:
        oracle.morning(day)
        told.until(day)
        if oracle.filed is None and oracle.state == "in force" and -180 <= (day - oracle.last).days <= -120:
            if chance.random() < 0.02:
                oracle.filed, result_on = day, day + timedelta(days=chance.randrange(10, 400))
                told.change(round=round_of(RegistrationKind.RE_EVALUATION, day, number=day.toordinal()))
        elif day == result_on and oracle.state != "expired":
            has_passed = chance.random() < 0.7
            _result(told, day, has_passed=has_passed)
            (oracle.renewed if has_passed else oracle.refused)(day)
        day += timedelta(days=1)

    assert told.said == oracle.said
    assert len(set(told.product.announced)) == len(told.product.announced)


def _result(told: Life, day: date, *, has_passed: bool) -> None:
    ended = told.product.round
    assert ended
    closing = Closing.RECOGNISED if has_passed else Closing.REFUSED
    told.change(round=ended.model_copy(update={"stage": Stage.CLOSED, "closing": closing}))
    if has_passed:
        after, _ = issued(told.product, certificate(day, three_years_later(day), number=str(day)))
        told.change(certificates=after.certificates)
    told.until(day)


@pytest.mark.parametrize("seed", range(100))
def test_of_what_fell_due_in_a_downtime_the_newest_is_said_when_it_is_over(seed: int) -> None:
    chance = random.Random(seed)
    first = BEGIN + timedelta(days=chance.randrange(1200))
    last = three_years_later(first)
    told = Life(product(HeldCertificate(certificate=certificate(first, last))))
    fall_due = {last + timedelta(days=days): what for days, (what, _) in SAID.items()}
    fall_due[last + timedelta(days=1)] = "expired"
    day, expected = last - timedelta(days=220), list[tuple[date, str]]()
    while day < last + timedelta(days=40):
        back = day + timedelta(days=chance.choice([1, 1, 1, 3, 20, 70]))
        told.down_until(back)
        missed = [what for at, what in sorted(fall_due.items()) if day < at <= back]
        expected += [(back, what) for what in missed[-1:]]
        day = back

    assert [(on, what.partition(",")[0]) for on, what in told.said] == expected
    assert len(told.product.announced) == len(fall_due)
