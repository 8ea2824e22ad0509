"""What a council's secretariat files of one product: cards near the edges of the bands, and conclusions."""

from collections.abc import Sequence
from datetime import datetime

from tests.lives.acting import filings
from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import Filed, Wave
from tests.lives.law.days import DAY, day_of
from tests.lives.law.sitting import Conclusion, Sitting

#: totals that cards are drawn around: those of the bands, and the points beside them
_TOTALS = {
    "province": (100, 97, 92, 91, 90, 90, 89, 88, 80, 72, 70, 69, 60, 50, 49, 35, 20),
    "centre": (100, 97, 92, 91, 90, 90, 89, 70, 49),
}
#: the star whose marks a product meets, 0: of none
_MEETS = {"province": (0, 3, 4, 5, 5), "centre": (0, 4, 5, 5, 5, 5)}


def council_work(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Have the members file their cards and the council conclude, sometimes before the last card is there."""
    sitting = actor.sitting
    assert sitting is not None, "it is in a session"
    may_overtake = not sitting.cards
    *cards, last = _cards(actor, sitting, now)
    conclusion = _conclusion(actor, sitting, now)
    events = tuple(sitting.conclude(actor.life, conclusion))
    data = filings.concluded(sitting.id, actor.known_code, conclusion)
    concluded = actor.files(_secretariat(actor, sitting), "council.concluded", data, now)
    if may_overtake and conclusion.present is not None and actor.chance(15):
        waves = [Wave(tuple(cards)), Wave((concluded, last), events)]
    else:
        waves = [Wave((*cards, last)), Wave((concluded,), events)]
    return [wave for wave in waves if wave.filed]


def _cards(actor: Actor, sitting: Sitting, now: datetime) -> list[Filed]:
    base = _profile(actor, sitting)
    filing = [member for member in sitting.members if not actor.chance(8)] or [sitting.members[0]]
    return [_card(actor, sitting, member, base, now) for member in filing]


def _card(actor: Actor, sitting: Sitting, member: str, base: dict[str, int], now: datetime) -> Filed:
    options = dict(base)
    for code in actor.random.sample(list(options), actor.random.choice((0, 1, 1, 2, 3, 6))):
        options[code] = actor.random.randint(1, len(sitting.sheet.points[code]))
    sitting.cards[member] = options
    data = filings.card(sitting.id, actor.known_code, member, sitting.sheet, options)
    return actor.files(_secretariat(actor, sitting), "scorecard.filed", data, now)


def _profile(actor: Actor, sitting: Sitting) -> dict[str, int]:
    """Draw options whose total is near a band's edge, most often with the marks of some star met, else with none.

    A poor product has criteria without an answer.
    """
    sheet, draw = sitting.sheet, actor.random
    options = {code: len(points) for code, points in sheet.points.items()}
    target, meets, codes = draw.choice(_TOTALS[sitting.level]), draw.choice(_MEETS[sitting.level]), list(options)
    draw.shuffle(codes)
    while sheet.total(options) > target and codes:
        code = codes.pop()
        least = sheet.least(code, meets) or (0 if target < 60 else 1)
        options[code] = draw.randint(least, options[code])
    return options


def _conclusion(actor: Actor, sitting: Sitting, now: datetime) -> Conclusion:
    draw, today, current = actor.random, day_of(now), actor.life.rounds[-1]
    present = [each for each in sitting.members if each in sitting.cards or actor.chance(30)]
    before = [held_on for _, held_on in filter(None, (current.provincial, current.central))]
    since = max([current.letter_on or today, *before])
    codes = draw.sample(list(sitting.sheet.points), 5 if actor.chance(30) else 0)
    return Conclusion(
        present=None if actor.chance(20) else present,
        presided_by=sitting.members[0 if actor.chance(95) else -1],
        agreed={code: draw.randint(1, len(sitting.sheet.points[code])) for code in codes},
        held_on=draw.choice([day for day in (today, today - DAY) if day >= since]),
    )


def _secretariat(actor: Actor, sitting: Sitting) -> str:
    return "centre" if sitting.level == "centre" else actor.home.user
