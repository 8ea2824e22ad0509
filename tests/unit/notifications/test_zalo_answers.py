"""What Zalo's answers mean: the codes that its documentation has."""

import json
from datetime import UTC, datetime

import pytest

from services.notifications.channels import Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.exchange import Answer
from services.notifications.channels.zalo_answers import Renewed, is_token_invalid, renewed, result

#: 12:00 in Vietnam.
NOON = datetime(2026, 11, 29, 5, tzinfo=UTC)
HOUR = 3600.0


def said(code: object, **more: object) -> Answer:
    return Answer(200, body=json.dumps({"error": code, "message": "0912345678", **more}).encode())


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (said(0), Delivered()),
        (said(-118), Refused("-118 no-account")),
        (said(-108), Refused("-108 phone-invalid")),
        (said(-141), Refused("-141 declines-the-account")),
        (said(-146), Refused("-146 template-disabled")),
        (said(-1121), Refused("-1121 parameter-too-long")),
        (said(-131), Refused("-131 template-not-approved")),
        (said(-100), Unavailable("-100 unknown-error")),
        (said(-135), Unavailable("-135 account-not-permitted")),
        (said(-124), Unavailable("-124 access-token-invalid")),
        (said(-32), Unavailable("-32 rate", 60)),
        (said(-137), Unavailable("-137 not-charged", HOUR)),
        (said(-144), Unavailable("-144 daily-quota", 12 * HOUR)),
        (said(-147), Unavailable("-147 template-daily-quota", 12 * HOUR)),
        (said(-133), Unavailable("-133 night", 18 * HOUR)),
        (said(-9999), Unavailable("-9999 unknown-code")),
        (said("-118"), Unavailable("200 unknown-answer")),
        (said(False), Unavailable("200 unknown-answer")),
        (Answer(200, body=b"<html>"), Unavailable("200 unknown-answer")),
        (Answer(200, body=b"[" * 60_000), Unavailable("200 unknown-answer")),
        (Answer(302), Unavailable("302")),
        (Answer(502, body=b'{"error": 0}'), Unavailable("502")),
        (Answer(429, retry_after="60"), Unavailable("429", 60)),
    ],
)
def test_what_is_taken_now_later_and_never_is_told_apart(answer: Answer, outcome: DeliveryResult) -> None:
    assert result(answer, NOON) == outcome


def test_a_night_ends_on_its_own_day() -> None:
    before_dawn = datetime(2026, 11, 28, 22, tzinfo=UTC)  # 5:00

    assert result(said(-133), before_dawn) == Unavailable("-133 night", HOUR)


@pytest.mark.parametrize(
    ("answer", "invalid"), [(said(-124), True), (said(-216), True), (said(-220), True), (said(0), False)]
)
def test_a_token_that_is_not_taken_is_told_by_its_code(answer: Answer, *, invalid: bool) -> None:
    assert is_token_invalid(answer) is invalid


def test_a_token_that_is_not_taken_may_be_told_by_the_status() -> None:
    assert is_token_invalid(Answer(401))


@pytest.mark.parametrize(
    ("life", "seconds"),
    [
        ("90000", 90_000),
        (90_000, 90_000),
        (None, HOUR),
        ("bald", HOUR),
        ("-1", HOUR),
        ("nan", HOUR),
        ("1e9", 7_776_000),
    ],
)
def test_a_pair_is_not_lost_because_of_what_is_said_of_its_life(life: object, seconds: float) -> None:
    answer = Answer(200, body=json.dumps({"access_token": "a", "refresh_token": "r", "expires_in": life}).encode())

    assert renewed(answer) == Renewed("a", "r", seconds)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(200, body=b'{"error": -14020, "error_name": "Invalid refresh token"}'), "-14020"),
        (Answer(200, body=b'{"error_name": "geheim"}'), "200"),
        (Answer(200, body=b'{"access_token": "a"}'), "200"),
        (Answer(503), "503"),
    ],
)
def test_a_renewal_that_failed_says_why_by_a_code(answer: Answer, why: str) -> None:
    assert renewed(answer) == why
