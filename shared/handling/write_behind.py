"""Writes the documents of now behind the records: in bulk, off the message's path, and anew what was missed.

What this process puts on record it hears at once. What it cannot know (a crash, another instance's crash, an outage
that lasts) is found among the records: each is gone through once more, from a mark of how far all of them have been.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from shared.clock import Clock
from shared.errors import OutageError
from shared.handling.delivery_telemetry import log_bug
from shared.handling.now import Mark, NowDocuments, shape_of
from shared.handling.numbering import Numbering, highest_of
from shared.logs import Action, log
from shared.storage import MAX_BATCH, StoredDocument

#: Histories that wait to be written; where more wait, they are found among the records later.
MAX_WAITING = 10_000
#: seconds; what is recorded in that time travels together
LINGER_SECONDS = 1.0
#: seconds between two tries while the database is away
RETRY_SECONDS = 5.0
#: seconds between two looks for records that were missed
CATCH_UP_SECONDS = 600.0
#: seconds between two times that packs are made, if anything was written; when it is caught up, too
PACK_SECONDS = 30.0
#: How many times as long as it took the last time that pause lasts at least: packing takes a twentieth of the time.
PACK_PAUSE = 20
#: How much later than its time a record may be written, and how far apart the clocks of two instances may be.
MARGIN = timedelta(minutes=5)

#: The marks: how far the records have been gone through at all, and by a rebuilding that is under way.
CAUGHT_UP, REBUILT = "caught-up", "rebuilt"
#: By which both are found.
BOTH_MARKS = {"_id": {"$in": [CAUGHT_UP, REBUILT]}}


class WriteBehind:
    """Hears what is put on record and writes the documents of now; `on_due` hears when something falls due.

    `numbering` hears the highest numbers of all that is on record, where histories are numbered.
    """

    def __init__(
        self,
        now: NowDocuments[Any],
        *,
        clock: Clock,
        on_due: Callable[[datetime], None] = lambda _: None,
        numbering: Numbering | None = None,
    ) -> None:
        self._now = now
        self._numbering = numbering or Numbering()
        self._clock = clock
        self._on_due = on_due
        self._waiting: dict[str, StoredDocument] = {}
        self._heard = asyncio.Event()
        self._catch_up_at = self._pack_at = self._pack_again_at = 0.0
        self._prepared = False

    def put(self, record: StoredDocument) -> None:
        """Hear of a document that is on record: its history is written a moment later."""
        if "history" not in record:
            return
        history = record["history"]
        waiting = self._waiting.get(history["of"])
        if waiting is None or waiting["history"]["version"] < history["version"]:
            self._waiting[history["of"]] = {"recorded_at": record["recorded_at"], "history": history}
        if len(self._waiting) > MAX_WAITING:
            self._waiting.clear()
            self._catch_up_at = 0
        self._heard.set()

    async def run(self) -> None:
        """Write behind until it is cancelled; begun again, it goes on. Begins at first with what was missed before."""
        said = ""
        while True:
            try:
                await self._step()
                said = ""
            except OutageError as error:
                self._catch_up_at = 0
                if str(error) != said:
                    said = str(error)
                    log(Action.BEHIND, reason=said)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception as error:  # noqa: BLE001  # logged; it is derived, and must not end the service
                log_bug(error)
                await asyncio.sleep(RETRY_SECONDS)

    async def flush(self) -> None:
        """Write what waits. Raise OutageError: then it waits on."""
        while self._waiting:
            batch = [self._waiting.pop(of) for of in list(self._waiting)[:MAX_BATCH]]
            try:
                self._tell(await self._now.write(batch))
            except (OutageError, asyncio.CancelledError):
                for record in batch:
                    self.put(record)
                raise

    async def catch_up(self) -> None:
        """Write what is on record since the mark and was missed, and move the mark. Raise OutageError."""
        started, mark = self._clock(), await self._caught_up()
        since = min(mark.at, started)  # a clock may have been put back
        async for page in self._now.recorded_since(since - MARGIN):
            self._tell(await self._now.write_missing(page))
            if page:
                mark = self._behind(page, mark, at=min(page[-1]["recorded_at"], started))
                await self._now.set_mark(CAUGHT_UP, mark)
            await self.flush()
        await self._now.set_mark(CAUGHT_UP, replace(mark, at=started, whole=True))
        if mark.highest is not None:
            self._numbering.complete(mark.highest)

    async def _caught_up(self) -> Mark:
        """Return the mark; the beginning where numbers were not counted up to it, or the records were put back.

        Only numbers that are on record may be known: a higher one would leave a gap that no index notices.
        """
        mark = await self._now.mark(CAUGHT_UP)
        if self._now.numbered is None:
            return mark
        if mark.newest and not await self._now.has_record(mark.newest):
            self._numbering.forget()
            return Mark(highest={}, whole=False)
        return Mark(highest={}, whole=False) if mark.highest is None else mark

    def _behind(self, page: Sequence[StoredDocument], mark: Mark, *, at: datetime) -> Mark:
        """Return the mark behind a page of records."""
        if self._now.numbered is None or mark.highest is None:
            return Mark(at, whole=mark.whole)
        keys = (each["history"]["of"] for each in page)
        return Mark(at, page[-1]["_id"], highest_of(keys, self._now.numbered, mark.highest), mark.whole)

    async def _step(self) -> None:
        if not self._prepared:
            await self._now.prepare()
            self._prepared = True
        if _seconds() >= self._catch_up_at:
            self._catch_up_at = _seconds() + CATCH_UP_SECONDS
            try:
                await self.catch_up()
            except asyncio.CancelledError:
                self._catch_up_at = 0
                raise
        if (began := _seconds()) >= self._pack_at:
            await self._now.pack()
            self._pack_at = self._catch_up_at
            self._pack_again_at = _seconds() + max(PACK_SECONDS, PACK_PAUSE * (_seconds() - began))
        with suppress(TimeoutError):
            async with asyncio.timeout_at(min(self._catch_up_at, self._pack_at)):
                await self._heard.wait()
                self._pack_at = min(self._pack_again_at, self._catch_up_at)
                await asyncio.sleep(LINGER_SECONDS)
        self._heard.clear()
        await self.flush()

    def _tell(self, due: tuple[datetime, ...]) -> None:
        if due:
            self._on_due(min(due))


async def rebuild(now: NowDocuments[Any], progress: Callable[[int], None]) -> None:
    """Write the documents of now of all histories anew; `progress` hears of how many.

    It is safe to repeat, to break off (it goes on where it was) and to run beside the service. Raise OutageError.
    """
    await now.prepare()
    done, mark = 0, await now.mark(REBUILT)
    if mark.newest is None or not await now.has_record(mark.newest):  # of another time, if it was broken off
        mark = Mark(whole=False)
        await now.set_mark(REBUILT, mark)
        await now.remove_packs()
    async for page in now.begun_since(mark.at):
        await now.renew([each["history"]["of"] for each in page])
        await now.set_mark(REBUILT, Mark(page[-1]["recorded_at"], page[-1]["_id"], whole=False))
        done += len(page)
        progress(done)
    await now.remove_orphans()
    await now.set_mark(REBUILT, Mark())


def are_whole(marks: Iterable[StoredDocument], shape: int) -> bool:
    """Return whether all that is derived is there in a shape, by `BOTH_MARKS`."""
    found = {each["_id"]: each for each in marks if shape_of(each) == shape}
    return CAUGHT_UP in found and not any("partly" in each for each in found.values())


def _seconds() -> float:
    return asyncio.get_running_loop().time()
