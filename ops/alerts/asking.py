"""Which alerts are wanted, as questions to the documents of now of notifications, the newest first."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.alert_state import Outcome
from services.notifications.listing import EVERY, NAMES, facet
from shared.contracts.alert import Audience, ChannelName

Query = Mapping[str, Any]

#: Before the first alert.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
#: How far back the first question goes, and how many times further each one that follows: some servers read all that
#: matches before they sort it.
_FIRST, _FURTHER = timedelta(minutes=15), 4
#: How most alerts stand.
_MOST: Outcome = "delivered"


@dataclass(frozen=True)
class Wanted:
    """Which alerts are wanted; a field that is None asks nothing.

    Args:
        product_codes: about one of these products; of none, where it is empty.
        to: the name of an office or of a subscription.
        since: of which something was recorded since then.
    """

    outcome: Outcome | None = None
    channel: ChannelName | None = None
    audience: Audience | None = None
    kind: str | None = None
    to: str | None = None
    product_codes: Collection[str] | None = None
    since: datetime = field(default=BEGINNING)
    limit: int = 50

    def queries(self, now: datetime) -> Iterator[Query]:
        """Yield queries, each for the time before the one that was yielded first; of products there are few alerts."""
        asked = self._asked()
        if self.product_codes is not None:
            yield {**asked, "recorded_at": {"$gte": self.since}}
            return
        until, width = now + _FIRST, _FIRST  # a clock of theirs may be ahead of ours
        while until > self.since:
            begins = max(until - width, self.since)
            yield {**asked, "recorded_at": {"$gte": begins, "$lt": until}}
            until, width = begins, width * _FURTHER

    def _asked(self) -> Query:
        """Return what is looked up, and what is held against it: most have been delivered."""
        asked = {name: value for name in NAMES if isinstance(value := getattr(self, name, None), str) and value}
        if self.product_codes is not None:
            looked_up = [facet("product_code", code) for code in sorted(self.product_codes)]
        elif asked:
            name = min(asked, key=lambda each: asked[each] == _MOST)
            looked_up = [facet(name, asked.pop(name))]
        else:
            looked_up = [EVERY]
        return {"facets": {"$in": looked_up}} | {f"state.{name}": value for name, value in asked.items()}
