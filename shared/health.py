"""What a service says of itself over HTTP.

`/live` while the process runs, `/ready` while it can do its work; `/docs` and `/asyncapi.json` say what it reads and
writes.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.asgi.handlers import GetHandler
from faststream.rabbit import RabbitBroker

from shared.settings import Settings

#: Made by `ocop contracts publish`; the pages load nothing and run nothing.
_DOCUMENTS = Path(__file__).parents[1] / "docs" / "asyncapi"
_HTML = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
    "x-content-type-options": "nosniff",
}
_JSON = {"content-type": "application/json", "x-content-type-options": "nosniff"}


@contextlib.asynccontextmanager
async def serving_health(
    name: str, broker: RabbitBroker, settings: Settings, fault: Callable[[], Awaitable[str | None]]
) -> AsyncIterator[None]:
    """Serve these pages of a service for as long as the context lasts; `fault` says what is missing, or None."""

    @get
    async def live(_: Any) -> AsgiResponse:
        return AsgiResponse(b"live\n", 200)

    @get
    async def ready(_: Any) -> AsgiResponse:
        missing = await fault()
        return AsgiResponse(f"{missing or 'ready'}\n".encode(), 503 if missing else 200)

    app = AsgiFastStream(
        broker,
        asgi_routes=[
            ("/live", live),
            ("/ready", ready),
            ("/docs", _document(_DOCUMENTS / f"{name}.html", _HTML)),
            ("/asyncapi.json", _document(_DOCUMENTS / f"{name}.json", _JSON)),
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
