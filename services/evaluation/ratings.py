"""Record: the collection `ratings`. One document a submitted product, with the answer that was given."""

import asyncio

from services.evaluation.standing import OnRecord
from shared.clock import Clock
from shared.handling.records import VERSIONS, RecordListener, Records, announced_in
from shared.storage import Database, Index

#: By which a product's are found. In the order of the registry: one that waited out a delay may be recorded late.
INDEXES = (Index(("product_code", "sequence", "recorded_at")), Index(("filed.dossier", "filed.by")), VERSIONS)
_NEWEST = "-sequence -recorded_at"


class Ratings(Records):
    """The ratings, by the event they answer."""

    def __init__(self, database: Database, *, clock: Clock, on_record: RecordListener = lambda _: None) -> None:
        super().__init__(database.collection("ratings"), clock=clock, on_record=on_record)

    async def prepare(self) -> None:
        """Create the indexes by which a product's ratings are found. Raise OutageError."""
        await self.collection.ensure_indexes(*INDEXES)

    async def code_of(self, dossier_id: str, *, filed_by: str | None) -> str | None:
        """Return the code of the product of a dossier that this user filed, None where none is on record.

        Raises:
            OutageError: the database is away.
        """
        filed = {"filed.dossier": dossier_id, "filed.by": filed_by}
        found = await self.collection.find_one(filed, order=_NEWEST)
        return str(found["product_code"]) if found else None

    async def of_product(self, code: str) -> OnRecord | None:
        """Return what is on record of a product, None where nothing is. Raise OutageError."""
        first, latest, rated = await asyncio.gather(
            self.collection.find_one({"product_code": code}, order="sequence recorded_at"),
            self.collection.find_one({"product_code": code}, order=_NEWEST),
            self.collection.find_one({"product_code": code, "outcome": "rated"}, order=_NEWEST),
        )
        if first is None or latest is None:
            return None
        return OnRecord(
            registered_at=first["event"]["time"] or first["recorded_at"],
            latest=announced_in(latest)[0],
            rated=announced_in(rated)[0] if rated else None,
        )
