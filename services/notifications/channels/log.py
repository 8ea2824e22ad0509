"""The log, for producers whom no channel reaches: no address, or no channel that is set up."""

from services.notifications.plan import Alert
from shared.logs import Action, log


def write_alert(alert: Alert) -> None:
    """Write that there is an alert, and nothing personal: no name, no address, no text."""
    log(
        Action.ALERT,
        alert_id=alert.id,
        about=alert.about,
        kind=alert.kind,
        product_code=alert.product_code,
        language=alert.language,
    )
