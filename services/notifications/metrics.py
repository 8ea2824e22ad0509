"""What notifications counts, beside what every service does (docs/observability.md)."""

from typing import get_args

from prometheus_client import Counter

from shared.contracts.alert import ChannelName, Reason
from shared.contracts.catalogue import ALERT_DELIVERED, ALERT_FAILED
from shared.contracts.event import Event

ALERTS = Counter("ocop_alerts", "Alerts by channel and what came of an attempt to deliver them", ["channel", "result"])
for _channel in get_args(ChannelName):  # from 0: Prometheus sees no increase in what was not there before
    for _result in ("delivered", "unavailable", *get_args(Reason)):
        ALERTS.labels(_channel, _result)


def count(event: Event) -> None:
    """Count an alert that was put on record for the first time."""
    if event.type in {ALERT_DELIVERED.type, ALERT_FAILED.type}:
        ALERTS.labels(event.data["channel"], event.data.get("reason", "delivered")).inc()


def count_unavailable(channel: ChannelName) -> None:
    """Count an attempt that a channel could not take."""
    ALERTS.labels(channel, "unavailable").inc()
