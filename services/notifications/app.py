"""Notifications as a table: what concerns producers and offices in, deliveries by each channel's own queue.

Of each alert `alert.delivered` or `alert.failed` comes out.
"""

from collections.abc import Sequence
from functools import partial

from services.notifications.alerts import VIEW
from services.notifications.context import Notifications
from services.notifications.delivering import TIMETABLE, deliver
from services.notifications.delivery_events import DELIVERY
from services.notifications.handlers import alert_to, contact_changed
from services.notifications.metrics import count
from services.notifications.settings import NotificationsSettings
from services.notifications.told import BY_TYPE
from shared.contracts.catalogue import CONTACT_CHANGED, PREFERENCES_CHANGED
from shared.handling.dispatcher import Handler
from shared.service import App, run

APP = App(
    "notifications",
    prepare=Notifications.prepared,
    settings=NotificationsSettings,
    handlers={
        **{kind: Handler(alert_to) for kind in BY_TYPE.values()},
        **{kind: Handler(partial(deliver, channel)) for channel, kind in DELIVERY.items()},
        CONTACT_CHANGED: Handler(contact_changed),
        PREFERENCES_CHANGED: Handler(contact_changed),
    },
    on_recorded=count,
    pages={"/channels": Notifications.checked},
    view=VIEW,
    timers=TIMETABLE,
    leave=Notifications.leave,
)


def main(arguments: Sequence[str] = ()) -> None:
    """Run notifications, or the job that the arguments name."""
    run(APP, arguments)
