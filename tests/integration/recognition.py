"""Products whose round has ended with a certificate: put on record past all offices, for tests of what comes behind."""

from datetime import UTC, date, datetime
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from services.registry.identity import KnownProduct
from shared.contracts.rounds import Stage
from shared.handling.history import Version
from shared.handling.records import history_document
from shared.storage import database_of
from shared.system import SYSTEM
from tests.unit.registry.products import held
from tools.stack import LocalStack


async def recognise(products: AsyncCollection[dict[str, Any]], code: str) -> None:
    """End the product's round on record with a certificate of three stars, in force for a hundred years."""
    (newest,) = await products.find({"history.of": code}).sort("history.version", -1).limit(1).to_list()
    history = newest["history"]
    known = Version(code, history["version"], KnownProduct.model_validate(history["state"]))
    round_ = known.state.round and known.state.round.model_copy(update={"stage": Stage.CLOSED, "due_on": None})
    certificates = (held(last_day=date(2126, 6, 1)),)
    state = known.state.model_copy(update={"round": round_, "certificates": certificates})
    version = history_document(known.then(state))
    record = {"_id": f"recognition of {code}", "recorded_at": datetime.now(UTC), "history": version}
    await products.insert_one(record | {"announced": [], "dead_letter": None})


async def recognise_in(stack: LocalStack, code: str) -> None:
    """The same in the register of a stack of a test's own."""
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        await recognise(client[database_of("registry")][SYSTEM.collections["registry"]], code)
