"""Record: the collection `ratings`. One document a submitted product, with the answer that was given.

Beside them stands what came of councils (`council/records.py`).
"""

import asyncio
from typing import Any

from services.evaluation.assessed import Assessed, rated_in
from services.evaluation.council import records
from services.evaluation.council.state import Work, is_of_councils
from services.evaluation.standing import OnRecord, opened_round
from shared.clock import Clock
from shared.contracts.catalogue import PRODUCT_SUBMITTED
from shared.handling.history import Version
from shared.handling.now import View
from shared.handling.records import VERSIONS, RecordListener, Records, announced_in
from shared.storage import Database, Index

#: By which a product's are found. In the order of the registry: one that waited out a delay may be recorded late.
INDEXES = (
    Index(("product_code", "sequence", "recorded_at")),
    Index(("filed.dossier", "filed.by")),
    VERSIONS,
    *records.INDEXES,
)
_NEWEST = "-sequence -recorded_at"


def _shown(version: Version[Assessed]) -> dict[str, Any]:
    rated = rated_in(version.state)
    if rated is None:
        return {}
    return {"place": {"province": rated.code[:2], "commune": rated.code[3:8]}, "rated": rated.text}


#: What is so now of a self-assessment, for reports, which read its short text alone. Of councils there are no
#: lists and nothing falls due here: their histories are enough.
VIEW: View[Assessed] = View(
    Assessed,
    _shown,
    brief="rated",
    shows=lambda of: not is_of_councils(of),
    listed=False,
    shape=4,
)


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

    async def of_product(self, code: str, work: Work | None) -> OnRecord | None:
        """Return what is on record of a product, None where nothing is. Raise OutageError.

        `work` is the council work on it.
        """
        dossiers = {"product_code": code, "event.type": PRODUCT_SUBMITTED.type}
        first, latest, rated = await asyncio.gather(
            self.collection.find_one(dossiers, order="sequence recorded_at"),
            self.collection.find_one(dossiers, order=_NEWEST),
            self.collection.find_one({**dossiers, "outcome": "rated"}, order=_NEWEST),
        )
        if first is None or latest is None:
            return OnRecord(work=work) if work else None
        return OnRecord(
            registered_at=first["event"]["time"] or first["recorded_at"],
            latest=announced_in(latest)[0],
            rated=announced_in(rated)[0] if rated else None,
            opened=opened_round(latest),
            work=work,
        )
