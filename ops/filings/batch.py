"""How far each filing of a batch came."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ops.language import gettext as _


class Ending(Protocol):
    """What is known of a filing."""

    @property
    def outcome(self) -> StrEnum:
        """How far it came, or how it ended."""


class Filing(Protocol):
    """What is filed under an id of its own."""

    id: str
    ending: Any

    @property
    def has_ended(self) -> bool:
        """Return whether its answer is known, or there is none to come."""


F = TypeVar("F", bound=Filing)
E = TypeVar("E", bound=Ending)


class Batch(Generic[F, E]):
    """The filings of one command; `filed` are those that an answer may name. `on_news` hears of each that came on.

    `FILED` is the outcome of what waits for its answer, `UNFILED` those of what the broker may not have, `ANSWERED`
    those of what has its answer.
    """

    FILED: ClassVar[StrEnum]
    UNFILED: ClassVar[Collection[StrEnum]]
    ANSWERED: ClassVar[Collection[StrEnum]]

    def __init__(self, id: str, filings: Sequence[F], *, filed: Collection[F]) -> None:
        self.id = id
        self.filings = filings
        self.on_news: Callable[[F], None] = lambda _filing: None
        self._by_id = {filing.id: filing for filing in filed}
        self._news = asyncio.Event()
        self._counts = Counter(filing.ending.outcome for filing in filings)

    def of_id(self, id: str | None) -> F | None:
        """Return what is filed under an id, None where it is not of this batch."""
        return self._by_id.get(id or "")

    def note(self, filing: F, ending: E) -> None:
        """Take in what is now known of a filing. An answer stands, whatever comes after it."""
        if filing.has_ended:
            return
        self._counts[filing.ending.outcome] -= 1
        self._counts[ending.outcome] += 1
        filing.ending = ending
        self.on_news(filing)
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def anything_new(self) -> None:
        """Wait until something new is known of a filing."""
        await self._news.wait()

    @property
    def waits(self) -> bool:
        """Return whether an answer is still to come."""
        return self.count(self.FILED) > 0

    @property
    def how_far(self) -> str:
        """How many were filed, and answered, in words."""
        all_ = len(self._by_id)
        said = _("{filed} of {all} filed, {answered} answered")
        return said.format(filed=all_ - self.count(*self.UNFILED), all=all_, answered=self.count(*self.ANSWERED))

    def count(self, *outcomes: StrEnum) -> int:
        """Count the filings that came so far."""
        return sum(self._counts[outcome] for outcome in outcomes)
