"""What one check has found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands. `not-checked` is what could not be looked at because of something else, or is not known."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True)
class Check:
    """One check: of what, how it stands, what was found, and what to do; nothing where all is well."""

    name: str
    state: State
    found: str
    advice: str = ""


def ok(name: str, found: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, State.OK, found)


def warning(name: str, found: str, advice: str) -> Check:
    """Return a check that found what works, and should be otherwise."""
    return Check(name, State.WARNING, found, advice)


def wrong(name: str, found: str, advice: str) -> Check:
    """Return a check that found what does not work."""
    return Check(name, State.WRONG, found, advice)


def not_checked(name: str, why: str, advice: str = "") -> Check:
    """Return a check that could not be made."""
    return Check(name, State.NOT_CHECKED, why, advice)


def listed(names: Iterable[str], *, at_most: int = 3) -> str:
    """Return the first names, and how many more there are."""
    known = sorted(names)
    more = f" and {len(known) - at_most} more" if len(known) > at_most else ""
    return ", ".join(known[:at_most]) + more


def is_well(checks: Iterable[Check]) -> bool:
    """Return whether nothing is wrong; a warning is not."""
    return all(check.state != State.WRONG for check in checks)
