"""Which channel an alert takes."""

from services.notifications.channels import Channel
from services.notifications.channels.log import LogChannel
from services.notifications.plan import Alert


def choose(alert: Alert, mail: Channel | None) -> Channel:
    """Return the mail channel where there is one and the producer has an address, the log otherwise."""
    return mail if mail and alert.email else LogChannel()
