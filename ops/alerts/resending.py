"""`ocop alerts resend`: an alert goes to a channel once more, as a delivery of its own on that channel's queue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import aio_pika
from aio_pika.exceptions import DeliveryError

from ops.broker_access import Access, AccessError, connected
from ops.database_reader import Reader
from ops.dead_letters.replay import replay_exchange
from ops.history.announced import announced_event
from ops.history.records import understood
from ops.language import gettext as _
from ops.named import one_line
from services.notifications.alert_state import AlertState
from services.notifications.contacts import KnownContact, history_of
from services.notifications.delivery_events import DELIVERY, alert_event
from services.notifications.overtaking import overtaken_by
from shared.contracts.alert import Audience, ChannelName, DeliveryDue, DueAlert
from shared.contracts.event import Event
from shared.contracts.writing import event_document, write
from shared.errors import OutageError, TooManyError
from shared.storage import StoredDocument
from shared.system import SYSTEM

SERVICE = "notifications"
#: The CloudEvents `source` of what operators ask for.
SOURCE = "/ocop/alerts"
#: versions of one alert
_MOST = 1_000
_CHANNELS: Mapping[Audience, tuple[ChannelName, ...]] = {
    "producer": ("email", "zalo", "sms"),
    "office": ("email", "zalo", "sms"),
    "subscription": ("webhook",),
}


@dataclass(frozen=True)
class KnownAlert:
    """An alert as it stands, what is delivered of it, and what is known of the producer's contact since."""

    state: AlertState
    kind: str
    due: DueAlert
    contact: KnownContact | None = None

    def channel(self, asked: ChannelName | None) -> ChannelName:
        """Return the channel that is to have it. Raise AccessError where it cannot."""
        channel, possible = asked or self.state.channel, _CHANNELS[self.state.audience]
        if channel not in possible:
            said = _("{channel} sends nothing to this recipient: say --channel, one of {channels}")
            raise AccessError(said.format(channel=channel, channels=", ".join(possible)))
        preferences = self.contact.preferences if self.contact else None
        if preferences and channel in preferences.declined:
            raise AccessError(_("the producer declines {channel}: nothing goes there").format(channel=channel))
        return channel


def resent(alert: KnownAlert, channel: ChannelName, now: datetime) -> Event:
    """Return the delivery that hands an alert to a channel once more, under an id of its own."""
    about, state = alert_event(alert.due), alert.state
    data = DeliveryDue(
        delivery_id=alert.due.alert_id, audience=state.audience, to=state.to, again=True, alerts=(alert.due,)
    )
    subject = about.subject or about.id
    return about.answer(DELIVERY[channel], data, source=SOURCE, subject=subject, now=now, discriminator=str(uuid4()))


async def publish(access: Access, delivery: Event, channel: ChannelName) -> None:
    """Put a delivery on its channel's queue. Raise AccessError."""
    written, queue = write(delivery), SYSTEM[SERVICE].subscription(DELIVERY[channel]).queue
    message = aio_pika.Message(
        body=written.body,
        headers=dict(written.headers),
        content_type=written.content_type,
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        message_id=delivery.id,
        correlation_id=delivery.correlation_id,
        type=delivery.type,
        timestamp=delivery.time,
        user_id=access.user,
    )
    async with connected(access, name="ocop alerts resend") as connection:
        try:
            await (await replay_exchange(connection)).publish(message, queue)
        except DeliveryError as error:
            said = _("the broker did not take the delivery for {queue}: nothing is sent")
            raise AccessError(said.format(queue=queue)) from error


async def known_alert(reader: Reader, id: str) -> KnownAlert | None:
    """Return an alert, None where nothing is on record of it. Raise AccessError: it cannot be sent."""
    versions = await _recorded(reader, {"history.of": id}, order="history.version")
    if not versions:
        return None
    newest = versions[-1]
    with understood(newest):
        state, kind = AlertState.model_validate(newest["history"]["state"]), str(newest["kind"])
        due = _due(versions, id) or DueAlert(alert_id=id, event=event_document(await _event(reader, newest)))
        event, code = alert_event(due), newest["product_code"]
        await _require_news(reader, kind, code, event)
        contact = await _contact(reader, code) if code and state.audience == "producer" else None
    if contact and contact.sealed and contact.sequence > (event.sequence or 0):
        due = due.model_copy(update={"sealed_contact": contact.sealed})
    return KnownAlert(state, kind, due, contact)


def _due(versions: list[StoredDocument], id: str) -> DueAlert | None:
    """Return what is delivered of an alert, as one of its records has it: held, or with the delivery to its channel."""
    for each in versions:
        if "due_alert" in each:
            return DueAlert.model_validate(each["due_alert"])
        for event in each["announced"]:
            for due in event["data"].get("alerts", ()):
                if due["alert_id"] == id:
                    return DueAlert.model_validate(due)
    return None


async def _event(reader: Reader, newest: StoredDocument) -> Event:
    """Return the event that an alert is about, of which its own records have the id alone."""
    event = await announced_event(reader, newest["event"]["id"], newest["product_code"])
    if event is None:
        said = _("the event {id}, which it is about, is not on record any more")
        raise AccessError(said.format(id=one_line(newest["event"]["id"])))
    return event


async def _require_news(reader: Reader, kind: str, code: str | None, event: Event) -> None:
    """Make sure that an alert is not overtaken: nobody is told what is not so any more. Raise AccessError."""
    kinds = overtaken_by(kind)
    if not kinds or not code:
        return
    later = {"product_code": code, "kind": {"$in": sorted(kinds)}, "event.time": {"$gt": event.time}}
    if await _recorded(reader, later, order="recorded_at"):
        said = _("later news of {product} have overtaken it: it would tell what is not so any more")
        raise AccessError(said.format(product=one_line(code)))


async def _contact(reader: Reader, code: str) -> KnownContact | None:
    found = await _recorded(reader, {"history.of": history_of(code)}, order="history.version")
    return KnownContact.model_validate(found[-1]["history"]["state"]) if found else None


async def _recorded(reader: Reader, query: Mapping[str, Any], *, order: str) -> list[StoredDocument]:
    try:
        return await reader.find(SERVICE, SYSTEM.collections[SERVICE], query, order=order, limit=_MOST)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
