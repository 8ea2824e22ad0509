"""Fills the register with products that were registered before, in bulk, as the registry would have recorded them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.arena import Arena, Json
from benchmarks.dossiers import new_filings
from benchmarks.peers import rules
from ops.access.database import COLLECTIONS
from services.registry.products import Products
from shared.clock import system_clock
from shared.storage import Database, database_of

#: documents in one bulk insert
_BATCH = 1000
#: Different products, of which the others are copies with other ids, codes and keys.
_TEMPLATES = 500


async def fill(arena: Arena, *, already: int, count: int, seed: int) -> None:
    """Bring the register from `already` to `count` products, its indexes as the registry makes them."""
    await _make_indexes(arena)
    service = "registry"
    async with AsyncMongoClient[Json](arena.stack.mongo_url) as client:
        products = client[database_of(service)][COLLECTIONS[service]]
        documents = _documents(range(already, count), seed)
        for done in range(already, count, _BATCH):
            await products.insert_many(list(islice(documents, _BATCH)), ordered=False)
            if done and done % (100 * _BATCH) == 0:
                arena.tell(f"{done:,} products in the register")


async def _make_indexes(arena: Arena) -> None:
    database = Database(arena.stack.credentials("registry").mongo_url or "", service="registry")
    try:
        await Products(database, clock=system_clock).prepare()
    finally:
        await database.close()


def _documents(numbers: range, seed: int) -> Iterator[Json]:
    filings = islice(new_filings(seed, "register"), _TEMPLATES)
    templates = [rules.register({"id": each.id, "data": each.dossier}).document for each in filings]
    return (_copy(templates[number % len(templates)], number) for number in numbers)


def _copy(template: Json, number: int) -> Json:
    """Give the record of another product of the same commune: everything that is unique is its own."""
    registered: dict[str, Any] = template["registered"]
    code = f"{registered['place']}-{number + 1}-{registered['year']}"
    (announced,) = template["announced"]
    return template | {
        "_id": f"stored-{number}",
        "filing": f"stored-{number}",
        "product_code": code,
        "registered": registered
        | {
            "code": code,
            "serial": number + 1,
            "producer_numbers": [f"S{number}"],
            "keys": [f"S{number}/{key.partition('/')[2]}" for key in registered["keys"]],
        },
        "dead_letter": None,
        "announced": [announced | {"id": f"stored-{number}", "subject": code}],
    }
