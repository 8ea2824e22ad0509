"""By which day the law has a product recognised: its half-yearly rounds, and the days that each office has.

Decision 26/2026/QĐ-TTg, Articles 5, 7.2, 7.6g. An office may be faster; how many days it takes then, nobody knows.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from services.registry.facts import RoundFacts
from services.registry.renewal import re_evaluation_deadline
from services.registry.rounds import WITH_COUNCILS
from services.registry.time_limits import TimeLimits, YearlyDay
from services.registry.working_days import add_working_days
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage

_DAY = timedelta(days=1)
_AT_CENTRE = frozenset({Stage.AT_CENTRE, Stage.AWAITS_CENTRE})
#: days before the end of a programme in which its last day to file is looked for: two years have every round twice
_LOOKED_THROUGH = 730


def filed_now(registration: RegistrationKind, day: date) -> RoundFacts:
    """Return the round of a dossier that is filed on a day."""
    return RoundFacts(registration, Stage.AT_COMMUNE, day)


@lru_cache(maxsize=4096)  # many rounds are where others are, since the same days
def recognised_by(of: RoundFacts, today: date, limits: TimeLimits, *, centrally: bool = False) -> date:
    """Return the last day that the law leaves for the recognition, if each office takes all of its time.

    Args:
        of: an open round. One that was returned counts as if its dossier came back, corrected, today.
        today: from which day on what is open still can be done.
        limits: the law's days.
        centrally: with the central round, which alone gives five stars (Art. 3.3).
    """
    if of.stage in _AT_CENTRE:
        return _by_centre(of, today, limits)
    by_province = _by_province(of, today, limits)
    if not centrally:
        return by_province
    if of.registration is RegistrationKind.RE_EVALUATION:
        return re_evaluation_deadline(by_province, limits).last
    return _next(limits.centre_round, _next(limits.province_requests, by_province) + _DAY)


@lru_cache(maxsize=64)
def last_day_to_file(
    registration: RegistrationKind, ends: date, limits: TimeLimits, *, centrally: bool = False
) -> date | None:
    """Return the last day on which a dossier can be filed whose product the law has recognised by the end of a period.

    None: it is too late for that two years before.
    """
    for before in range(_LOOKED_THROUGH):
        day = ends - timedelta(days=before)
        if recognised_by(filed_now(registration, day), day, limits, centrally=centrally) <= ends:
            return day
    return None


def _by_province(of: RoundFacts, today: date, limits: TimeLimits) -> date:
    sent_on = _sent_on(of, today, limits)
    if of.registration is RegistrationKind.RE_EVALUATION:
        return max(today, re_evaluation_deadline(sent_on, limits).last)
    its_own = _next(limits.province_round, _next(limits.commune_requests, sent_on) + _DAY)
    return its_own if its_own >= today else _next(limits.province_round, today)


def _by_centre(of: RoundFacts, today: date, limits: TimeLimits) -> date:
    sent_on = of.sent_on or today
    if of.registration is RegistrationKind.RE_EVALUATION:
        return max(today, re_evaluation_deadline(sent_on, limits).last)
    its_own = _next(limits.centre_round, _next(limits.province_requests, sent_on) + _DAY)
    return its_own if its_own >= today else _next(limits.centre_round, today)


def _sent_on(of: RoundFacts, today: date, limits: TimeLimits) -> date:
    """Return on which day a round went to the province, or will at the latest."""
    if of.stage in WITH_COUNCILS:
        return of.sent_on or today
    received_on = today if of.stage is Stage.RETURNED else of.received_on
    return max(today, _after_the_commune(received_on, limits))


@lru_cache(maxsize=1024)
def _after_the_commune(received_on: date, limits: TimeLimits) -> date:
    return add_working_days(received_on, limits.commune_working_days, limits)


def _next(yearly: Iterable[YearlyDay], day: date) -> date:
    """Return the first of the days of every year that is not before a day."""
    return min(each for each in _days_of(yearly, day.year) if each >= day)


def _days_of(yearly: Iterable[YearlyDay], year: int) -> Iterator[date]:
    return (date(each, month, day) for each in (year, year + 1) for month, day in yearly)
