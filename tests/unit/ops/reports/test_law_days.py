"""The last day that the law leaves for a recognition: Decision 26/2026/QĐ-TTg, Art. 5, 7.2, 7.6g."""

from datetime import date

import pytest

from ops.reports.law_days import filed_now, last_day_to_file, recognised_by
from services.registry.facts import RoundFacts
from services.registry.time_limits import load_time_limits
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage

LIMITS = load_time_limits()
FIRST, AGAIN = RegistrationKind.FIRST, RegistrationKind.RE_EVALUATION


@pytest.mark.parametrize(
    ("filed_on", "recognised"),
    [
        # 15 working days later is 7 April 2027: before the communes' last day, 29 April; the province has until 29 June
        (date(2027, 3, 17), date(2027, 6, 29)),
        # 15 working days end on 29 April, without 16 April (Hùng Kings' day)
        (date(2027, 4, 7), date(2027, 6, 29)),
        # and a day later behind it: the next half-year
        (date(2027, 4, 8), date(2027, 12, 29)),
        (date(2027, 10, 8), date(2027, 12, 29)),
        (date(2027, 10, 11), date(2028, 6, 29)),
    ],
)
def test_something_new_goes_through_commune_and_the_half_yearly_round(filed_on: date, recognised: date) -> None:
    assert recognised_by(filed_now(FIRST, filed_on), filed_on, LIMITS) == recognised


def test_five_stars_need_the_provinces_requests_and_the_central_round_besides() -> None:
    filed = filed_now(FIRST, date(2027, 3, 17))

    assert recognised_by(filed, date(2027, 3, 17), LIMITS, centrally=True) == date(2027, 9, 29)


@pytest.mark.parametrize(
    ("of", "today", "recognised"),
    [
        (RoundFacts(FIRST, Stage.AT_PROVINCE, date(2026, 10, 1), date(2026, 10, 20)), date(2026, 11, 29), "2026-12-29"),
        (RoundFacts(FIRST, Stage.AT_PROVINCE, date(2026, 10, 1), date(2026, 11, 2)), date(2026, 11, 29), "2027-06-29"),
        # the province is late: its next round
        (RoundFacts(FIRST, Stage.AT_PROVINCE, date(2026, 3, 1), date(2026, 4, 1)), date(2026, 11, 29), "2026-12-29"),
        (RoundFacts(FIRST, Stage.AT_CENTRE, date(2026, 3, 1), date(2026, 7, 20)), date(2026, 9, 1), "2026-09-29"),
        (RoundFacts(AGAIN, Stage.AT_PROVINCE, date(2026, 10, 1), date(2026, 11, 2)), date(2026, 11, 29), "2026-12-17"),
        (RoundFacts(AGAIN, Stage.AT_PROVINCE, date(2026, 3, 1), date(2026, 3, 2)), date(2026, 11, 29), "2026-11-29"),
        # returned: as if it came back corrected today; 15 working days end on 18 December
        (RoundFacts(FIRST, Stage.RETURNED, date(2026, 3, 1)), date(2026, 11, 27), "2027-06-29"),
    ],
)
def test_what_is_on_its_way_goes_on_from_where_it_is(of: RoundFacts, today: date, recognised: str) -> None:
    assert str(recognised_by(of, today, LIMITS)) == recognised


def test_the_last_day_to_file_is_the_last_whose_product_is_recognised_by_the_end() -> None:
    ends = date(2027, 12, 31)
    last = last_day_to_file(FIRST, ends, LIMITS)

    assert last == date(2027, 10, 10)  # a Sunday, whose first working day is that of 8 October, too
    assert last_day_to_file(FIRST, ends, LIMITS, centrally=True) == date(2027, 4, 7)
    # 45 days and 15 working days before the end
    assert last_day_to_file(AGAIN, ends, LIMITS) == date(2027, 10, 26)
