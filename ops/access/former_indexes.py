"""The indexes that services had in earlier versions: they are dropped by who may, since no service may do it."""

from typing import Any

from pymongo import AsyncMongoClient

from services.evaluation.council import records
from services.registry import products
from shared.storage import database_of
from shared.system import SYSTEM

#: By service, what it had, and what it has in its place.
FORMER = {
    "registry": (products.FORMER_INDEXES, products.INDEXES),
    "evaluation": (records.FORMER_INDEXES, records.INDEXES),
}


async def drop_former_indexes(client: "AsyncMongoClient[dict[str, Any]]") -> None:
    """Drop the indexes that no query needs any more; safe to repeat. Raise PyMongoError.

    Where a service has not made today's yet, its earlier version is at work, and needs them.
    """
    for service, (former, todays) in FORMER.items():
        collection = client[database_of(service)][SYSTEM.collections[service]]
        there = (await collection.index_information()).keys()
        if there >= {index.name for index in todays}:
            for name in sorted({index.name for index in former} & there):
                await collection.drop_index(name)
