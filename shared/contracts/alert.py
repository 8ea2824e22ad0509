"""Whether a producer has been told."""

from typing import Literal

from shared.contracts.dossier import Language
from shared.contracts.text import Contract, Text

Channel = Literal["email", "log"]
Reason = Literal["refused", "attempts-used-up"]


class AlertDelivered(Contract):
    """The data of `alert.delivered`. Where it went is not repeated: an address is personal, the channel is not."""

    alert_id: Text
    about: Text
    channel: Channel
    language: Language
    product_code: Text | None = None


class AlertFailed(AlertDelivered):
    """The data of `alert.failed`: refused for good, or refused for the time being until the attempts were used up."""

    reason: Reason
    detail: Text
