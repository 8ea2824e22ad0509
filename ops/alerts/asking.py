"""Which alerts are wanted, as questions to the documents of now of notifications, the newest first."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.notifications.alert_state import Outcome
from services.notifications.listing import facet
from shared.contracts.alert import Audience, ChannelName

Query = Mapping[str, Any]

#: Before the first alert.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
#: How far back the first question goes, and how many times further each one that follows: some servers read all that
#: matches before they sort it.
_FIRST, _FURTHER = timedelta(minutes=15), 4


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
        facets = facet(outcome=self.outcome, channel=self.channel, kind=self.kind, audience=self.audience, to=self.to)
        if self.product_codes is not None:
            of_products = {"product_code": {"$in": sorted(self.product_codes)}}
            yield {**of_products, "facets": facets, "recorded_at": {"$gte": self.since}}
            return
        until, width = now + _FIRST, _FIRST  # a clock of theirs may be ahead of ours
        while until > self.since:
            begins = max(until - width, self.since)
            yield {"facets": facets, "recorded_at": {"$gte": begins, "$lt": until}}
            until, width = begins, width * _FURTHER
