"""Whether an alert has reached a producer."""

from typing import Literal

from shared.contracts.dossier import Language
from shared.contracts.text import Contract, Text

ChannelName = Literal["email", "webhook", "zalo", "sms", "log"]
Reason = Literal["refused", "attempts-used-up"]


class AlertDelivered(Contract):
    """The data of `alert.delivered`. Where it went is not repeated: an address is personal, the channel is not."""

    #: the alert; also in the mail's Message-ID
    alert_id: Text
    #: id of the event that the alert is about
    about: Text
    #: `log`: no mail server, or no address; a line in the log
    channel: ChannelName
    language: Language
    #: null for a rejected dossier
    product_code: Text | None = None


class AlertFailed(AlertDelivered):
    """The data of `alert.failed`: refused for good, or refused for the time being until the attempts were used up."""

    #: `refused` is for good
    reason: Reason
    #: reply codes, no address
    detail: Text
