"""A collector of traces as OpenTelemetry's exporters know one: OTLP over HTTP, in protobuf."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Collected:
    """A span as it arrived."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]


class Collector:
    """Takes spans, and keeps them."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._spans: list[Collected] = []
        self._more = threading.Condition()

    def take(self, path: str, body: bytes) -> None:
        """Take one request of an exporter."""
        if path != "/v1/traces":
            raise ValueError(path)
        request = ExportTraceServiceRequest.FromString(body)
        with self._more:
            self._spans += _spans(request)
            self._more.notify_all()

    def trace(self, trace_id: str, *, count: int, seconds: float) -> list[Collected]:
        """Wait until a trace has so many spans of messages, and return all that it has."""

        def found() -> list[Collected]:
            return [span for span in self._spans if span.trace_id == trace_id]

        with self._more:
            if not self._more.wait_for(
                lambda: sum("messaging.system" in s.attributes for s in found()) >= count, seconds
            ):
                raise TimeoutError(f"{len(found())} spans of {trace_id}")
            return found()


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a free port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            collector.take(self.path, gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.endpoint = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield collector
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _spans(request: ExportTraceServiceRequest) -> Iterator[Collected]:
    for resource in request.resource_spans:
        named = {each.key: each.value.string_value for each in resource.resource.attributes}
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            yield Collected(
                service=named["service.name"],
                name=span.name,
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                attributes={each.key: each.value.string_value or each.value.int_value for each in span.attributes},
            )
