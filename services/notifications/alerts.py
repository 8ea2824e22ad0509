"""Record: the collection `alerts`. One document an alert, with the channel it took and whether it arrived."""

from datetime import datetime
from typing import Any

from services.notifications.plan import Alert
from shared.clock import Clock
from shared.contracts.alert import AlertDelivered, AlertFailed, Channel, Reason
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED
from shared.contracts.envelope import Event
from shared.handling.records import Records
from shared.handling.steps import Decision, handled_event
from shared.storage import Database, Document, Index

#: By which a product's are found.
INDEXES = (Index(("product_code", "recorded_at")),)


class Deliveries(Records):
    """The alerts, by the event they tell of."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        super().__init__(database.collection("alerts"), clock=clock)

    async def prepare(self) -> None:
        """Create the index by which a product's alerts are found. Raises OutageError."""
        await self.collection.ensure_indexes(*INDEXES)


def delivered(event: Event, alert: Alert, channel: Channel, *, source: str, now: datetime) -> Decision:
    """Return the record of an alert that its channel has taken over, and the event that says so."""
    data = AlertDelivered(**_common(alert), channel=channel)
    answer = event.answer(ALERT_DELIVERED, data, source=source, subject=_subject(event, alert), now=now)
    return Decision(event.key, (answer,), _record(event, alert, channel, outcome="delivered", detail=None))


def failed(
    event: Event, alert: Alert, channel: Channel, *, reason: Reason, detail: str, source: str, now: datetime
) -> Decision:
    """Return the record of an alert that did not arrive, and the event that says so."""
    data = AlertFailed(**_common(alert), channel=channel, reason=reason, detail=detail)
    answer = event.answer(ALERT_FAILED, data, source=source, subject=_subject(event, alert), now=now)
    return Decision(event.key, (answer,), _record(event, alert, channel, outcome=reason, detail=detail))


def _common(alert: Alert) -> dict[str, Any]:
    return {
        "alert_id": alert.id,
        "about": alert.about,
        "language": alert.language,
        "product_code": alert.product_code,
    }


def _subject(event: Event, alert: Alert) -> str:
    return alert.product_code or event.subject or event.id


def _record(event: Event, alert: Alert, channel: Channel, *, outcome: str, detail: str | None) -> Document:
    """Return what an alert's record shows: what was told, over which channel, and how it ended; no address."""
    return {
        "event": handled_event(event),
        "alert_id": alert.id,
        "kind": str(alert.kind),
        "product_code": alert.product_code,
        "language": alert.language,
        "subject": alert.subject,
        "channel": channel,
        "outcome": outcome,
        "detail": detail,
    }
