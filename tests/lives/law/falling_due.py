"""What falls due (LIFECYCLE.md, section 6): each milestone once; of what was missed, the newest alone."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.lives.law.days import DAY, days, working_days_after
from tests.lives.law.life import Certificate, Life
from tests.lives.law.said import Said, said

#: where a re-evaluation's 45 days run: it is with a council, or with who decides on its result
_WITH_COUNCILS = ("at-province", "awaits-province", "at-centre", "awaits-centre", "back-at-province")

#: A deadline of an office: what tells it from others, its day, its event.
_Deadline = tuple[tuple[Any, ...], date, Said]


def fall_due(life: Life, today: date) -> list[Said]:
    """Return what is said by a day that was not said before."""
    of_certificates = [event for held in life.certificates for event in _of_certificate(life, held, today)]
    return of_certificates + _of_offices(life, today)


def next_day(life: Life) -> date | None:
    """Return the next day on which something falls due."""
    of_certificates = [
        day for held in life.certificates if held.is_valid for day, name, _ in milestones(held) if _is_left(held, name)
    ]
    of_offices = [day for key, day, _ in _deadlines(life) if key not in life.deadlines]
    return min([*of_certificates, *of_offices], default=None)


def milestones(held: Certificate) -> Iterator[tuple[date, str, bool]]:
    """Yield the days of a certificate, what falls due then, and whether only while no re-evaluation is filed."""
    end = held.last_day
    if held.state == "extended":
        yield end + days(181), "extension-ended", False
        return
    yield end - days(210), "window-opens-in-30-days", False
    yield end - days(180), "window-open/180", False
    yield end - days(150), "window-open/150", True
    yield end - days(130), "window-open/130", True
    yield end - days(121), "last-day-tomorrow", True
    yield end - days(119), "late-filing-possible" if held.late_until else "window-closed", True
    yield end - days(30), "expiring", False
    yield end + DAY, "ended", False


def _is_left(held: Certificate, name: str) -> bool:
    return (held.last_day, name) not in held.settled


def _of_certificate(life: Life, held: Certificate, today: date) -> Iterator[Said]:
    if held.state == "extended" and not _extends(life, held):  # valid until the result: it is there
        held.state, held.ended_on = "expired", today - DAY
        yield said("certificate.expired", number=held.number, expired_on=today, after_extension=True)
    while held.is_valid:
        fallen = [each for each in milestones(held) if each[0] <= today and _is_left(held, each[1])]
        if not fallen:
            return
        held.settled |= {(held.last_day, name) for _, name, _ in fallen}
        _, name, unless_filed = max(fallen)
        if not (unless_filed and _re_evaluation_filed(life, held)):
            yield _milestone(life, held, name, today)


def _milestone(life: Life, held: Certificate, name: str, today: date) -> Said:
    end = held.last_day
    match name:
        case "ended" if _extends(life, held):
            held.state, held.until = "extended", end + days(180)
            return said("certificate.extended", number=held.number, until=held.until)
        case "ended" | "extension-ended":
            extended = name == "extension-ended"
            held.state = "expired"
            expired_on = end + days(181 if extended else 1)
            return said("certificate.expired", number=held.number, expired_on=expired_on, after_extension=extended)
        case "expiring":
            return said("certificate.expiring", number=held.number, days_left=(end - today).days)
    last = held.late_until if name == "late-filing-possible" and held.late_until else end - days(120)
    return said(
        "certificate.renewal-due",
        number=held.number,
        milestone=name.partition("/")[0],
        first_day=end - days(180),
        last_day_to_file=last,
        days_left=(last - today).days,
    )


def _re_evaluation_filed(life: Life, held: Certificate) -> bool:
    current = life.open_round
    return bool(current and current.kind == "re-evaluation") or _is_on_paper(life, held)


def _is_on_paper(life: Life, held: Certificate) -> bool:
    """Return whether one is on its way on paper; one that was filed here later, and is over, came in its place."""
    current, on = life.newest_round, held.filed_on_paper
    if on is None:
        return False
    return not (current and not current.is_open and current.kind == "re-evaluation" and current.filed_on >= on)


def _extends(life: Life, held: Certificate) -> bool:
    """Return whether it is valid until a result: of a re-evaluation, or of an upgrade opened by T−120 (section 5)."""
    if held.filed_on_paper and held.filed_on_paper <= held.last_day and _is_on_paper(life, held):
        return True
    current = life.open_round
    if current is None:
        return False
    by = {"re-evaluation": held.last_day, "upgrade": held.last_day - days(120)}.get(current.kind)
    return by is not None and current.filed_on <= by


def _of_offices(life: Life, today: date) -> list[Said]:
    fallen = [each for each in _deadlines(life) if each[1] <= today and each[0] not in life.deadlines]
    life.deadlines |= {key for key, _, _ in fallen}
    newest = max(fallen, key=lambda each: each[1], default=None)
    return [newest[2]] if newest else []


def _deadlines(life: Life) -> Iterator[_Deadline]:
    current = life.open_round
    if current is None:
        return
    if current.stage == "at-commune" and current.due_on:  # Art. 7.2
        what, last = "commune-assessment", current.due_on
        before, after = working_days_after(last, -2), working_days_after(last, 1)
    elif current.stage in _WITH_COUNCILS and current.council_due_on:  # Art. 7.6g
        what, last = "re-evaluation", current.council_due_on
        before, after = last - days(7), last + DAY
    else:
        return
    for when, day in (("before", before), ("after", after)):
        event = said("deadline.due", deadline=what, round=current.number, due_on=last, when=when)
        yield (what, current.number, last, when), day, event
