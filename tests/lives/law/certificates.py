"""What is filed about a certificate (LIFECYCLE.md, sections 2 and 5)."""

from datetime import date

from tests.lives.law.days import DAY, days, last_day
from tests.lives.law.falling_due import milestones
from tests.lives.law.life import Certificate, Life
from tests.lives.law.said import Said, rejected, said


def bring_in(life: Life, held: Certificate) -> list[Said]:
    """Import a certificate from before this register, which is in force still."""
    life.certificates.append(held)
    return [held.issued()]


def correct_number(life: Life, held: Certificate, number: str) -> list[Said]:
    """Put its number right."""
    if answer := _ended(held, "recognition.corrected"):
        return answer
    before, held.number = held.number, number
    return [held.issued(corrects=before), *_follows(life, held, held.issued_on)]


def correct_stars(held: Certificate, stars: int) -> list[Said]:
    """Put its stars right: not above the council's."""
    if answer := _ended(held, "recognition.corrected"):
        return answer
    if held.most_stars and stars > held.most_stars:
        return rejected("recognition.corrected", "stars-above-result")
    held.stars = stars
    return [held.issued(corrects=held.number)]


def correct_day(life: Life, held: Certificate, on: date, today: date) -> list[Said]:
    """Put the day of its decision right: its last day follows, but for a certificate with dates of its own."""
    if answer := _ended(held, "recognition.corrected"):
        return answer
    began, held.issued_on = held.issued_on, on
    if not held.imported:
        _reckon_anew(held, today)
    return [held.issued(corrects=held.number), *_follows(life, held, began)]


def _follows(life: Life, held: Certificate, began: date) -> list[Said]:
    """Move the end of the certificate before it, where it began another day."""
    former = next((x for x in life.certificates if x.state == "superseded" and x.ended_on == began - DAY), None)
    if former is None or held.issued_on == began:
        return []
    former.ended_on = held.issued_on - DAY
    return [former.superseded(held.number)]


def _reckon_anew(held: Certificate, today: date) -> None:
    """Reckon its milestones from the new last day; what was announced before, and is over, stays as it is."""
    old, held.last_day = held.last_day, last_day(held.issued_on)
    if old == held.last_day:
        return
    was_settled = {name for day, name in held.settled if day == old}
    over = {name for day, name, _ in milestones(held) if day <= today}
    held.settled |= {(held.last_day, name) for name in over & was_settled}
    held.state, held.until = "in-force", None


def revoke(life: Life, held: Certificate, *, ground: str, on: date, concluded_on: date, today: date) -> list[Said]:
    """Withdraw a recognition (Art. 8); with the ground `redo` its round is at the province again (Art. 10.1b)."""
    if answer := _ended(held, "recognition.revoked"):
        return answer
    held.state, held.ended_on = "revoked", on
    events = [said("certificate.revoked", number=held.number, ground=ground, is_late=on > concluded_on + days(15))]
    current = life.newest_round
    if ground == "redo" and current and not current.is_open and current.number == held.of_round:
        current.provincial = current.central = None
        current.sent_on, current.letter_on = today, on
        return [*events, *current.move("at-province", due_on=current.council_due_on)]
    return [*events, *(current.move("closed", closing="revoked") if current and current.is_open else ())]


def _ended(held: Certificate, kind: str) -> list[Said]:
    return [] if held.is_valid else rejected(kind, "certificate-ended")
