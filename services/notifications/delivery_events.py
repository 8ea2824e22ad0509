"""Decide: the messages by which notifications gives deliveries to its channels."""

from collections.abc import Mapping
from datetime import datetime

from services.notifications import SOURCE
from services.notifications.told import BY_TYPE
from shared.contracts.alert import Audience, ChannelName, DeliveryDue, DueAlert, KeptEvent
from shared.contracts.catalogue import DELIVERY_EMAIL, DELIVERY_SMS, DELIVERY_WEBHOOK, DELIVERY_ZALO, EventType
from shared.contracts.envelope import could_be_read
from shared.contracts.event import BrokenContractError, Event, contents
from shared.contracts.writing import event_document, event_in

#: The task of each channel that has a queue.
DELIVERY: Mapping[ChannelName, EventType[DeliveryDue]] = {
    "email": DELIVERY_EMAIL,
    "webhook": DELIVERY_WEBHOOK,
    "zalo": DELIVERY_ZALO,
    "sms": DELIVERY_SMS,
}


def kept(event: Event) -> KeptEvent:
    """Return an event as a delivery has it: of its data what its contract knows, since it is kept.

    Raises:
        BrokenContractError: its data is not what its contract says.
    """
    data = contents(event, BY_TYPE[event.type].model).model_dump(mode="json")
    return KeptEvent.model_validate({**event_document(event), "data": data})


def alert_event(due: DueAlert) -> Event:
    """Return the event that an alert is about. Raise BrokenContractError where nobody is alerted to such a one."""
    try:
        event = event_in(due.event.model_dump())
    except ValueError as error:
        raise BrokenContractError(f"the event of an alert: {error}") from None
    if not could_be_read(event):
        raise BrokenContractError("the event of an alert: an attribute is none that a message could have")
    if event.type not in BY_TYPE:
        raise BrokenContractError("the event of an alert: nobody is alerted to its type")
    return event


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
