"""What does not fit where a product's round is: filed for real, and answered without moving anything."""

from dataclasses import replace
from datetime import datetime

from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import Wave, letter
from tests.lives.acting.offices import approve, forward, recognise
from tests.lives.law import rounds
from tests.lives.law.days import day_of


def mistake(actor: Actor, now: datetime) -> Wave | None:
    """Draw something that does not fit; None where it would."""
    made = actor.random.choice(
        (_assessed_again, _recognised_too_early, _stars_above_result, _not_referable, _overtaken)
    )
    wave = made(actor, now) if actor.code else None
    return replace(wave, date_matters=wave.filed[0].kind == "dossier.filed") if wave else None


def _assessed_again(actor: Actor, now: datetime) -> Wave | None:
    if actor.life.stage in {"none", "at-commune", "returned"}:
        return None
    return forward(actor, now)


def _recognised_too_early(actor: Actor, now: datetime) -> Wave | None:
    current = actor.life.newest_round
    if current and current.result:
        return None
    today = day_of(now)
    data = {
        "product_code": actor.known_code,
        "stars": 3,
        "decision": letter("1/QĐ", today),
        "certificate_number": actor.number(),
    }
    events = rounds.recognise(actor.life, "province", 3, today, "-")
    return actor.wave(actor.home.user, "recognition.decided", data, now, events)


def _stars_above_result(actor: Actor, now: datetime) -> Wave | None:
    if actor.life.stage not in {"awaits-province", "back-at-province"} or actor.result[0].stars != 3:
        return None
    return recognise(actor, actor.home.user, 4, now)


def _not_referable(actor: Actor, now: datetime) -> Wave | None:
    if actor.life.stage != "awaits-province" or actor.result[0].average >= 90:
        return None
    return approve(actor, now)


def _overtaken(actor: Actor, now: datetime) -> Wave | None:
    """File another dossier while a round is open; a re-evaluation may take over an upgrade's."""
    if actor.life.stage not in {"at-commune", "at-province", "at-centre"}:
        return None
    return actor.dossier(actor.random.choice(("first", "upgrade", "re-evaluation")), now)
