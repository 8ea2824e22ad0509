"""Notifications tells a producer when to file again by the days that the registry judges her dossier by (Art. 7.6a)."""

from datetime import date

import pytest

from services.registry.time_limits import load_time_limits
from services.registry.validity import window
from tests.unit.notifications.examples import alert_of
from tests.unit.notifications.lives import CERTIFICATE, issued


@pytest.mark.parametrize("last_day", [date(2029, 8, 31), date(2028, 2, 29), date(2029, 5, 1)])
def test_a_new_certificates_alert_names_the_window_in_which_a_re_evaluation_is_taken(last_day: date) -> None:
    certificate = CERTIFICATE.model_copy(update={"last_day": last_day})
    taken = window(certificate.issued_on, last_day, load_time_limits())

    text = alert_of(issued(certificate=certificate)).text

    assert f"từ ngày {taken.first:%d/%m/%Y} đến hết ngày {taken.last:%d/%m/%Y}" in text
