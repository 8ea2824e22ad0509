"""Record: the collection `alerts`. One document an alert, with the channel it took and whether it arrived.

Each try in vain is a document before it, and a version of the alert's history: since when it waits, and for what.

A contact that was changed is a document too, sealed as it came, in a history of the product's contact.
"""

from services.notifications.contacts import KnownContact, history_of
from services.notifications.sending import AlertState
from shared.clock import Clock
from shared.handling.history import Version
from shared.handling.records import VERSIONS, Histories, RecordListener, Records
from shared.storage import Database, Index

#: By which a product's are found.
INDEXES = (Index(("product_code", "recorded_at")), VERSIONS)


class Alerts(Records):
    """The alerts, by the event that they are about."""

    def __init__(self, database: Database, *, clock: Clock, on_record: RecordListener = lambda _: None) -> None:
        super().__init__(database.collection("alerts"), clock=clock, on_record=on_record)
        self._contacts = Histories(self.collection, KnownContact)
        self._alerts = Histories(self.collection, AlertState)

    async def prepare(self) -> None:
        """Create the index by which a product's alerts are found. Raise OutageError."""
        await self.collection.ensure_indexes(*INDEXES)

    async def alert(self, id: str) -> Version[AlertState] | None:
        """Return how an alert stands, None where it neither waited nor ended. Raise OutageError."""
        return await self._alerts.newest(id)

    async def contact(self, product_code: str) -> Version[KnownContact] | None:
        """Return the newest contact of a product's producer, None where it was never changed. Raise OutageError."""
        return await self._contacts.newest(history_of(product_code))
