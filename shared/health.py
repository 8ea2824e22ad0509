"""What a service says of itself over HTTP.

`/live` while the process runs, `/ready` while it can do its work, and why not; `/metrics` for Prometheus; `/docs` and
`/asyncapi.json` say what it reads and writes. A service may have pages of its own.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.asgi.handlers import GetHandler
from faststream.rabbit import RabbitBroker
from prometheus_client import CONTENT_TYPE_LATEST

from shared import metrics
from shared.settings import Settings

#: Made by `ocop contracts publish`; the pages load nothing and run nothing.
_DOCUMENTS = Path(__file__).parents[1] / "docs" / "asyncapi"
_HTML = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
    "x-content-type-options": "nosniff",
}
#: Of a service that has none of its own.
NO_PAGES: Mapping[str, Callable[[], Awaitable[Any]]] = {}
_TEXT = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
_METRICS = {"content-type": CONTENT_TYPE_LATEST}
_JSON = {"content-type": "application/json", "x-content-type-options": "nosniff"}


@dataclass(frozen=True)
class Health:
    """How a service is: what keeps it from its work, and of each server it needs why it is of no use (None: nothing).

    `settled_at` is when a message was last settled, None where none was.
    """

    fault: str | None
    servers: Mapping[str, str | None]
    settled_at: datetime | None

    def __str__(self) -> str:
        servers = [fault or f"{place} answers" for place, fault in self.servers.items()]
        why = next((each for each in servers if self.fault and self.fault in each), self.fault or "ready")
        last = "none yet" if self.settled_at is None else self.settled_at.isoformat()
        others = (each for each in servers if each not in why)  # what it waits for is mostly what ails a server
        return "\n".join((why, *others, f"last message handled: {last}"))


@contextlib.asynccontextmanager
async def serving_health(
    name: str,
    broker: RabbitBroker,
    settings: Settings,
    health: Callable[[], Awaitable[Health]],
    *,
    pages: Mapping[str, Callable[[], Awaitable[Any]]] = NO_PAGES,
) -> AsyncIterator[None]:
    """Serve these pages of a service for as long as the context lasts; `health` says how it is.

    `pages` are its own, by path: what they say as JSON, None while they cannot say anything.
    """

    async def now() -> tuple[str, bool]:
        try:
            state = await health()
        except asyncio.CancelledError:  # a stop closes the connections, and with them the question that is under way
            return "stopping", False
        return str(state), state.fault is None

    @get
    async def live(_: Any) -> AsgiResponse:
        return AsgiResponse(b"live\n", 200)

    @get
    async def ready(_: Any) -> AsgiResponse:
        words, works = await now()
        return AsgiResponse(f"{words}\n".encode(), 200 if works else 503, _TEXT)

    @get
    async def measured(_: Any) -> AsgiResponse:
        _, works = await now()
        metrics.READY.set(int(works))
        return AsgiResponse(metrics.exposition(), 200, _METRICS)

    app = AsgiFastStream(
        broker,
        asgi_routes=[
            ("/live", live),
            ("/ready", ready),
            ("/metrics", measured),
            ("/docs", _document(_DOCUMENTS / f"{name}.html", _HTML)),
            ("/asyncapi.json", _document(_DOCUMENTS / f"{name}.json", _JSON)),
            *((path, _said(says)) for path, says in pages.items()),
        ],
    )
    host, port = settings.http_host, settings.http_port
    config = uvicorn.Config(
        app, host=host, port=port, lifespan="off", log_config=None, access_log=False, server_header=False
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _said(says: Callable[[], Awaitable[Any]]) -> GetHandler:
    @get
    async def said(_: Any) -> AsgiResponse:
        found = await says()
        return AsgiResponse(json.dumps(found).encode(), 503 if found is None else 200, _JSON)

    return said


def _document(file: Path, headers: dict[str, str]) -> GetHandler:
    @get
    async def document(_: Any) -> AsgiResponse:
        try:
            return AsgiResponse(await asyncio.to_thread(file.read_bytes), 200, headers)
        except FileNotFoundError:  # a service of a test's own has none
            return AsgiResponse(b"no such page\n", 404)

    return document


class _Server(uvicorn.Server):
    """Uvicorn without signal handlers of its own: the service decides when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
