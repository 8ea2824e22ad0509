"""The log as a channel, for producers without an address and installations without a mail server."""

from typing import Literal

from services.notifications.channels import ChannelCheck, Delivered
from services.notifications.plan import Alert
from shared.logs import Action, log


class LogChannel:
    """Writes that there is an alert, and nothing personal: no name, no address, no text."""

    name: Literal["log"] = "log"
    repeats_annoy: Literal[False] = False

    async def check(self) -> ChannelCheck:
        """Return that it takes every alert over."""
        return ChannelCheck(self.name, "this service's log")

    async def deliver(self, alert: Alert) -> Delivered:
        """Write the alert to the log."""
        log(
            Action.ALERT,
            alert_id=alert.id,
            about=alert.about,
            kind=alert.kind,
            product_code=alert.product_code,
            language=alert.language,
        )
        return Delivered()
