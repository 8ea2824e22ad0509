"""Checks on a terminal."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from ops.doctor.check import Check, State

_STYLES = {State.OK: "green", State.WARNING: "yellow", State.WRONG: "bold red", State.NOT_CHECKED: "dim"}


def checks_table(checks: Iterable[Check]) -> Table:
    """Return a row for each check."""
    table = Table("Check", "", "Found", "What to do")
    for check in checks:
        state = Text(check.state.replace("-", " "), _STYLES[check.state])
        table.add_row(Text(check.name), state, Text(check.found), Text(check.advice))
    return table
