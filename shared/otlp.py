"""Traces through OpenTelemetry's SDK. Loaded only where they are wanted: see tracing.py.

No attribute holds personal data or a secret: an event's id is masked as in the log, and an error has none
of its words.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter, time_ns
from typing import Any

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.masking import mask_text

_PROPAGATOR = TraceContextTextMapPropagator()


class Otlp:
    """The spans of one service, sent in batches by a thread of their own; what finds no collector is dropped."""

    def __init__(self, service: str) -> None:
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: f"ocop-{service}"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("ocop")

    def handling(self, queue: str, traceparent: object, *, since: float, fields: Mapping[str, Any]) -> "MessageSpan":
        """Begin the span of a message, in the trace that it came with, or else in a new one."""
        carried = {"traceparent": traceparent} if isinstance(traceparent, str) else {}
        span = self._tracer.start_span(
            f"process {queue}",
            context=_PROPAGATOR.extract(carried, context=context.Context()),
            kind=SpanKind.CONSUMER,
            attributes=_attributes(queue, fields),
            start_time=time_ns() - int((perf_counter() - since) * 1e9),
        )
        context.attach(trace.set_span_in_context(span))  # for this task, which handles this message alone
        return MessageSpan(span)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Trace a step as a span below the message's own; its error is not repeated here."""
        if not trace.get_current_span().get_span_context().is_valid:
            yield
            return
        with self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False):
            yield

    def traceparent(self) -> str | None:
        """Return the current span as an event carries it."""
        span = trace.get_current_span()
        return _carried(span) if span.get_span_context().is_valid else None

    def flush(self, seconds: float) -> None:
        """Send what is left. A collector that does not answer is not waited for any longer than this."""
        flushing = threading.Thread(target=self._provider.shutdown, daemon=True)
        flushing.start()
        flushing.join(seconds)


class MessageSpan:
    """The span of one message."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        """What an event that follows carries."""
        return _carried(self._span)

    def end(self, ending: str, reason: str, *, failed: bool) -> None:
        """End it, and say how."""
        self._span.set_attribute("ocop.outcome", ending)
        if reason:
            self._span.set_attribute("ocop.reason", reason)
        if failed:
            self._span.set_status(Status(StatusCode.ERROR, reason))
        self._span.end()


def _carried(span: trace.Span) -> str:
    own = span.get_span_context()
    return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"


def _attributes(queue: str, fields: Mapping[str, Any]) -> dict[str, str | int]:
    """Return what a span says of its message, by OpenTelemetry's conventions for messaging where they have a name."""
    named = {
        "messaging.system": "rabbitmq",
        "messaging.operation.type": "process",
        "messaging.destination.name": queue,
        "messaging.message.id": fields.get("event_id"),
        "messaging.message.conversation_id": fields.get("correlation_id"),
        "cloudevents.event_type": fields.get("event_type"),
        "ocop.attempt": fields.get("attempt"),
    }
    given = {name: value for name, value in named.items() if value is not None}
    return {name: mask_text(value) if isinstance(value, str) else value for name, value in given.items()}
