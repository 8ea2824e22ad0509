"""Notifications as a table: answers to producers in, `alert.delivered` or `alert.failed` out."""

from collections.abc import Sequence

from services.notifications.handlers import Notifications, send_alert
from services.notifications.metrics import count
from services.notifications.sending import AlertState
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.handling.dispatcher import Handler
from shared.handling.now import View
from shared.service import App, run

APP = App(
    "notifications",
    prepare=Notifications.prepared,
    handlers={
        PRODUCT_RATED: Handler(send_alert),
        DOSSIER_REJECTED: Handler(send_alert),
        ASSESSMENT_REJECTED: Handler(send_alert),
    },
    on_recorded=count,
    view=View(AlertState),
)


def main(arguments: Sequence[str] = ()) -> None:
    """Run notifications, or the job that the arguments name."""
    run(APP, arguments)
