"""What is filed next of a product, by where its round is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.lives.acting import certificates, offices
from tests.lives.acting.actor import Actor
from tests.lives.acting.filings import Wave
from tests.lives.acting.mistakes import mistake
from tests.lives.law.days import day_of, days
from tests.lives.law.dossiers import BEFORE_COUNCIL
from tests.lives.law.falling_due import fall_due

_AT: Mapping[str, Callable[[Actor, datetime], Sequence[Wave]]] = {
    "at-commune": offices.at_commune,
    "returned": offices.returned,
    "at-province": offices.at_council,
    "at-centre": offices.at_council,
    "back-at-province": offices.back_at_province,
    "awaits-province": offices.awaits_province,
    "awaits-centre": offices.awaits_centre,
}


def act(actor: Actor, now: datetime) -> Sequence[Wave]:
    """Return what is filed now, one wave behind the other."""
    if not (actor.life.rounds or actor.life.certificates):
        return [certificates.bring_in(actor, now) if actor.chance(35) else actor.dossier("first", now)]
    waves = _next(actor, now)
    actor.leave_council()
    if waves:  # what was missed falls due at once: of a correction, say
        missed = fall_due(actor.life, day_of(now))
        waves[-1] = replace(waves[-1], expected=(*waves[-1].expected, *missed))
    return waves


def _next(actor: Actor, now: datetime) -> list[Wave]:
    if _may_be_taken_over(actor, now) and actor.chance(40):
        return [actor.dossier("re-evaluation", now)]
    if actor.life.open_round and actor.life.valid and actor.chance(2):
        return [certificates.revoke(actor, actor.life.valid, now)]
    if actor.chance(12) and (wrong := mistake(actor, now)):
        return [wrong]
    return list(_AT.get(actor.life.stage, certificates.between_rounds)(actor, now))


def _may_be_taken_over(actor: Actor, now: datetime) -> bool:
    """Return whether an upgrade's round, which no council has rated, is open while a re-evaluation may be filed."""
    current, held = actor.life.open_round, actor.life.valid
    if not (current and held and current.kind == "upgrade" and current.stage in BEFORE_COUNCIL):
        return False
    return held.last_day - days(180) <= day_of(now) <= held.last_day - days(120)
