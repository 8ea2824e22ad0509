"""What is filed about certificates: brought in from paper, corrected, revoked."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from tests.lives.acting import filings
from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import Wave, letter
from tests.lives.law import certificates
from tests.lives.law.days import DAY, day_of, days, last_day
from tests.lives.law.falling_due import fall_due
from tests.lives.law.life import Certificate

#: No certificate that is brought in was given before.
_OLDEST = date(2024, 3, 1)


def bring_in(actor: Actor, now: datetime) -> Wave:
    """Bring in a certificate of any age, sometimes with its re-evaluation on its way on paper."""
    held = _old_certificate(actor, day_of(now))
    actor.code = f"{actor.home.province}-{actor.home.commune}-{actor.name}-2024"
    events = [*certificates.bring_in(actor.life, held), *fall_due(actor.life, day_of(now))]
    data = filings.imported(actor.home, actor.product_name, actor.code, held)
    return actor.wave(actor.home.user, "certificate.imported", data, now, events)


def _old_certificate(actor: Actor, today: date) -> Certificate:
    draw = actor.random
    age = draw.choice((1, 200, 500, 800, 910, 950, 960, 980, 1020, 1070))
    issued_on, stars = max(today - days(age), _OLDEST), draw.choice((3, 4, 4, 5))
    by = "centre" if stars == 5 else "province"
    held = Certificate(actor.number(), stars, by, issued_on, last_day(issued_on), imported=True)
    if held.last_day - days(180) <= today and actor.chance(40):
        held.filed_on_paper = min(held.last_day - days(draw.choice((180, 150, 120))), today)
    return held


def between_rounds(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Revoke the certificate in force or correct it, or file what is the next dossier, in time or not."""
    draw, held = actor.random, actor.life.valid
    if held is None:
        kind = draw.choice(("first", "first", "first", "re-evaluation", "upgrade"))
    elif actor.chance(8):
        return [revoke(actor, held, now)]
    elif held.state == "in-force" and actor.chance(20) and (correction := _correct(actor, held, now)):
        return [correction]
    else:
        kind = draw.choice(("re-evaluation", "re-evaluation", "upgrade", "first"))
    return [actor.dossier(kind, now)]


def revoke(actor: Actor, held: Certificate, now: datetime) -> Wave:
    """Have who gave a certificate revoke it, in time after the conclusion or late."""
    draw, today = actor.random, day_of(now)
    day = max(today - days(draw.choice((0, 1, 16))), held.issued_on)
    concluded_on = max(day - days(draw.choice((0, 15, 16))), held.issued_on)
    ground = draw.choice(("a", "b", "c", "d", "e", "f", "redo"))
    data = _of(actor, held) | {
        "ground": ground,
        "reason": "Dùng nhãn sai.",
        "decision": letter("12/QĐ-TH", day),
        "concluded_on": str(concluded_on),
    }
    events = certificates.revoke(actor.life, held, ground=ground, on=day, concluded_on=concluded_on, today=today)
    return actor.wave(_giver(actor, held), "recognition.revoked", data, now, events)


def _correct(actor: Actor, held: Certificate, now: datetime) -> Wave | None:
    """Correct its number, its stars, or the day of its decision; None where no other day would fit."""
    today = day_of(now)
    data = _of(actor, held) | {"letter": letter("3/ĐC", today), "reason": "Ghi nhầm."}
    if actor.chance(40):
        number = actor.number()
        data, events = data | {"new_number": number}, certificates.correct_number(actor.life, held, number)
    elif held.stars < 5 and actor.chance(40):
        stars = {3: 4, 4: 3}[held.stars]
        data, events = data | {"stars": stars}, certificates.correct_stars(held, stars)
    elif day := _other_day(actor, held, today):
        events = certificates.correct_day(actor.life, held, day, today)
        data |= {"decision": letter("sửa", day)}
    else:
        return None
    return actor.wave(_giver(actor, held), "recognition.corrected", data, now, events)


def _other_day(actor: Actor, held: Certificate, today: date) -> date | None:
    """Draw another day of the decision, behind the council's and the certificate before, not in the future."""
    day = held.issued_on + days(actor.random.choice((-9, -1, 1, 2, 30)))
    current, former = actor.life.newest_round, actor.life.certificates[:-1]
    results = [each[1] for each in (current.provincial, current.central) if each] if current else []
    earliest = [*results, *(each.issued_on + DAY for each in former)]
    return day if all(day >= each for each in earliest) and day <= min(today, held.last_day) else None


def _of(actor: Actor, held: Certificate) -> dict[str, Any]:
    return {"product_code": actor.known_code, "certificate_number": held.number}


def _giver(actor: Actor, held: Certificate) -> str:
    return "centre" if held.by == "centre" else actor.home.user
