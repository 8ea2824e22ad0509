"""Record: by today's folding too, the products that were registered when names were folded otherwise (until 0.1.0).

Records are never changed, so today's key stands in a document of its own, which the same unique index holds. It names
the product's code (docs/decisions/0007-the-register.md).
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from services.registry.personal_numbers import ProducerNumbers, hide, own_numbers
from services.registry.product_names import name_keys
from shared.clock import Clock
from shared.errors import ConflictError
from shared.storage import Collection, StoredDocument

#: The document that says that all former records have been gone through.
FORMER_KEYS_NOTE = "keys-of-0.1.0"


async def bring_up_to_date(collection: Collection, numbers: ProducerNumbers, clock: Clock) -> None:
    """Add today's key of each product that was registered under a former one alone, once in the register's life.

    It is safe to repeat and to break off: what was added is in the way of being added again, and the note that it is
    done is written last. Raise OutageError.
    """
    if await collection.find_by("_id", FORMER_KEYS_NOTE):
        return
    last = ""
    while page := await collection.find_after("registered.code", last):
        await asyncio.gather(*(_add_keys(collection, each["registered"], numbers, clock) for each in page))
        last = page[-1]["registered"]["code"]
    await _insert_once(collection, {"_id": FORMER_KEYS_NOTE, "announced": [], "recorded_at": clock()})


async def product_of(collection: Collection, found: StoredDocument | None) -> StoredDocument | None:
    """Return the record of a product that was found by a key, whichever document has the key. Raise OutageError."""
    code = found["registered"].get("key_of") if found else None
    return await collection.find_by("registered.code", code) if code else found


def todays_keys(registered: dict[str, Any], numbers: ProducerNumbers) -> Iterator[str]:
    """Yield what a product registered under former keys would be recorded under today; nothing for all others."""
    if len(registered["keys"]) > len(registered["producer_numbers"]):
        return  # today's, or both foldings agree
    own = own_numbers(*registered["producer_numbers"])
    for key in registered["keys"]:
        number, _, name = key.partition("/")
        yield f"{numbers.recorded(number)}/{name_keys(hide(name, own))[0]}"


async def _add_keys(collection: Collection, registered: dict[str, Any], numbers: ProducerNumbers, clock: Clock) -> None:
    missing = dict.fromkeys(key for key in todays_keys(registered, numbers) if key not in registered["keys"])
    for position, key in enumerate(missing):
        code = registered["code"]
        note = {"_id": f"key-{position}-of-{code}", "registered": {"keys": [key], "key_of": code}, "announced": []}
        await _insert_once(collection, note | {"recorded_at": clock()})


async def _insert_once(collection: Collection, document: StoredDocument) -> None:
    """Insert a document, unless it is there already, or another product has its key."""
    with suppress(ConflictError):
        await collection.insert(document)
