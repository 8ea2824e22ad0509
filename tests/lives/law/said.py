"""An event in short: its kind, and field and value of what is held against it."""

from datetime import date
from typing import Any

Said = tuple[Any, ...]


def said(kind: str, /, **fields: Any) -> Said:
    """Return an event in short; dates as the events write them."""
    plain = {name: str(value) if isinstance(value, date) else value for name, value in fields.items()}
    return (kind, *sorted(plain.items()))


def rejected(kind: str, *codes: str) -> list[Said]:
    """Return the answer to a filing that does not fit."""
    return [said("filing.rejected", of=kind, codes="+".join(sorted(codes)))]


def in_words(event: Said) -> str:
    """Return it for people."""
    kind, *fields = event
    return " ".join([kind, *(f"{name}={value}" for name, value in fields)])
