"""What a delivery leaves behind when it ends: one line in the log, the counts, and its span in the dossier's trace.

The only place that writes them; docs/observability.md explains every word of it.
"""

import traceback
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Any, Literal

from shared import metrics, tracing
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.event import Event
from shared.errors import OutageError
from shared.handling.outcome import Answered, DeadLetter, Decision, Outcome, Retry
from shared.logs import Action, log
from shared.messaging.delivery import Delivery
from shared.messaging.topology import Subscription

#: What became of a message.
OutcomeLabel = Literal["answered", "recorded", "rejected", "repeated", "delayed", "dead", "given-back", "failed"]


def begin_counting(subscription: Subscription) -> None:
    """Start the counters of alerting rules at 0: Prometheus sees no increase in what was not there before."""
    for reason in ("error", "outage", "try-later", *(("too-early",) if subscription.early else ())):
        metrics.MESSAGES.labels(subscription.event_type.name, "delayed", reason)


class DeliveryTelemetry:
    """The telemetry of one delivery that was read; `started` is the performance counter's time when it was taken.

    `delivery` is the delivery as part of a span of its own, so that what answers its event becomes the span's child;
    where nobody collects traces it stays as it is, and its trace goes on without us. `fields` is what every line that
    is logged meanwhile says of it.
    """

    def __init__(self, queue: str, delivery: Delivery, *, now: datetime, started: float) -> None:
        self._started, self._type = started, delivery.event_type.name
        self._span: tracing.Span | None = None
        self._recorded = False
        event_id = delivery.named[1] if delivery.named else None
        self.fields: dict[str, Any] = {
            "queue": queue,
            "event_type": self._type,
            "attempt": delivery.sender.attempt,
            "event_id": event_id,
            "correlation_id": delivery.correlation_id or event_id,
        }
        if delivery.sent_at and not delivery.sender.is_copy:  # a copy has waited on purpose
            age_seconds = (now - delivery.sent_at).total_seconds()
            metrics.MESSAGE_AGE_SECONDS.labels(self._type).observe(max(age_seconds, 0))
        self.delivery = delivery if tracing.sdk is None else self._traced(delivery, tracing.sdk)

    def _traced(self, delivery: Delivery, sdk: tracing.Tracing) -> Delivery:
        content = delivery.content
        carried = content.traceparent if isinstance(content, Event) else delivery.traceparent
        self._span = sdk.handling(self.fields["queue"], carried, since=self._started, fields=self.fields)
        if not isinstance(content, Event):
            return delivery
        return replace(delivery, content=replace(content, traceparent=self._span.traceparent))

    def held(self, outage: OutageError) -> None:
        """Remember of a try that failed whether it has put the answer on record: it is no repeat then."""
        self._recorded |= outage.recorded

    def settled(self, outcome: Outcome) -> None:
        """Log that the message was acknowledged, and why."""
        match outcome:
            case Answered(decision):
                label: OutcomeLabel = _label(decision, recorded=self._recorded)
                log(Action.ANSWER, **self._end(label), **_product(decision))
            case Retry(reason, detail):
                log(Action.DELAY, **self._end("delayed", reason), detail=detail)
            case DeadLetter(reason, detail):
                log(Action.DEAD_LETTER, **self._end("dead", reason), detail=detail)

    def given_back(self) -> None:
        """Count that the message went back to its queue; how many did so, and why, is logged once for all."""
        self._end("given-back")

    def failed(self, error: Exception) -> None:
        """Log that the message could not even be transferred, and goes back to its queue."""
        log_bug(error, **self._end("failed", "error"))

    def _end(self, label: OutcomeLabel, reason: str = "") -> dict[str, Any]:
        """Count the message, end its span, and return what its line says of the message and its end."""
        seconds = perf_counter() - self._started
        metrics.MESSAGES.labels(self._type, label, reason).inc()
        metrics.MESSAGE_SECONDS.labels(self._type).observe(seconds)
        if self._span:
            self._span.end(label, reason, failed=label in {"dead", "failed"})
        fields: dict[str, Any] = {**self.fields, "outcome": label, "milliseconds": round(seconds * 1000, 1)}
        return fields | {"reason": reason} if reason else fields


def reading_failed(subscription: Subscription, error: Exception) -> None:
    """Count and log that a message could not even be read, and goes back to its queue: all that is known is which."""
    metrics.MESSAGES.labels(subscription.event_type.name, "failed", "error").inc()
    log_bug(error, queue=subscription.queue, outcome="failed", reason="error")


def log_bug(error: Exception, **fields: Any) -> None:
    """Log where the code broke, without the error's own words, which may repeat a value of the message."""
    stack = "".join(traceback.format_tb(error.__traceback__))
    log(Action.FAIL, error=type(error).__name__, traceback=stack, **fields)


def _label(decision: Decision | None, *, recorded: bool) -> OutcomeLabel:
    if decision is None:
        return "answered"
    if decision.repeated and not recorded:
        return "repeated"
    return "rejected" if any(BY_TYPE[event.type].is_rejection for event in decision.announced) else "recorded"


def _product(decision: Decision | None) -> dict[str, str]:
    """Return the product's code as the answer has it: that of a dossier may be anything."""
    codes = (event.data.get("product_code") for event in decision.announced) if decision else ()
    return next(({"product_code": code} for code in codes if code), {})
