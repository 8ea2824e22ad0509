"""Lets what is filed go on into the journal, as the registry does beside its work, where no registry runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.messaging.journal_feeder import JournalFeeder
from shared.messaging.publisher import Publisher
from shared.system import SYSTEM

#: Where what is filed waits for the journal.
FEED = SYSTEM.journal_feeds["registry"].name


@asynccontextmanager
async def feeding(url: str) -> AsyncIterator[None]:
    """Feed the journal in here; `url` is the broker's, with the registry's user."""
    publisher = Publisher(url, service="registry", timeout_seconds=10)
    running = asyncio.create_task(JournalFeeder(url, FEED, publisher).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await publisher.close()
