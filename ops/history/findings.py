"""What `ocop trace` has found so far, put together into stories."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field

from ops.history import sources
from ops.history.happenings import Happening, Subject, awaited, in_order, waiting, without_record
from ops.history.records import Record


@dataclass
class Findings:
    """What was found so far, and whether something could not be read."""

    subject: Subject
    journaled: sources.Journaled = field(default_factory=sources.Journaled)
    records: list[Record] = field(default_factory=list)
    dead_letters: list[Happening] = field(default_factory=list)
    is_partial: bool = False

    @property
    def others(self) -> list[Happening]:
        """What services have recorded, and what is a dead letter."""
        return [*map(sources.of_record, self.records), *self.dead_letters]

    @property
    def unrecorded_keys(self) -> frozenset[str]:
        """The keys of events that a service takes and of which no record was found yet."""
        keys = self.journaled.keys
        lacking = (event.event_id for event, _ in without_record(self.journaled.events, self.others))
        return frozenset(keys[id] for id in lacking if id in keys)

    def add(self, records: Iterable[Record]) -> None:
        """Add those of these records that are not known yet."""
        known = {(record.service, record.document["_id"]) for record in self.records}
        self.records += [record for record in records if (record.service, record.document["_id"]) not in known]

    def cannot_read(self, reason: str) -> None:
        """Print what could not be read."""
        sys.stderr.write(f"ocop: {reason}\n")
        self.is_partial = True

    def by_correlation_id(self) -> dict[str, list[Happening]]:
        """Return correlation id → what happened, the one that began first first."""
        events, others = self.journaled.events, self.others
        names = dict.fromkeys(each.story for each in (*events, *others))
        return {name: self._trace_of(_of(events, name), _of(others, name)) for name in names}

    def _trace_of(self, events: list[Happening], others: list[Happening]) -> list[Happening]:
        # without the records, who lacks is not known
        ends = () if self.is_partial else awaited(events, others, self.journaled.untold)
        return [*in_order(events, others), *ends, *waiting(others)]


def _of(happenings: Iterable[Happening], correlation_id: str) -> list[Happening]:
    return [each for each in happenings if each.story == correlation_id]
