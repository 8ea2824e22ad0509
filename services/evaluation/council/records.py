"""Record: what the collection `ratings` has of councils: a history for each session, and one for each product."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from services.evaluation.council.convening import Conveyed, Hold, hold_key
from services.evaluation.council.scorecard import filled_card
from services.evaluation.council.sitting import Sitting
from services.evaluation.council.state import SESSION, Session, Work, session_key, work_key
from shared.contracts.councils import CouncilConvened
from shared.handling.history import Version
from shared.handling.records import Histories
from shared.storage import Collection, Index, StoredDocument

#: A session's holds on products, and the session that it replaces, are each unique: two cannot have the same.
INDEXES = (
    Index(("holds",), unique=True),
    Index(("replaces",), unique=True),
    Index(("-former_code",), sparse=True),  # descending: another one than the former
)
#: What earlier versions had, and no query needs any more.
FORMER_INDEXES = (Index(("former_code",)),)


class Councils:
    """Sessions, and council work on products."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._sessions = Histories(collection, Session)
        self._works = Histories(collection, Work)

    async def work(self, product_code: str) -> Version[Work] | None:
        """Return the council work on a product, None where nothing is known of it. Raise OutageError."""
        return await self._works.newest(work_key(product_code))

    async def sitting(self, session: str, product_code: str) -> Sitting:
        """Read what bears on a scorecard. Raise OutageError."""
        convened, replaced_by, work = await asyncio.gather(
            self._session(session), self._replaced_by(session), self.work(product_code)
        )
        return Sitting(convened, replaced_by, work)

    async def conclusion(self, session: str, product_code: str) -> Sitting:
        """Read what bears on a conclusion: the cards in full too. Raise OutageError."""
        sitting = await self.sitting(session, product_code)
        cards = sitting.work.state.cards_of(session) if sitting.work else ()
        found = await asyncio.gather(*(self._collection.find_by("_id", each.key) for each in cards))
        return replace(sitting, cards=tuple(filled_card(each) for each in found if each))

    async def conveyed(self, convened: CouncilConvened) -> Conveyed:
        """Read what bears on a session. Raise OutageError.

        What is read may be old a moment later: the unique indexes say so when the decision is written.
        """
        works = await self._works_of(dict.fromkeys(convened.products))
        held = await asyncio.gather(*(self._hold(work) for work in works.values()))
        replaces = convened.replaces
        return Conveyed(
            taken=await self._session(convened.session) is not None,
            replaces=await self._session(replaces) if replaces else None,
            replaces_is_replaced_by=await self._replaced_by(replaces) if replaces else None,
            works=works,
            holds={code: hold for code, hold in zip(works, held, strict=True) if hold},
        )

    async def code_now(self, former_code: str) -> str | None:
        """Return the code of today's form that a product has, None where none is known. Raise OutageError."""
        found = await self._collection.find_one({"former_code": former_code}, order="-recorded_at")
        return str(found["product_code"]) if found else None

    async def _works_of(self, codes: Iterable[str]) -> dict[str, Work]:
        found = await asyncio.gather(*map(self.work, codes))
        return {version.state.code: version.state for version in found if version}

    async def _session(self, id: str) -> Session | None:
        version = await self._sessions.newest(session_key(id))
        return version.state if version else None

    async def _replaced_by(self, id: str) -> str | None:
        found = await self._collection.find_by("replaces", id)
        return _session_in(found) if found else None

    async def _hold(self, work: Work) -> Hold | None:
        """Return the newest hold on a product at its present visit, None where no session has it."""
        newest, generation = None, 1
        while found := await self._collection.find_by("holds", hold_key(work.code, work.visit, generation)):
            newest, generation = Hold(_session_in(found), generation), generation + 1
        if newest is None:
            return None
        return Hold(newest.session, newest.generation, await self._replaced_by(newest.session))


def _session_in(document: StoredDocument) -> str:
    """Return the id of the session that a record convened."""
    of: str = document["history"]["of"]
    return of.removeprefix(SESSION)
