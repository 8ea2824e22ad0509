"""Whether an alert has reached whom it is for, and what notifications gives itself to do until then."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.contracts.dossier import Language, Preferences, Sealed
from shared.contracts.text import Contract, Text

ChannelName = Literal["email", "webhook", "zalo", "sms", "log"]
Reason = Literal["refused", "attempts-used-up", "declined"]
#: For whom an alert is: the producer, an office of the programme, or a webhook's subscription.
Audience = Literal["producer", "office", "subscription"]


class AlertDelivered(Contract):
    """The data of `alert.delivered`. Where it went is not repeated: an address is personal, the channel is not."""

    #: the alert; also in the mail's Message-ID
    alert_id: Text
    #: id of the event that the alert is about
    about: Text
    #: `log`: no channel is set up that reaches her; a line in the log
    channel: ChannelName
    language: Language
    #: null for a rejected dossier
    product_code: Text | None = None
    #: for whom it is
    audience: Audience = "producer"
    #: the name of the office or of the subscription; null for a producer
    to: Text | None = None


class TriedChannel(Contract):
    """A channel that did not take an alert over, and why."""

    channel: ChannelName
    reason: Reason
    #: reply codes, no address
    detail: Text


class AlertFailed(AlertDelivered):
    """The data of `alert.failed`: no channel took it over, for good or until the attempts were used up.

    The channel, the reason and the detail are those of the last one.
    """

    #: `refused` is for good; `declined`: she declines every channel, and gets the result on paper (Art. 7.3g)
    reason: Reason
    #: reply codes, no address
    detail: Text
    #: the alert in one line: it names the product, and no person
    subject: Text | None = None
    #: every channel that was tried, the first first
    tried: tuple[TriedChannel, ...] = ()


class KeptEvent(Contract):
    """An event as it is kept, with its attributes' CloudEvents names; `time` is RFC 3339."""

    id: str
    source: str
    type: str
    data: dict[str, Any]
    time: str | None = None
    subject: str | None = None
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None
    place: str | None = None
    filedby: str | None = None
    sequence: str | None = None


class DueAlert(Contract):
    """An alert that is to be delivered."""

    alert_id: Text
    #: the event that it is about
    event: KeptEvent
    #: how the producer can be reached, where that was changed after the event
    sealed_contact: Sealed | None = None
    #: how she wants to be alerted, where she has said so beside her dossier
    preferences: Preferences | None = None


class DeliveryDue(Contract):
    """The data of `delivery.email` and its like: alerts to one address that a channel is to hand over now.

    Nobody but notifications reads it.
    """

    #: always the same for the same delivery, of one alert the alert's: Message-ID, idempotency key
    delivery_id: Text
    #: for whom it is
    audience: Audience
    #: the name of the office or of the subscription; null for a producer
    to: Text | None = None
    #: whether an operator has asked for it once more: it goes out though it has arrived
    again: bool = False
    #: one, or the alerts of a digest
    alerts: Annotated[tuple[DueAlert, ...], Field(min_length=1, max_length=200)]
