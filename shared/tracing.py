"""Traces: one dossier is one trace, from its intake to its alert (OpenTelemetry, exported by OTLP over HTTP).

Events carry `traceparent` (CloudEvents' extension for distributed tracing). Nothing of the SDK is loaded unless
`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set; the SDK reads its other `OTEL_…` settings
from the environment too.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Span(Protocol):
    """What happens to one message."""

    @property
    def traceparent(self) -> str:
        """What an event that follows carries, to become this span's child."""

    def end(self, ending: str, reason: str, *, failed: bool) -> None:
        """End it, and say how."""


class Tracing(Protocol):
    """What shared/otlp.py does."""

    def handling(self, queue: str, traceparent: object, *, since: float, fields: Mapping[str, Any]) -> Span:
        """Begin the span of a message that came with this `traceparent`, or none, and was taken at `since`."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """Trace a step of the handling as a span below the message's own."""

    def traceparent(self) -> str | None:
        """Return what an event that is written now carries."""

    def flush(self, seconds: float) -> None:
        """Send what was not sent yet, as far as it can be done in so many seconds."""


#: None where nobody collects traces.
sdk: Tracing | None = None

#: Traces what happens in its context as a span of its own, by the name of the step, where traces are collected.
step: Callable[[str], AbstractContextManager[object]] = nullcontext


def start_tracing(service: str) -> None:
    """Collect spans from now on, where the environment says where to send them."""
    global sdk, step  # noqa: PLW0603  # a process has one, and the hot path asks for it with every message
    if any(os.environ.get(name) for name in _ENDPOINTS):
        from shared.otlp import Otlp  # noqa: PLC0415  # costs nothing where it is not wanted

        sdk = Otlp(service)
        step = sdk.step


def traceparent() -> str | None:
    """Return what an event that is written now carries, None where nobody collects traces."""
    return sdk.traceparent() if sdk else None
