"""What a service says of itself over HTTP: `/live` while the process runs, `/ready` while it can do its work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import uvicorn
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.rabbit import RabbitBroker

from shared.settings import Settings


@contextlib.asynccontextmanager
async def serving_health(
    broker: RabbitBroker, settings: Settings, fault: Callable[[], Awaitable[str | None]]
) -> AsyncIterator[None]:
    """Serve /live and /ready for as long as the context lasts; `fault` says what is missing, or None."""

    @get
    async def live(_: Any) -> AsgiResponse:
        return AsgiResponse(b"live\n", 200)

    @get
    async def ready(_: Any) -> AsgiResponse:
        missing = await fault()
        return AsgiResponse(f"{missing or 'ready'}\n".encode(), 503 if missing else 200)

    app = AsgiFastStream(broker, asgi_routes=[("/live", live), ("/ready", ready)])
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


class _Server(uvicorn.Server):
    """Uvicorn without signal handlers of its own: the service decides when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
