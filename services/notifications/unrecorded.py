"""What became of deliveries that could not be recorded yet: without it, each new try would send the mail again.

It lasts as long as the process. Where that dies in between, the mail goes out a second time (docs/reliability.md).
"""

from collections.abc import Sequence

from services.notifications.channels import Delivered, Refused

#: deliveries; far more than are in flight and in delays while a database takes no writes for some minutes
MAX_KEPT = 10_000


class Unrecorded:
    """The results of deliveries that are not on record, the oldest forgotten first."""

    def __init__(self) -> None:
        self._results: dict[str, tuple[Delivered | Refused, Sequence[str]]] = {}

    def get(self, key: str) -> tuple[Delivered | Refused, Sequence[str]] | None:
        """Return what became of a delivery, by its message's key, and which alerts were not handed over, or None."""
        return self._results.get(key)

    def note(self, key: str, result: Delivered | Refused, without: Sequence[str]) -> None:
        """Keep what became of a delivery, but for these alerts, until it is on record."""
        self._results[key] = (result, without)
        if len(self._results) > MAX_KEPT:
            self.forget(next(iter(self._results)))

    def forget(self, key: str) -> None:
        """Forget a delivery that is on record."""
        self._results.pop(key, None)
