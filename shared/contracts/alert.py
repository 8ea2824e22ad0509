"""Whether an alert has reached whom it is for, and what notifications gives itself to do until then."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

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


def _utf8(data: dict[str, Any]) -> dict[str, Any]:
    json.dumps(data, ensure_ascii=False).encode()
    return data


#: What another contract knows, which UTF-8 can carry: JSON's escapes may spell half a surrogate pair.
Kept = Annotated[dict[str, Any], AfterValidator(_utf8)]


class KeptEvent(Contract):
    """An event as it is kept, with its attributes' CloudEvents names; `time` is RFC 3339."""

    id: Text
    source: Text
    type: Text
    data: Kept
    time: Text | None = None
    subject: Text | None = None
    correlationid: Text | None = None
    causationid: Text | None = None
    traceparent: Text | None = None
    place: Text | None = None
    filedby: Text | None = None
    sequence: Text | None = None


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
