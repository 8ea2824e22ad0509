"""What is told of a delivery when it ends: one line in the log, the counts, and its span in the dossier's trace.

The only place that does so; docs/observability.md explains every word of it.
"""

import traceback
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any, Literal, get_args

import structlog
from aio_pika.abc import AbstractIncomingMessage

from shared import metrics, tracing
from shared.contracts.alert import Channel, Reason
from shared.contracts.catalogue import ALERT_DELIVERED, ASSESSMENT_REJECTED, DOSSIER_REJECTED, PRODUCT_RATED
from shared.contracts.envelope import Event, readable_id, usable_id
from shared.errors import OutageError
from shared.handling.steps import Decision
from shared.messaging.sender import attempt, is_copy
from shared.messaging.topology import PUBLICATIONS, Subscription

#: What became of a message.
Ending = Literal["answered", "recorded", "rejected", "repeated", "delayed", "dead", "given-back", "failed"]

_REJECTIONS = frozenset({DOSSIER_REJECTED.type, ASSESSMENT_REJECTED.type})
#: Ends the reason of a delay where the channel of an alert is away: `email-unavailable`.
_UNAVAILABLE = "-unavailable"

log = structlog.get_logger()


def begin_counting(subscription: Subscription) -> None:
    """Let what is alerted on be counted from 0: Prometheus sees no increase in what was not there before."""
    announced = PUBLICATIONS.get(subscription.service, ())
    for reason in ("error", "outage", "try-later"):
        metrics.MESSAGES.labels(subscription.event_type.name, "delayed", reason)
    if PRODUCT_RATED in announced:
        for stars in ("none", 1, 2, 3, 4, 5):
            metrics.PRODUCTS_RATED.labels(stars)
    if ALERT_DELIVERED in announced:
        for channel in get_args(Channel):
            for result in ("delivered", "unavailable", *get_args(Reason)):
                metrics.ALERTS.labels(channel, result)


class DeliveryTelemetry:
    """The account of one delivery, from the moment when it is taken in flight."""

    def __init__(
        self, subscription: Subscription, message: AbstractIncomingMessage, *, own_user: str, now: datetime
    ) -> None:
        self._started = perf_counter()
        self._type, self._queue = subscription.event_type.name, subscription.queue
        self._attempt = attempt(message, own_user=own_user)
        self._story = _story(message)
        self._span: tracing.Span | None = None
        self._recorded = False
        if message.timestamp and not is_copy(message, own_user=own_user):  # a copy has waited on purpose
            age_seconds = (now - message.timestamp).total_seconds()
            metrics.MESSAGE_AGE_SECONDS.labels(self._type).observe(max(age_seconds, 0))

    @property
    def fields(self) -> dict[str, Any]:
        """What every line that is logged meanwhile says of the message."""
        return {"queue": self._queue, "event_type": self._type, "attempt": self._attempt, **self._story}

    def traced(self, event: Event) -> Event:
        """Return the event as part of this delivery's span, so that what answers it becomes the span's child.

        Where nobody collects traces it stays as it is: its trace goes on without us.
        """
        if tracing.sdk is None:
            return event
        return replace(event, traceparent=self._begun(event.traceparent))

    def unread(self, message: AbstractIncomingMessage) -> None:
        """Begin the span of a message that cannot be read, as far as its headers tell of a trace."""
        if tracing.sdk is not None:
            self._begun(message.headers.get("ce-traceparent"))

    def held(self, outage: OutageError) -> None:
        """Remember of a try that failed whether it has put the answer on record: it is no repeat then."""
        self._recorded |= outage.recorded

    def answered(self, decision: Decision | None) -> None:
        """Tell that the message is answered."""
        ending: Ending = _ending(decision, recorded=self._recorded)
        log.info("answered", action="answer", **self._end(ending), **_product(decision))

    def delayed(self, reason: str, detail: str) -> None:
        """Tell that the message waits in the broker to be tried again."""
        if reason.endswith(_UNAVAILABLE):
            metrics.ALERTS.labels(reason.removesuffix(_UNAVAILABLE), "unavailable").inc()
        log.warning("delayed", action="delay", **self._end("delayed", reason), detail=detail)

    def dead_lettered(self, reason: str, detail: str) -> None:
        """Tell that the message was kept as a dead letter."""
        log.error("dead-lettered", action="dead-letter", **self._end("dead", reason), detail=detail)

    def given_back(self) -> None:
        """Count that the message went back to its queue; how many did so, and why, is logged once for all."""
        self._end("given-back")

    def failed(self, error: Exception) -> None:
        """Tell that the message could not even be put away, and goes back to its queue."""
        log_bug(error, **self._end("failed", "error"))

    def _begun(self, traceparent: object) -> str | None:
        if self._span is None and tracing.sdk is not None:
            self._span = tracing.sdk.handling(self._queue, traceparent, since=self._started, fields=self.fields)
        return self._span.traceparent if self._span else None

    def _end(self, ending: Ending, reason: str = "") -> dict[str, Any]:
        """Count the message, end its span, and give what its line says of the end."""
        seconds = perf_counter() - self._started
        metrics.MESSAGES.labels(self._type, ending, reason).inc()
        metrics.MESSAGE_SECONDS.labels(self._type).observe(seconds)
        if self._span:
            self._span.end(ending, reason, failed=ending in {"dead", "failed"})
        fields: dict[str, Any] = {"outcome": ending, "milliseconds": round(seconds * 1000, 1)}
        return fields | {"reason": reason} if reason else fields


def log_bug(error: Exception, **fields: Any) -> None:
    """Tell where the code broke, without the error's own words, which may repeat a value of the message."""
    stack = "".join(traceback.format_tb(error.__traceback__))
    log.error("failed", action="fail", error=type(error).__name__, traceback=stack, **fields)


def _ending(decision: Decision | None, *, recorded: bool) -> Ending:
    if decision is None:
        return "answered"
    if decision.repeated and not recorded:
        return "repeated"
    return "rejected" if any(event.type in _REJECTIONS for event in decision.announced) else "recorded"


def _product(decision: Decision | None) -> dict[str, str]:
    """Return the product's code as the answer has it: that of a dossier may be anything."""
    codes = (event.data.get("product_code") for event in decision.announced) if decision else ()
    return next(({"product_code": code} for code in codes if code), {})


def _story(message: AbstractIncomingMessage) -> dict[str, str | None]:
    """Return what a log line says of a message: its event, and the event that its story began with."""
    named = readable_id(message.headers, message.content_type, message.body, message_id=message.message_id)
    event_id = named[1] if named else None
    return {"event_id": event_id, "correlation_id": usable_id(message.headers.get("ce-correlationid")) or event_id}
