"""When a server wants to be asked again."""

import pytest

from services.notifications.channels.retry_after import retry_after_seconds
from tests.unit.notifications.examples import NOON


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("0", 0),
        ("Mon, 23 Nov 2026 05:01:30 GMT", 90),
        ("Monday, 23-Nov-26 05:01:30 GMT", 90),
        ("Mon Nov 23 05:01:30 2026", 90),
        ("Mon, 23 Nov 2026 04:00:00 GMT", 0),
        ("Mon, 23 Nov 2099 04:00:00 GMT", 86_400),
        ("9" * 400, 86_400),
        ("-1", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_seconds_and_dates_are_read(said: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(said, NOON) == seconds
