"""Dossiers by kind (LIFECYCLE.md, section 4)."""

from datetime import date

from tests.lives.law.days import days, working_days_after
from tests.lives.law.life import Life, Round
from tests.lives.law.said import Said, said

BEFORE_COUNCIL = ("at-commune", "returned", "at-province")


def file(life: Life, kind: str, on: date) -> list[Said]:
    """File a dossier that names the product's code, where it has one."""
    current = life.open_round
    if current and current.stage == "returned" and current.kind == kind:
        return [said("product.rated"), *_corrected(current, on)]
    if faults := _faults(life, kind, on):
        return [said("dossier.rejected", codes="+".join(sorted(faults)))]
    taken_over = current.move("closed", closing="taken-over") if current else []
    due = working_days_after(on, 15)  # Art. 7.2
    life.rounds.append(Round(len(life.rounds) + 1, kind, "at-commune", on, on, due_on=due))
    return [said("product.rated"), *taken_over, said("product.submitted", round=len(life.rounds), due_on=due)]


def _corrected(current: Round, on: date) -> list[Said]:
    current.received_on = on
    if current.back_to == "province":
        current.sent_on = current.letter_on = on
        moved = current.move("at-province", due_on=current.council_due_on)
    else:
        moved = current.move("at-commune", due_on=working_days_after(on, 15))
    return [*moved, said("product.submitted", round=current.number, due_on=current.due_on)]


def _faults(life: Life, kind: str, on: date) -> list[str]:
    current, valid = life.open_round, life.valid
    held = valid if valid and on <= (valid.until or valid.last_day) else None
    round_open = ["round-open"] if current else []
    if kind == "first":
        return ["product-already-registered"] if held else round_open
    if kind == "upgrade":  # Art. 7.5
        return round_open + ([] if held and held.stars < 5 else ["no-certificate-in-force"])
    takes_over = current and current.kind == "upgrade" and current.stage in BEFORE_COUNCIL
    return ([] if takes_over else round_open) + _window_faults(life, on)


def _window_faults(life: Life, on: date) -> list[str]:
    """Return what the window of a re-evaluation has against a day (Art. 7.6a, 12.3)."""
    newest = life.certificates[-1] if life.certificates else None
    held = life.valid or (newest if newest and newest.state == "expired" else None)
    if held is None:
        return ["no-certificate-in-force"]
    on = min(on, held.filed_on_paper or on)
    if on < held.last_day - days(180):
        return ["window-not-open"]
    return [] if on <= (held.late_until or held.last_day - days(120)) else ["window-closed"]
