"""Record: a register that was kept before products had histories, brought up to date by a command.

Records are never changed, so what they lack stands in documents of its own: the history that a product begins with,
and today's keys of what was registered when names were folded otherwise, each naming the product's code as `key_of`
(docs/decisions/0007-the-register.md).
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from services.registry.identity import KnownProduct, ProducerNumbers
from services.registry.spelling import name_keys
from shared.clock import Clock
from shared.errors import ConflictError, SettingsError
from shared.handling.history import Version
from shared.handling.records import history_document
from shared.personal_number import hide, own_numbers
from shared.storage import Collection, StoredDocument

#: The document that says that every product has a history.
MIGRATED_NOTE = "histories"
NOT_MIGRATED = (
    "the register was kept by an earlier version: stop every registry, run `python -m services.registry migrate` once, "
    "and start again (docs/operations.md, upgrading)"
)


async def require_done(collection: Collection, clock: Clock) -> None:
    """Make sure that every product has a history: a new register says so itself. Raise OutageError; SettingsError."""
    if await collection.find_by("_id", MIGRATED_NOTE):
        return
    if await collection.find_after("registered.code", ""):
        raise SettingsError(NOT_MIGRATED)
    await _note_done(collection, clock)


async def migrate(
    collection: Collection, numbers: ProducerNumbers, clock: Clock, *, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Give each product a history and today's keys; `progress` hears how many have been gone through.

    It is safe to repeat and to break off: what was added is in the way of being added again, and the note that it is
    done is written last; where it is there, products are today's, and none is gone through. No registry may run
    meanwhile. Raise OutageError.
    """
    if await collection.find_by("_id", MIGRATED_NOTE):
        return
    last, done = "", 0
    while page := await collection.find_after("registered.code", last):
        await asyncio.gather(*(_bring_up_to_date(collection, each, numbers, clock) for each in page))
        last, done = page[-1]["registered"]["code"], done + len(page)
        progress(done)
    await _note_done(collection, clock)


async def _bring_up_to_date(
    collection: Collection, accepted: StoredDocument, numbers: ProducerNumbers, clock: Clock
) -> None:
    code = accepted["registered"]["code"]
    version = Version(code, 1, await _state_of(collection, accepted, numbers))
    history = {
        "_id": f"history-of-{code}",
        "history": history_document(version),
        "announced": [],
        "recorded_at": clock(),
    }
    await _insert_once(collection, history)
    if "keys" in accepted["registered"]:
        await _add_keys(collection, accepted["registered"], numbers, clock)


async def _state_of(collection: Collection, accepted: StoredDocument, numbers: ProducerNumbers) -> KnownProduct:
    """Return what the earlier version's records say of a product; persons' numbers in clear are not written again.

    Their links lead from a first registration to the note that it was turned back, and from there to its correction. It
    has no round and no certificate: its next dossier opens a round, or its province brings in a certificate.
    """
    registered = accepted["registered"]
    if "keys" not in registered:  # kept by `reserve`
        return KnownProduct(code=registered["code"], lost=True)
    product_set, note = registered["product_set"], await _turned_back(collection, accepted)
    while note and (correction := await collection.find_one({"corrects": note["_id"]})):
        accepted, product_set = correction, correction["product_set"]
        note = await _turned_back(collection, accepted)
    recorded = tuple(dict.fromkeys(map(numbers.recorded, registered["producer_numbers"])))
    return KnownProduct(code=registered["code"], producer_numbers=recorded, product_set=product_set)


async def _turned_back(collection: Collection, accepted: StoredDocument) -> StoredDocument | None:
    submitted = accepted["announced"][0]["id"]
    return await collection.find_one({"turned_back": submitted, "outcome": "awaits-correction"})


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


async def _note_done(collection: Collection, clock: Clock) -> None:
    await _insert_once(collection, {"_id": MIGRATED_NOTE, "announced": [], "recorded_at": clock()})


async def _insert_once(collection: Collection, document: StoredDocument) -> None:
    """Insert a document, unless it is there already, or another product has its key."""
    with suppress(ConflictError):
        await collection.insert(document)
