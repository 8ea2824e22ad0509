"""A round, stage by stage (LIFECYCLE.md, section 2): each function is a filing, and returns what follows."""

from datetime import date

from tests.lives.law.days import DAY, last_day
from tests.lives.law.life import OPEN, Certificate, Life
from tests.lives.law.said import Said, rejected, said
from tests.lives.law.sheet import Made


def forward(life: Life, letter: date) -> list[Said]:
    """Have the commune forward it."""
    if answer := life.elsewhere("commune.assessed", "at-commune"):
        return answer
    current = life.rounds[-1]
    current.sent_on = current.letter_on = letter
    return current.move("at-province", due_on=current.council_due_on)


def return_by_commune(life: Life) -> list[Said]:
    """Have the commune return it."""
    return life.elsewhere("commune.assessed", "at-commune") or _returned(life, "commune")


def return_by_province(life: Life, back_to: str) -> list[Said]:
    """Have the province's office return it."""
    return life.elsewhere("dossier.returned", "at-province") or _returned(life, back_to)


def _returned(life: Life, back_to: str) -> list[Said]:
    life.rounds[-1].back_to = back_to
    return life.rounds[-1].move("returned")


def withdraw(life: Life) -> list[Said]:
    """Take it back."""
    return life.elsewhere("dossier.withdrawn", *OPEN) or life.rounds[-1].move("closed", closing="withdrawn")


def refuse(life: Life) -> list[Said]:
    """Have the authority end it."""
    return life.elsewhere("recognition.refused", *OPEN) or life.rounds[-1].move("closed", closing="refused")


def provincial_result(life: Life, made: Made, held_on: date) -> list[Said]:
    """Hear of the provincial council's result; below 3 stars there is no decision (Art. 4.1a)."""
    current = life.rounds[-1]
    current.provincial, current.central = (made, held_on), None
    if made.stars < 3:
        return current.move("closed", closing="below-three-stars")
    return current.move("awaits-province", due_on=current.council_due_on)


def central_result(life: Life, made: Made, held_on: date) -> list[Said]:
    """Hear of the central council's result."""
    current = life.rounds[-1]
    current.central = (made, held_on)
    return current.move("awaits-centre" if made.stars == 5 else "back-at-province", due_on=current.council_due_on)


def approve(life: Life, letter: date) -> list[Said]:
    """Have the province refer it to the centre: from 90 points on (Art. 7.3e)."""
    if answer := life.elsewhere("result.approved", "awaits-province"):
        return answer
    current = life.rounds[-1]
    if current.provincial and current.provincial[0].average < 90:
        return rejected("result.approved", "result-not-referable")
    current.sent_on = current.letter_on = letter
    current.central = None
    return [*current.move("at-centre", due_on=current.council_due_on), said("product.referred", round=current.number)]


def recognise(life: Life, by: str, stars: int, on: date, number: str) -> list[Said]:
    """Recognise it. Its number is free, its date is not in the future."""
    stages = ("awaits-centre",) if by == "centre" else ("awaits-province", "back-at-province")
    if answer := life.elsewhere("recognition.decided", *stages) or _recognition_faults(life, by, stars, on):
        return answer
    current, held = life.rounds[-1], life.valid
    if current.kind == "upgrade" and held and stars <= held.stars:
        return current.move("closed", closing="not-above-present-stars")
    events = current.move("closed", closing="recognised")
    if held:
        events += _supersede(held, on, number)
    most = current.result[0].stars if current.result else None
    certificate = Certificate(number, stars, by, on, last_day(on), of_round=current.number, most_stars=most)
    life.certificates.append(certificate)
    return [*events, certificate.issued()]


def _recognition_faults(life: Life, by: str, stars: int, on: date) -> list[Said]:
    result, held = life.rounds[-1].result, life.valid
    assert result, "a council has rated it"
    made, held_on = result
    if (stars == 5) != (by == "centre"):
        return rejected("recognition.decided", "stars-of-another-authority")
    if stars > made.stars:
        return rejected("recognition.decided", "stars-above-result")
    if on < held_on or (held and on <= held.issued_on):
        return rejected("recognition.decided", "date-too-early")
    return []


def _supersede(held: Certificate, on: date, by: str) -> list[Said]:
    """End the certificate on the day before; one that had ended by then is expired, which was or will be announced."""
    if (held.until or held.last_day) < on:
        held.state = "expired"
        return []
    held.state, held.ended_on = "superseded", on - DAY
    return [held.superseded(by)]
