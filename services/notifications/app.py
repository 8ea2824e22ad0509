"""Notifications as a table: answers to producers in, `alert.delivered` or `alert.failed` out."""

from collections.abc import Sequence

from services.notifications.contacts import is_contact
from services.notifications.handlers import Notifications, contact_changed, send_alert
from services.notifications.metrics import count
from services.notifications.sending import AlertState
from services.notifications.settings import NotificationsSettings
from services.notifications.told import ALERTED
from shared.contracts.catalogue import CONTACT_CHANGED
from shared.handling.dispatcher import Handler
from shared.handling.now import View
from shared.service import App, run

APP = App(
    "notifications",
    prepare=Notifications.prepared,
    settings=NotificationsSettings,
    handlers={
        **{kind: Handler(send_alert) for kind in ALERTED},
        CONTACT_CHANGED: Handler(contact_changed),
    },
    on_recorded=count,
    pages={"/channels": Notifications.channels},
    view=View(AlertState, shows=lambda of: not is_contact(of)),
)


def main(arguments: Sequence[str] = ()) -> None:
    """Run notifications, or the job that the arguments name."""
    run(APP, arguments)
