"""The tokens of Zalo in a real database."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import trustme

from services.notifications.channels import Delivered, Unavailable
from shared.storage import Collection, Database
from tests.contract.zalo_server import AUTHORISED
from tests.contract.zalo_stage import DELIVERY, RENEWED_AFTER, zalo_stage
from tools.stack import LocalStack


@dataclass(frozen=True)
class _OwnCollection:
    """A database that has one collection."""

    only: Collection

    def collection(self, _: str) -> Collection:
        return self.only


async def test_of_many_instances_one_uses_a_refresh_token_and_a_restart_goes_on(
    stack: LocalStack, tmp_path: Path
) -> None:
    database = Database(stack.mongo_url, service="storage-tests")
    async with zalo_stage(trustme.CA(), tmp_path) as stage:
        stage.database = _OwnCollection(database.collection(uuid4().hex))
        channels = [await stage.channel() for _ in range(3)]

        outcomes = await asyncio.gather(*(each.deliver(DELIVERY) for each in channels))
        stage.now += RENEWED_AFTER
        outcomes += await asyncio.gather(*(each.deliver(DELIVERY) for each in (*channels, await stage.channel())))
    await database.close()

    assert outcomes.count(Delivered()) >= 5
    assert set(outcomes) <= {Delivered(), Unavailable("token-being-renewed")}
    assert stage.zalo.used == [AUTHORISED, "refresh-1"]
