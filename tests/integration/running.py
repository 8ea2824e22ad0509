"""Services that run in the test's own event loop, on a real broker and a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient

from shared.clock import Clock, system_clock
from shared.handling.in_flight import HOLD_SECONDS
from shared.service import App, Service
from shared.storage import database_of
from shared.system import SYSTEM, ServiceEntry
from tests.contract.smtp_server import Mailbox, smtp_server
from tests.integration.portal import PATIENCE_SECONDS
from tests.integration.probe import SYSTEM_WITH_PROBE
from tools import running
from tools.running import running_service as in_this_process
from tools.stack import LocalStack

#: With the user that tests make themselves.
_INTEGRATIONS = Path(__file__).with_name("integrations.yaml")
#: A service of somebody's own, which the others know.
ASTRAY = ServiceEntry("astray", collection="none", reads=())

APPS: dict[str, App[Any]] = {
    app.name: replace(app, system=SYSTEM_WITH_PROBE.with_service(ASTRAY)) for app in running.APPS.values()
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


def running_service(
    stack: LocalStack,
    app: App[Any],
    *,
    hold_seconds: float = HOLD_SECONDS,
    clock: Clock = system_clock,
    **changed: Any,
) -> AbstractAsyncContextManager[Service[Any]]:
    """Run one more instance of a service, which knows the integrations of the tests unless told others."""
    known = {"integrations": _INTEGRATIONS, **changed}
    return in_this_process(stack, app, hold_seconds=hold_seconds, clock=clock, **known)
