"""What services kept in earlier versions beside their records: it is dropped by who may, since no service may do it."""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from services.evaluation import ratings
from services.evaluation.council import records
from services.notifications import alerts
from services.registry import products
from shared.handling.now import MARKS, View
from shared.handling.write_behind import BOTH_MARKS, are_whole
from shared.storage import Index, database_of, now_database_of
from shared.system import SYSTEM

#: By service, what its records had, and what they have in its place.
FORMER = {
    "registry": (products.FORMER_INDEXES, products.INDEXES),
    "evaluation": (records.FORMER_INDEXES, records.INDEXES),
}
#: By service, its view, and the indexes that its documents of now had.
FORMER_NOW: dict[str, tuple[View[Any], tuple[Index, ...]]] = {
    "registry": (products.VIEW, products.FORMER_LISTED),
    "evaluation": (ratings.VIEW, ()),
    "notifications": (alerts.VIEW, alerts.FORMER_LISTED),
}
#: By service, derived collections that it had: of what reports read there are packs in their place.
FORMER_DERIVED = {
    "registry": ("products_brief", "products_notes", "products_packs"),
    "evaluation": ("ratings", "ratings_brief", "ratings_notes", "ratings_packs"),
}


async def drop_former(client: "AsyncMongoClient[dict[str, Any]]") -> None:
    """Drop what no query needs any more; safe to repeat. Raise PyMongoError.

    Where a service has not made today's yet, its earlier version is at work, and needs it.
    """
    for service, (former, todays) in FORMER.items():
        collection = client[database_of(service)][SYSTEM.collections[service]]
        if {*await collection.index_information()} >= {index.name for index in todays}:
            await _drop(collection, former)
    for service, (view, former_now) in FORMER_NOW.items():
        derived = client[now_database_of(database_of(service))]
        if are_whole(await derived[MARKS].find(BOTH_MARKS).to_list(), view.shape):
            await _drop(derived[SYSTEM.collections[service]], former_now)
            for name in FORMER_DERIVED.get(service, ()):
                await derived[name].drop()


async def _drop(collection: "AsyncCollection[dict[str, Any]]", former: tuple[Index, ...]) -> None:
    there = {*await collection.index_information()}
    for name in sorted({index.name for index in former} & there):
        await collection.drop_index(name)
