"""Services that run in the test's own event loop, on a real broker and a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from services.evaluation.app import APP as EVALUATION
from services.notifications.app import APP as NOTIFICATIONS
from services.registry.app import APP as REGISTRY
from shared.clock import Clock, system_clock
from shared.handling.in_flight import HOLD_SECONDS
from shared.service import App, Service, build, serve
from shared.storage import database_of
from shared.system import SYSTEM, ServiceEntry
from tests.contract.smtp_server import Mailbox, smtp_server
from tests.integration.portal import PATIENCE_SECONDS
from tests.integration.probe import SYSTEM_WITH_PROBE
from tools.stack import LocalStack
from tools.stack.ports import free_ports

#: With the user that tests make themselves.
_INTEGRATIONS = Path(__file__).with_name("integrations.yaml")
#: A service of somebody's own, which the others know.
ASTRAY = ServiceEntry("astray", collection="none", reads=())

APPS: dict[str, App[Any]] = {
    app.name: replace(app, system=SYSTEM_WITH_PROBE.with_service(ASTRAY))
    for app in (REGISTRY, EVALUATION, NOTIFICATIONS)
}


@dataclass(frozen=True)
class System:
    """Where the services under test work."""

    amqp_url: str
    mailbox: Mailbox
    documents: dict[str, Any]

    def mails(self, alert_id: str) -> list[EmailMessage]:
        """Return the mails that arrived for one alert."""
        return [mail for mail in self.mailbox.mails() if str(mail["Message-ID"]).startswith(f"<{alert_id}@")]

    async def recorded(self, collection: str, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Read what a service has recorded, past the service's own code."""
        return [document async for document in self.documents[collection].find(query).sort("recorded_at")]

    async def until_recorded(self, collection: str, query: dict[str, Any]) -> None:
        """Wait until a service has recorded such a document."""
        async with asyncio.timeout(PATIENCE_SECONDS), await self.documents[collection].watch() as changes:
            while not await self.recorded(collection, query):
                await anext(changes)


@asynccontextmanager
async def running_system(stack: LocalStack) -> AsyncIterator[System]:
    """Run one instance of each service."""
    async with AsyncExitStack() as running:
        mailbox = Mailbox()
        smtp_url = f"smtp://{await running.enter_async_context(smtp_server(mailbox))}"
        for app in APPS.values():
            await running.enter_async_context(running_service(stack, app, smtp_url=smtp_url))
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(stack.mongo_url, tz_aware=True)
        running.push_async_callback(client.close)
        collections = {name: client[database_of(service)][name] for service, name in SYSTEM.collections.items()}
        yield System(stack.amqp_url, mailbox, collections)


@asynccontextmanager
async def running_service(
    stack: LocalStack,
    app: App[Any],
    *,
    hold_seconds: float = HOLD_SECONDS,
    clock: Clock = system_clock,
    **changed: Any,
) -> AsyncIterator[Service[Any]]:
    """Run one more instance of a service."""
    values: dict[str, Any] = {
        "amqp_url": stack.credentials(app.name).amqp_url,
        "mongo_url": stack.credentials(app.name).mongo_url or stack.mongo_url,
        "producer_key": stack.credentials(app.name).producer_key,
        "contact_public_key": stack.credentials(app.name).contact_public_key,
        "contact_private_keys": stack.credentials(app.name).contact_private_keys,
        "certificate_keys": stack.credentials(app.name).certificate_keys,
        "http_port": free_ports(1)[0],
        "integrations": _INTEGRATIONS,
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
