"""The three services in one process, with a clock that can be set: years of a product's life in seconds."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from services.evaluation.app import APP as EVALUATION
from services.notifications.app import APP as NOTIFICATIONS
from services.registry.app import APP as REGISTRY
from shared.clock import Clock, system_clock
from shared.handling.in_flight import HOLD_SECONDS
from shared.service import App, Service, build, serve
from tools.local_settings import AT_ONCE
from tools.stack import LocalStack
from tools.stack.ports import free_ports

APPS: Mapping[str, App[Any]] = {app.name: app for app in (REGISTRY, EVALUATION, NOTIFICATIONS)}


@dataclass
class SetClock:
    """A clock that stands still until it is set; then the timers of its services look."""

    now: datetime
    services: list[Service[Any]] = field(default_factory=list)

    def __call__(self) -> datetime:
        """Return the instant to which it is set, UTC."""
        return self.now

    def set(self, now: datetime) -> None:
        """Set the clock, and have what is due by then handled."""
        self.now = now
        for service in self.services:
            if service.timers:
                service.timers.waken()


@asynccontextmanager
async def running_service(
    stack: LocalStack,
    app: App[Any],
    *,
    integrations: Path,
    hold_seconds: float = HOLD_SECONDS,
    clock: Clock = system_clock,
    **changed: Any,
) -> AsyncIterator[Service[Any]]:
    """Run one more instance of a service in this process."""
    credentials = stack.credentials(app.name)
    values: dict[str, Any] = {
        **{name.removeprefix("OCOP_").lower(): value for name, value in credentials.settings.items()},
        "mongo_url": credentials.mongo_url or stack.mongo_url,
        "http_port": free_ports(1)[0],
        "integrations": integrations,
        **{name.removeprefix("OCOP_").lower(): value for name, value in AT_ONCE.items()},
        **changed,
    }
    settings, stop = app.settings(_env_file=None, **values), asyncio.Event()
    service = build(app, settings, clock=clock, hold_seconds=hold_seconds)
    serving = asyncio.create_task(serve(service, stop))
    starting = asyncio.create_task(service.started.wait())
    await asyncio.wait({serving, starting}, return_when=asyncio.FIRST_COMPLETED)
    starting.cancel()
    if serving.done():
        serving.result()
    try:
        yield service
    finally:
        stop.set()
        await serving


@asynccontextmanager
async def running_services(stack: LocalStack, clock: SetClock, *, integrations: Path) -> AsyncIterator[None]:
    """Run one instance of each service by this clock."""
    async with AsyncExitStack() as running:
        for app in APPS.values():
            service = await running.enter_async_context(
                running_service(stack, app, integrations=integrations, clock=clock, smtp_url=stack.smtp_url)
            )
            clock.services.append(service)
        yield
