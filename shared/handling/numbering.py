"""The highest number of each series that the keys of histories count up: a commune's serials, say."""

from collections.abc import Callable, Iterable, Mapping

#: Returns the series that a history's key counts in, and its number there; None where it counts in none.
Numbered = Callable[[str], tuple[str, int] | None]


class Numbering:
    """The highest number of each series, as far as this process knows.

    It is whole once the records have been gone through: a series that is not in it then has no number yet. Another
    instance may have given a later one since, which the unique index says as the next is written.
    """

    def __init__(self) -> None:
        self._highest: dict[str, int] = {}
        self._is_whole = False

    def last(self, series: str) -> int | None:
        """Return the last number of a series, 0 where it has none; None where that is not known."""
        return self._highest.get(series, 0 if self._is_whole else None)

    def note(self, series: str, number: int) -> None:
        """Take in a number that is on record."""
        self._highest[series] = max(number, self._highest.get(series, 0))

    def complete(self, highest: Mapping[str, int]) -> None:
        """Take in the highest numbers of all records up to now."""
        for series, number in highest.items():
            self.note(series, number)
        self._is_whole = True

    def forget(self) -> None:
        """Know nothing any more: the records are others than they were."""
        self._highest, self._is_whole = {}, False


def highest_of(keys: Iterable[str], numbered: Numbered, highest: Mapping[str, int]) -> dict[str, int]:
    """Return the highest number of each series, of those that are known and of these histories."""
    found = dict(highest)
    for series, number in filter(None, map(numbered, keys)):
        found[series] = max(number, found.get(series, 0))
    return found
