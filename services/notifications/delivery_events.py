"""Decide: the messages by which notifications gives deliveries to its channels."""

from collections.abc import Mapping
from datetime import datetime

from services.notifications import SOURCE
from shared.contracts.alert import Audience, ChannelName, DeliveryDue, DueAlert
from shared.contracts.catalogue import DELIVERY_EMAIL, DELIVERY_SMS, DELIVERY_WEBHOOK, DELIVERY_ZALO, EventType
from shared.contracts.event import Event
from shared.contracts.writing import event_in

#: The task of each channel that has a queue.
DELIVERY: Mapping[ChannelName, EventType[DeliveryDue]] = {
    "email": DELIVERY_EMAIL,
    "webhook": DELIVERY_WEBHOOK,
    "zalo": DELIVERY_ZALO,
    "sms": DELIVERY_SMS,
}


def alert_event(due: DueAlert) -> Event:
    """Return the event that an alert is about."""
    return event_in(due.event)


def delivery_event(
    due: DueAlert, channel: ChannelName, audience: Audience, to: str | None, *, now: datetime, again: str = ""
) -> Event:
    """Return the task that hands one alert to a channel; `again` says for which time beside the first."""
    about = alert_event(due)
    data = DeliveryDue(delivery_id=due.alert_id, audience=audience, to=to, alerts=(due,))
    return about.answer(
        DELIVERY[channel],
        data,
        source=SOURCE,
        subject=about.subject or about.id,
        now=now,
        discriminator=f"{due.alert_id} {again}".strip(),
    )
