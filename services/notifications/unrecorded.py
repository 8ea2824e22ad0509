"""What became of alerts that could not be recorded yet: without it, each new try would send the mail again.

It lasts as long as the process. Where that dies in between, the mail goes out a second time (docs/reliability.md).
"""

from shared.handling.outcome import Decision

#: alerts; far more than are in flight and in delays while a database takes no writes for some minutes
MAX_KEPT = 10_000


class Unrecorded:
    """The decisions of alerts that went out and are not on record, the oldest forgotten first."""

    def __init__(self) -> None:
        self._decisions: dict[str, Decision] = {}

    def get(self, key: str) -> Decision | None:
        """Return what became of the alert of an event, or None."""
        return self._decisions.get(key)

    def note(self, decision: Decision) -> None:
        """Keep what became of an alert until it is on record."""
        self._decisions[decision.key] = decision
        if len(self._decisions) > MAX_KEPT:
            self.forget(next(iter(self._decisions)))

    def forget(self, key: str) -> None:
        """Forget an alert that is on record."""
        self._decisions.pop(key, None)
