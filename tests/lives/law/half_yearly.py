"""The half-yearly rounds of Art. 5 (LIFECYCLE.md, section 6): each province is told what waits, 14 days before."""

from collections.abc import Iterator
from datetime import date

from tests.lives.law.days import DAY, days
from tests.lives.law.life import Life

_NOTICE = days(14)
#: "before 30 April": the last day is the day before
_LAST_DAYS = {
    "commune-requests": ((4, 29), (10, 29)),
    "province-round": ((6, 29), (12, 29)),
    "province-requests": ((1, 29), (7, 29)),
    "centre-round": ((3, 29), (9, 29)),
}
_STAGES = {
    "commune-requests": ("at-commune",),
    "province-round": ("at-province", "awaits-province", "back-at-province"),
    "province-requests": ("awaits-province",),
    "centre-round": ("at-centre", "awaits-centre"),
}


def next_day(after: date) -> date:
    """Return the next day on which provinces are told."""
    day = after + DAY
    while not list(told_on(day)):
        day += DAY
    return day


def told_on(day: date) -> Iterator[tuple[str, date]]:
    """Yield the rounds of which provinces are told on a day, and their last days."""
    last = day + _NOTICE
    yield from ((of, last) for of, lasts in _LAST_DAYS.items() if (last.month, last.day) in lasts)


def waits(life: Life, of: str) -> bool:
    """Return whether a product waits for what is to be done; for a province's requests, from 90 points on."""
    if life.stage not in _STAGES[of]:
        return False
    result = life.rounds[-1].provincial
    return of != "province-requests" or (result is not None and result[0].average >= 90)
