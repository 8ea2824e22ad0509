"""When somebody acts next: often on a day or at an hour at which reckoning goes wrong."""

from datetime import date, datetime, timedelta

from tests.lives.acting.actor import Actor
from tests.lives.law.days import DAY, day_of, days, instant
from tests.lives.law.life import Certificate

#: last days of February, and days around which offices are closed
_AWKWARD = {(2, 28), (2, 29), (4, 30), (5, 1), (9, 2)}
#: days before the last day of a certificate: the edges of its window and of its milestones
_EDGES = (211, 181, 180, 179, 150, 121, 120, 119, 100, 30, 1, 0, -1, -2, -100, -180, -181)
_HOURS = ((0, 0, 0), (12, 0, 0), (23, 59, 59))


def plan(actor: Actor, now: datetime, horizon: datetime) -> None:
    """Draw when something is filed next; never behind the horizon."""
    today = day_of(now)
    at = instant(_day(actor, today), *actor.random.choice(_HOURS))
    actor.next_at = max(at, now + timedelta(seconds=1))
    if actor.next_at > horizon:
        actor.next_at = None


def _day(actor: Actor, today: date) -> date:
    draw, life = actor.random, actor.life
    if life.open_round:
        day = today + days(draw.choice((0, 1, 2, 5, 9, 14, 20, 30, 47)))
        return _awkward(actor, day) if actor.chance(30) else day
    if life.valid:
        return draw.choice(_edges(life.valid, today) or [today + days(draw.randrange(20, 500))])
    return today + days(draw.randrange(1, 60))


def _awkward(actor: Actor, day: date) -> date:
    """Draw a month's end, or a day that offices have off, soon after a day."""
    ends = [day + days(ahead) for ahead in range(32) if (day + days(ahead + 1)).day == 1]
    soon = [day + days(ahead) for ahead in range(90)]
    holidays = [each for each in soon if (each.month, each.day) in _AWKWARD]
    return actor.random.choice([*ends, ends[0] + DAY, *holidays])


def _edges(held: Certificate, today: date) -> list[date]:
    near = [held.last_day - days(each) for each in _EDGES]
    return [day for day in near if today < day <= (held.until or held.last_day) + DAY]
