"""Record: the collection `alerts`: what was planned, tried and delivered of each alert, a version of its history each.

A contact that was changed is a document too, sealed as it came, in a history of the product's contact; and what waits
for one recipient, in a history of the mailbox; and the tokens by which Zalo is asked, sealed, in one of their own.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from services.notifications.alert_state import AlertState
from services.notifications.contacts import KnownContact, history_of, is_contact
from services.notifications.listing import facets_of
from services.notifications.mailbox import Mailbox, is_mailbox
from services.notifications.plan import Alert
from services.notifications.zalo_token import is_token
from shared.clock import Clock
from shared.contracts.alert import DueAlert
from shared.handling.history import Version
from shared.handling.now import View
from shared.handling.records import VERSIONS, Histories, RecordListener, Records
from shared.storage import Database, Index

#: By which a product's are found.
INDEXES = (Index(("product_code", "recorded_at")), VERSIONS)
#: By which operators list them, the newest first.
LISTED = Index(("facets", "recorded_at"))
#: What documents of now had in its place, and no query needs any more.
FORMER_LISTED = (Index(("next_try",)), Index(("product_code",)))


def _other_state(history: str) -> type[Mailbox] | None:
    return Mailbox if is_mailbox(history) else None


def _shown(version: Version[AlertState]) -> dict[str, Any]:
    waiting = version.state.waiting
    return {
        "next_try": waiting.next_try_at if waiting else None,
        "facets": list(facets_of(version.state)),
    }


VIEW: View[AlertState] = View(
    AlertState,
    fields=_shown,
    indexes=(LISTED,),
    shows=lambda history: not (is_contact(history) or is_token(history)),
    others=_other_state,
    shape=4,
)


class Alerts(Records):
    """The alerts, by the event that they are about."""

    def __init__(self, database: Database, *, clock: Clock, on_record: RecordListener = lambda _: None) -> None:
        super().__init__(database.collection("alerts"), clock=clock, on_record=on_record)
        self._contacts = Histories(self.collection, KnownContact)
        self._alerts = Histories(self.collection, AlertState)
        self._mailboxes = Histories(self.collection, Mailbox)

    async def prepare(self) -> None:
        """Create the index by which a product's alerts are found. Raise OutageError."""
        await self.collection.ensure_indexes(*INDEXES)

    async def alert(self, id: str) -> Version[AlertState] | None:
        """Return how an alert stands, None where nothing is on record of it. Raise OutageError."""
        return await self._alerts.newest(id)

    async def contact(self, product_code: str) -> Version[KnownContact] | None:
        """Return the newest contact of a product's producer, None where it was never changed. Raise OutageError."""
        return await self._contacts.newest(history_of(product_code))

    async def mailbox(self, of: str) -> Version[Mailbox] | None:
        """Return what waits in a mailbox, None where nothing ever has. Raise OutageError."""
        return await self._mailboxes.newest(of)

    async def due(self, records: Sequence[str]) -> dict[str, DueAlert]:
        """Return the alerts that these records hold until their time, by their keys. Raise OutageError."""
        found = [document for key in records if (document := await self.collection.find_by("_id", key))]
        holding = [document for document in found if "due_alert" in document]
        return {document["_id"]: DueAlert.model_validate(document["due_alert"]) for document in holding}

    async def has_later(self, alert: Alert, kinds: Iterable[str]) -> bool:
        """Return whether an alert of one of these kinds about the same product tells of what happened after it.

        Raises:
            OutageError: the database is away.
        """
        of_product = {"product_code": alert.product_code, "kind": {"$in": list(kinds)}}
        return (
            await self.collection.find_one({**of_product, "event.time": {"$gt": alert.time}}, only=("_id",)) is not None
        )
