"""Numbers and days as people write them in the language that is spoken: in Vietnamese 1.234, 66,6 % and 31/12/2026."""

import re
from datetime import date

from ops.language import both_are_shown
from ops.reports.report import Kind, Value, in_a_cell

_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")
_THE_OTHER_WAY = str.maketrans(",.", ".,")


def written(value: Value, kind: Kind) -> str:
    """Return a value as it stands in a cell of the page."""
    text = in_a_cell(value, kind)
    if isinstance(value, date):
        return days_in(text)
    return text.translate(_THE_OTHER_WAY) if kind.is_number and not both_are_shown() else text


def number(value: int) -> str:
    """Return a number."""
    return written(value, Kind.NUMBER)


def days_in(text: str) -> str:
    """Return a text with its days, which are as in ISO 8601, written as usual."""
    return text if both_are_shown() else _DAY.sub(r"\3/\2/\1", text)
