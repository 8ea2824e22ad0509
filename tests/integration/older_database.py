"""A stack whose database is brought back to an older state than its broker's."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from pymongo import AsyncMongoClient

from shared.storage import database_of
from shared.system import SYSTEM
from tests.integration.dossiers import COMMUNES, new_dossier
from tests.integration.operator import integration
from tests.integration.portal import SOURCE, TYPE, Portal, opened_portal
from tests.integration.running import APPS, running_service
from tools.stack import LocalStack

COMMUNE = next(COMMUNES)
PORTAL = "integration.portal"


@asynccontextmanager
async def at_work(stack: LocalStack) -> AsyncIterator[Portal]:
    """Run the services; at the end they finish what they have in flight."""
    async with AsyncExitStack() as opened:
        portal = await opened.enter_async_context(opened_portal(stack.amqp_url))
        for name in APPS:
            await opened.enter_async_context(running_service(stack, APPS[name]))
        yield portal


async def filed(stack: LocalStack, *dossiers: dict[str, Any], key: str = "dossier.filed.v1", **more: Any) -> list[str]:
    """File dossiers at once, as an integration, and give their ids."""
    ids = [str(uuid4()) for _ in dossiers]
    async with integration(stack) as sender:
        for_each = (
            sender.send(
                json.dumps(dossier).encode(),
                headers={"ce-specversion": "1.0", "ce-id": id, "ce-source": SOURCE, "ce-type": TYPE, **more},
                routing_key=key,
                user_id=PORTAL,
            )
            for id, dossier in zip(ids, dossiers, strict=True)
        )
        await asyncio.gather(*for_each)
    return ids


def new(count: int) -> list[dict[str, Any]]:
    return [new_dossier(commune_code=COMMUNE) for _ in range(count)]


async def answers(portal: Portal, ids: list[str], *, name: str = "product.submitted") -> dict[str, tuple[str, str]]:
    """Return id and product code of the answer to each dossier."""
    events = [await portal.event(id, name) for id in ids]
    return {str(event.correlation_id): (event.id, event.data["product_code"]) for event in events}


async def bring_back_to(stack: LocalStack, moment: datetime) -> dict[str, list[dict[str, Any]]]:
    """Make the database what it was then: records are only ever inserted. Return those that are lost, by service."""
    since, lost = {"recorded_at": {"$gt": moment}}, {}
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url, tz_aware=True) as client:
        for service, name in SYSTEM.collections.items():
            collection = client[database_of(service)][name]
            lost[service] = [document async for document in collection.find(since)]
            await collection.delete_many(since)
    return lost


async def put_back(stack: LocalStack, service: str, records: list[dict[str, Any]]) -> None:
    """Put records back that were lost."""
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        await client[database_of(service)][SYSTEM.collections[service]].insert_many(records)
