"""Decide: when a server that takes nothing now wants to be asked again."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: seconds; no server keeps an alert back for longer
MAX_SECONDS = timedelta(days=1).total_seconds()


def retry_after_seconds(said: str | None, now: datetime) -> float | None:
    """Return the seconds of a header `Retry-After`: a number, or an HTTP date (RFC 9110, section 10.2.3).

    None where there is none, or none that can be read.
    """
    text = (said or "").strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:18])
    else:
        try:
            then = parsedate_to_datetime(text)
        except ValueError:
            return None
        seconds = (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    return min(max(seconds, 0.0), MAX_SECONDS)
