"""Fills the register with products that were registered before, in bulk, as the registry would have recorded them.

It is a register that has caught up: its mark has each commune's last serial, as a registry that starts again finds it.
Their documents of now are not there, which nothing on a dossier's way reads.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.arena import Arena, Json
from benchmarks.dossiers import SOURCE, BenchmarkDossier, new_filings
from services.registry import registration
from services.registry.identity import ProducerNumbers
from services.registry.intake import ExaminedDossier
from services.registry.products import VIEW, Products
from services.registry.registration import RegisterState
from shared.clock import system_clock
from shared.contracts.catalogue import DOSSIER_FILED
from shared.contracts.event import Event
from shared.handling.now import Mark, NowDocuments
from shared.handling.numbering import highest_of
from shared.handling.records import document_of
from shared.handling.write_behind import CAUGHT_UP
from shared.key_sets import public_part
from shared.sealing import SealingKey, new_key
from shared.storage import Database, database_of
from shared.system import SYSTEM

#: documents in one bulk insert
_BATCH = 1000
#: Different products, in most of the communes, of which the others are copies with other ids, codes and keys.
_TEMPLATES = 4000
#: How long ago they were registered: longer than a registry that starts looks back for what it missed.
_AGO = timedelta(days=1)
#: Nobody is alerted of these, so any key does.
_SEAL = SealingKey.of(json.dumps(public_part(new_key()))).seal


async def fill(arena: Arena, *, count: int, seed: int) -> None:
    """Fill the register with so many products, its indexes as the registry makes them."""
    service = "registry"
    own = arena.stack.credentials(service)
    numbers, database = _numbers(arena), Database(own.mongo_url or "", service=service)
    now, mark = NowDocuments(database, SYSTEM.collections[service], VIEW), Mark(system_clock(), highest={})
    try:
        await Products(database, numbers=numbers, clock=system_clock).prepare()
        await now.prepare()  # while there are few: on a million records some servers take minutes, and answer nobody
        async with AsyncMongoClient[Json](arena.stack.mongo_url) as client:
            products = client[database_of(service)][SYSTEM.collections[service]]
            documents = _documents(count, seed, numbers)
            for done in range(0, count, _BATCH):
                batch = list(islice(documents, _BATCH))
                await products.insert_many(batch, ordered=False)
                mark = _behind(batch, mark)
                if done and done % (100 * _BATCH) == 0:
                    arena.say(f"{done:,} products in the register")
        await now.set_mark(CAUGHT_UP, mark)
    finally:
        await database.close()


def _behind(batch: list[Json], mark: Mark) -> Mark:
    codes, numbered = (each["history"]["of"] for each in batch), VIEW.numbered
    return Mark(mark.at, batch[-1]["_id"], highest_of(codes, numbered, mark.highest or {}) if numbered else None)


async def registered(arena: Arena) -> int:
    """Return how many records the register has."""
    async with AsyncMongoClient[Json](arena.stack.mongo_url) as client:
        return await client[database_of("registry")][SYSTEM.collections["registry"]].estimated_document_count()


def _numbers(arena: Arena) -> ProducerNumbers:
    return ProducerNumbers((arena.stack.credentials("registry").producer_key or "").encode())


def _documents(count: int, seed: int, numbers: ProducerNumbers) -> Iterator[Json]:
    templates = [_registered(each, numbers) for each in islice(new_filings(seed, "register"), min(_TEMPLATES, count))]
    return (_copy(templates[number % len(templates)], number) for number in range(count))


def _registered(filing: BenchmarkDossier, numbers: ProducerNumbers) -> Json:
    """Return the record of a first registration, as the registry decides it."""
    event, now = Event(id=filing.id, source=SOURCE, type=DOSSIER_FILED.type, data=filing.dossier), system_clock() - _AGO
    examined = ExaminedDossier.of(event, numbers, _SEAL, now=now)
    return document_of(registration.decide(RegisterState(), examined, now), now)


def _copy(template: Json, number: int) -> Json:
    """Return the record of another product of the same commune: everything that is unique is its own."""
    registered: dict[str, Any] = template["registered"]
    code = f"{registered['place']}-{number + 1}-{registered['year']}"
    (announced,), history = template["announced"], template["history"]
    state = history["state"] | {"code": code, "producer_numbers": [f"S{number}"], "submitted": f"stored-{number}"}
    return template | {
        "_id": f"stored-{number}",
        "filing": f"stored-{number}",
        "product_code": code,
        "history": history | {"of": code, "state": state},
        "registered": registered
        | {
            "code": code,
            "serial": number + 1,
            "follows": f"{registered['place']}-{number}-{registered['year']}",
            "keys": [f"S{number}/{key.partition('/')[2]}" for key in registered["keys"]],
        },
        "announced": [announced | {"id": f"stored-{number}", "subject": code}],
    }
