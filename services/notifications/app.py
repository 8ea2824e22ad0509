"""Notifications as a table: answers to producers in, `alert.delivered` or `alert.failed` out."""

from services.notifications.handlers import Notifications, send_alert
from services.notifications.metrics import count
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.service import App, Handler, run

APP = App(
    "notifications",
    prepare=Notifications.prepared,
    handlers={
        PRODUCT_RATED: Handler(send_alert),
        DOSSIER_REJECTED: Handler(send_alert),
        ASSESSMENT_REJECTED: Handler(send_alert),
    },
    on_recorded=count,
)


def main() -> None:
    """Run notifications."""
    run(APP)
