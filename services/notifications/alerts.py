"""Record: the collection `alerts`. One document an alert, with the channel it took and whether it arrived."""

from shared.clock import Clock
from shared.handling.records import VERSIONS, RecordListener, Records
from shared.storage import Database, Index

#: By which a product's are found.
INDEXES = (Index(("product_code", "recorded_at")), VERSIONS)


class Alerts(Records):
    """The alerts, by the event that they are about."""

    def __init__(self, database: Database, *, clock: Clock, on_record: RecordListener = lambda _: None) -> None:
        super().__init__(database.collection("alerts"), clock=clock, on_record=on_record)

    async def prepare(self) -> None:
        """Create the index by which a product's alerts are found. Raise OutageError."""
        await self.collection.ensure_indexes(*INDEXES)
