"""What notifications counts, beside what every service does (docs/observability.md)."""

from typing import get_args

from prometheus_client import Counter

from services.notifications.channels.sms_text import Encoding
from shared.contracts.alert import ChannelName, Reason
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED
from shared.contracts.event import Event

ALERTS = Counter("ocop_alerts", "Alerts by channel and what came of an attempt to deliver them", ["channel", "result"])
for _channel in get_args(ChannelName):  # from 0: Prometheus sees no increase in what was not there before
    for _result in ("delivered", "unavailable", *get_args(Reason)):
        ALERTS.labels(_channel, _result)
#: what a provider bills
SMS_SEGMENTS = Counter("ocop_sms_segments", "Segments of text messages that a gateway took over", ["encoding"])
for _encoding in get_args(Encoding):
    SMS_SEGMENTS.labels(_encoding)


def count(event: Event) -> None:
    """Count an alert that was put on record for the first time."""
    if event.type in {ALERT_DELIVERED.type, ALERT_FAILED.type}:
        ALERTS.labels(event.data["channel"], event.data.get("reason", "delivered")).inc()


def count_unavailable(channel: ChannelName) -> None:
    """Count an attempt that a channel could not take."""
    ALERTS.labels(channel, "unavailable").inc()
