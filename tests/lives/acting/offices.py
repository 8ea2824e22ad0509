"""What communes, provinces and the centre file about a round, and its producer."""

from collections.abc import Sequence
from datetime import date, datetime

from tests.lives.acting import filings
from tests.lives.acting.actor import Actor
from tests.lives.acting.councils import council_work
from tests.lives.acting.filings import Wave, letter
from tests.lives.law import rounds
from tests.lives.law.days import DAY, day_of

#: Of a hundred times that an office acts, it ends the round without a recognition.
_ENDS = 6


def at_commune(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Have the commune forward the dossier, or return it."""
    draw = actor.random.random()
    if draw < 0.72:
        return [forward(actor, now)]
    if draw < 0.85:
        data = filings.returned(actor.known_code, actor.letter_day(now))
        return [actor.wave("commune", "commune.assessed", data, now, rounds.return_by_commune(actor.life))]
    return [ended(actor, now)]


def forward(actor: Actor, now: datetime) -> Wave:
    """Have the commune forward the dossier."""
    day = actor.letter_day(now)
    data = filings.forwarded(actor.known_code, day)
    return actor.wave("commune", "commune.assessed", data, now, rounds.forward(actor.life, day))


def returned(actor: Actor, now: datetime) -> Sequence[Wave]:
    """File the corrected dossier; sometimes the commune's word on it comes first."""
    if actor.chance(15):
        return [ended(actor, now)]
    corrected = actor.dossier(actor.life.rounds[-1].kind, now)
    if actor.life.stage == "at-commune" and actor.chance(20):
        word = forward(actor, now)
        return [Wave((*word.filed, *corrected.filed), (*corrected.expected, *word.expected))]
    return [corrected]


def ended(actor: Actor, now: datetime) -> Wave:
    """End the round: by who filed it, or by the authority where it is."""
    product = {"product_code": actor.known_code}
    if actor.chance(50):
        return actor.wave("portal", "dossier.withdrawn", product, now, rounds.withdraw(actor.life))
    user = "centre" if actor.life.stage in {"at-centre", "awaits-centre"} else actor.home.user
    data = product | {"reasons": ["Không đủ điều kiện."]}
    return actor.wave(user, "recognition.refused", data, now, rounds.refuse(actor.life))


def at_council(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Let the council work, or the province's office ask for a completed dossier before it does."""
    if actor.chance(_ENDS):
        return [ended(actor, now)]
    if actor.life.stage == "at-province" and actor.chance(10):
        back_to = actor.random.choice(("commune", "province"))
        data = {"product_code": actor.known_code, "reasons": ["Thiếu giấy."], "back_to": back_to}
        expected = rounds.return_by_province(actor.life, back_to)
        return [actor.wave(actor.home.user, "dossier.returned", data, now, expected)]
    return council_work(actor, now) if actor.sitting else []


def back_at_province(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Have the province decide on the central result, or its council rate the product again."""
    return at_council(actor, now) if actor.sitting else awaits_province(actor, now)


def awaits_province(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Have the province refer the product to the centre, or recognise it."""
    made, _ = actor.result
    if _certified_today(actor, now):
        return []
    if actor.chance(_ENDS) or made.stars < 3:  # the centre gave too few: only another council helps, or a refusal
        return [ended(actor, now)]
    if made.average >= 90 and actor.life.stage == "awaits-province" and actor.chance(85):
        return [approve(actor, now)]
    stars = actor.random.randint(3, min(made.stars, 4))
    return [recognise(actor, actor.home.user, stars, now)]


def awaits_centre(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Have the minister recognise the product."""
    if _certified_today(actor, now):
        return []
    return [ended(actor, now) if actor.chance(_ENDS) else recognise(actor, "centre", 5, now)]


def approve(actor: Actor, now: datetime) -> Wave:
    """Have the province refer the product to the centre."""
    day = actor.letter_day(now, actor.result[1])
    data = {"product_code": actor.known_code, "letter": letter("90/TTr-UBND", day)}
    return actor.wave(actor.home.user, "result.approved", data, now, rounds.approve(actor.life, day))


def recognise(actor: Actor, user: str, stars: int, now: datetime) -> Wave:
    """Have an authority recognise the product, by a decision of a day behind that of its newest certificate."""
    newest = actor.life.certificates[-1].issued_on if actor.life.certificates else date.min
    day = actor.letter_day(now, actor.result[1], newest + DAY)
    number, by = actor.number(), "centre" if user == "centre" else "province"
    data = {
        "product_code": actor.known_code,
        "stars": stars,
        "decision": letter(f"{number}/QĐ", day),
        "certificate_number": number,
    }
    expected = rounds.recognise(actor.life, by, stars, day, number)
    return actor.wave(user, "recognition.decided", data, now, expected)


def _certified_today(actor: Actor, now: datetime) -> bool:
    """Return whether its newest certificate began today: the next one may begin tomorrow."""
    return any(each.issued_on >= day_of(now) for each in actor.life.certificates[-1:])
