"""Decide: what falls due of a certificate, a round, a half-yearly round. Decision 26/2026, Art. 5, 7.2, 7.6, 12.3."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from services.registry.time_limits import TimeLimits
from services.registry.validity import Window, days_after, extended_until, window
from services.registry.working_days import add_working_days
from shared.contracts.certificates import RenewalMilestone


class DueKind(StrEnum):
    """What happens on a day of a certificate."""

    RENEWAL = "renewal"
    EXPIRING = "expiring"
    #: T+1: expired, or extended
    ENDED = "ended"
    #: the day after the last of an extension
    EXTENSION_ENDED = "extension-ended"


@dataclass(frozen=True)
class DueDay:
    """What falls due on a day, at its beginning in Vietnam.

    `says` is what is said of renewal; `unless_filed`: only while no re-evaluation is filed. `name` is its own within
    the certificate.
    """

    name: str
    day: date
    kind: DueKind
    says: RenewalMilestone | None = None
    unless_filed: bool = False


@lru_cache(4096)  # a decision has many certificates, and each is looked at whenever its product moves
def due_days(issued_on: date, ends_on: date, limits: TimeLimits) -> tuple[DueDay, ...]:
    """Return all that falls due of a certificate whose last day is `ends_on`, the first first."""
    of = window(issued_on, ends_on, limits)
    found = (*_renewal(ends_on, of, limits), *_ends(ends_on, limits))
    return tuple(sorted(found, key=lambda each: (each.day, each.name)))


def _renewal(ends_on: date, of: Window, limits: TimeLimits) -> Iterator[DueDay]:
    def before(days: int, says: RenewalMilestone, *, unless_filed: bool = True) -> DueDay:
        return DueDay(f"T-{days}", days_after(ends_on, -days), DueKind.RENEWAL, says, unless_filed)

    yield before(limits.first_notice, RenewalMilestone.OPENS_IN_30_DAYS, unless_filed=False)
    yield before(limits.window_opens, RenewalMilestone.OPEN, unless_filed=False)
    for days in limits.reminders:
        yield before(days, RenewalMilestone.OPEN)
    yield before(limits.window_closes + 1, RenewalMilestone.LAST_DAY_TOMORROW)
    after = RenewalMilestone.LATE_FILING_POSSIBLE if of.late_until else RenewalMilestone.CLOSED
    yield before(limits.window_closes - 1, after)


def _ends(ends_on: date, limits: TimeLimits) -> Iterator[DueDay]:
    yield DueDay(f"T-{limits.expiring_notice}", days_after(ends_on, -limits.expiring_notice), DueKind.EXPIRING)
    yield DueDay("T+1", days_after(ends_on, 1), DueKind.ENDED)
    ended = days_after(extended_until(ends_on, limits), 1)
    yield DueDay(f"T+{limits.extended_at_most + 1}", ended, DueKind.EXTENSION_ENDED)


@dataclass(frozen=True)
class Deadline:
    """An office's last day, and the days on which it is said: before it, and after it has passed."""

    last: date
    said_before_on: date
    said_after_on: date


@lru_cache(maxsize=64)  # of one day, many dossiers
def commune_deadline(received_on: date, limits: TimeLimits) -> Deadline:
    """Return the commune's deadline for a dossier: so many working days, the day after receipt is day 1 (Art. 7.2)."""
    last = add_working_days(received_on, limits.commune_working_days, limits)
    return Deadline(
        last,
        add_working_days(last, -limits.commune_notice_working_days, limits),
        add_working_days(last, 1, limits),
    )


def re_evaluation_deadline(sent_on: date, limits: TimeLimits) -> Deadline:
    """Return the council's deadline for a re-evaluation, in days from when it was sent there (Art. 7.6g)."""
    last = days_after(sent_on, limits.re_evaluation_days)
    return Deadline(last, days_after(last, -limits.re_evaluation_notice_days), days_after(last, 1))


@dataclass(frozen=True)
class RoundDay:
    """The last day of a half-yearly round (Art. 5), and the day on which it is said. `of` is as in `deadline.due`."""

    of: str
    last: date
    said_on: date


def round_days(after: date, until: date, limits: TimeLimits) -> tuple[RoundDay, ...]:
    """Return the days of half-yearly rounds that are said after a day and no later than another, the first first."""
    yearly = {
        "commune-requests": limits.commune_requests,
        "province-round": limits.province_round,
        "province-requests": limits.province_requests,
        "centre-round": limits.centre_round,
    }
    latest = days_after(until, limits.round_notice_days)
    lasts = (
        (of, date(year, month, day))
        for year in range(after.year, latest.year + 1)
        for of, days in yearly.items()
        for month, day in days
    )
    found = (RoundDay(of, last, days_after(last, -limits.round_notice_days)) for of, last in lasts)
    return tuple(
        sorted((each for each in found if after < each.said_on <= until), key=lambda each: (each.said_on, each.of))
    )
