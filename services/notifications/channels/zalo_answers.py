"""Decide: what Zalo's answers mean, by the codes that its documentation has (Zalo for Developers, ZNS: error codes)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from services.notifications.channels import Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.exchange import Answer
from services.notifications.channels.retry_after import retry_after_seconds
from shared.legal_date import LEGAL_ZONE

#: The access token is not valid, or not any more: of ZNS, and of the interfaces beside it.
_TOKEN_INVALID = frozenset({-124, -216, -220})
#: About the recipient: another channel may reach her.
_ABOUT_HER: Mapping[int, str] = {
    -108: "phone-invalid",
    -110: "app-outdated",
    -114: "cannot-receive",
    -118: "no-account",
    -119: "cannot-receive",
    -134: "not-opted-in",
    -139: "declines-this-kind",
    -140: "not-eligible",
    -141: "declines-the-account",
    -1471: "her-monthly-limit",
    -1472: "her-daily-limit",
}
#: About the template, or what was put into it: it stays so until somebody mends it.
_ABOUT_THE_TEMPLATE: Mapping[int, str] = {
    -109: "template-unknown",
    -111: "parameters-empty",
    -112: "parameter-type",
    -1121: "parameter-too-long",
    -1122: "parameter-missing",
    -1123: "qr-code",
    -1124: "parameter-format",
    -113: "button",
    -1131: "button",
    -116: "parameter-content",
    -117: "template-not-permitted",
    -121: "body-empty",
    -122: "body-unreadable",
    -127: "template-for-administrators-only",
    -130: "too-long",
    -131: "template-not-approved",
    -132: "parameter-invalid",
    -145: "kind-not-permitted",
    -146: "template-disabled",
    -153: "data-against-specification",
}
#: About us: the operator mends it, and what waits goes out then.
_ABOUT_US: Mapping[int, str] = {
    -100: "unknown-error",
    -101: "application-invalid",
    -102: "application-unknown",
    -103: "application-not-activated",
    -104: "secret-key-invalid",
    -105: "application-not-linked",
    -106: "method-unsupported",
    -120: "account-not-permitted",
    -1241: "proof-invalid",
    -125: "account-invalid",
    -135: "account-not-permitted",
    -1351: "account-blocked",
    -136: "cloud-account-missing",
    -138: "application-not-permitted",
    -1381: "cloud-account-not-permitted",
}
_NO_MONEY: Mapping[int, str] = {-115: "no-balance", -126: "no-balance", -137: "not-charged"}
#: Counted by the day; its end is not documented, and taken for that of Vietnam's day.
_DAILY: Mapping[int, str] = {-144: "daily-quota", -147: "template-daily-quota", -1441: "monthly-quota"}
#: From 22:00 to 6:00.
_NIGHT: Mapping[int, str] = {-133: "night", -234: "night"}
#: Requests of a minute.
_RATE: Mapping[int, str] = {-32: "rate"}
_REFUSED: Mapping[int, str] = {**_ABOUT_HER, **_ABOUT_THE_TEMPLATE}
#: seconds; after which it is asked again whether there is money
_MONEY_SECONDS = timedelta(hours=1).total_seconds()
#: seconds; the window of the rate
_RATE_SECONDS = timedelta(minutes=1).total_seconds()
_MORNING = time(6)
_SHORT_LIFE_SECONDS = timedelta(hours=1).total_seconds()
_LONGEST_LIFE_SECONDS = timedelta(days=90).total_seconds()


@dataclass(frozen=True)
class Renewed:
    """A new pair of tokens, and for how many seconds the access token is good."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    seconds: float


def is_token_invalid(answer: Answer) -> bool:
    """Return whether an answer says that the access token is not good any more."""
    return answer.status == 401 or _code(answer) in _TOKEN_INVALID


def result(answer: Answer, now: datetime) -> DeliveryResult:
    """Return what came of a message. HTTP says 200 whatever came of it: the code in the body counts."""
    code = _code(answer)
    if code == 0 and answer.status == 200:
        return Delivered()
    if code is None or code == 0:
        said = f"{answer.status} unknown-answer" if 200 <= answer.status <= 299 else str(answer.status)
        return Unavailable(said, retry_after_seconds(answer.retry_after, now))
    if word := _REFUSED.get(code):
        return Refused(f"{code} {word}")
    return _unavailable(code, answer, now)


def renewed(answer: Answer) -> Renewed | str:
    """Return the new tokens, or why there are none: HTTP says 200 there too, and the life of a token is a text."""
    said = _said(answer)
    match said.get("access_token"), said.get("refresh_token"):
        case (str(access_token), str(refresh_token)) if access_token and refresh_token:
            return Renewed(access_token, refresh_token, _life(said.get("expires_in")))
    code = _code(answer)
    return str(answer.status) if code is None else str(code)


def _life(said: object) -> float:
    """Return the seconds for which an access token is good; an hour where that cannot be read: the pair is good."""
    try:
        seconds = float(str(said))
    except ValueError:
        return _SHORT_LIFE_SECONDS
    return min(seconds, _LONGEST_LIFE_SECONDS) if seconds > 0 else _SHORT_LIFE_SECONDS


def _unavailable(code: int, answer: Answer, now: datetime) -> Unavailable:
    waits: tuple[tuple[Mapping[int, str], float | None], ...] = (
        (_ABOUT_US, retry_after_seconds(answer.retry_after, now)),
        (_NO_MONEY, _MONEY_SECONDS),
        (_DAILY, _seconds_until(time(0), now)),
        (_NIGHT, _seconds_until(_MORNING, now)),
        (_RATE, _RATE_SECONDS),
    )
    for words, seconds in waits:
        if code in words:
            return Unavailable(f"{code} {words[code]}", seconds)
    word = "access-token-invalid" if code in _TOKEN_INVALID else "unknown-code"
    return Unavailable(f"{code} {word}")


def _seconds_until(clock: time, now: datetime) -> float:
    """Return the seconds until it is next that time in Vietnam."""
    local = now.astimezone(LEGAL_ZONE)
    today = datetime.combine(local.date(), clock, LEGAL_ZONE)
    return ((today if today > local else today + timedelta(days=1)) - local).total_seconds()


def _code(answer: Answer) -> int | None:
    """Return the code of an answer, None where there is none."""
    code = _said(answer).get("error")
    return code if type(code) is int else None


def _said(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
