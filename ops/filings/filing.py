"""Files a batch, many in flight at a time, and reads its answers out of the journal.

The journal, the stream of all events, takes nothing away from anybody. An integration's own queue would bring the same
events, and each event only once: what `ocop` took, the integration's program would wait for in vain
(docs/decisions/0011).
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

from aiormq.exceptions import ChannelAccessRefused

from ops.broker_access import Access, AccessError
from ops.filings.batch import Batch, F
from ops.language import gettext as _
from shared.contracts.catalogue import BY_TYPE
from shared.contracts.envelope import read
from shared.contracts.event import UnreadableError, contents
from shared.contracts.text import Contract
from shared.errors import OutageError
from shared.messaging.connection import MAX_IN_FLIGHT
from shared.messaging.journal import Messages
from shared.system import SYSTEM

A = TypeVar("A", bound=Contract)


async def file_each(filings: Iterable[F], file: Callable[[F], Awaitable[None]], access: Access) -> None:
    """File each, in order, so many in flight at a time.

    Raises:
        AccessError: the broker did not take one; nothing more is sent then.
    """
    in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)

    async def file_one(filing: F) -> None:
        try:
            await file(filing)
        finally:
            in_flight.release()

    reason: OutageError | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            for filing in filings:
                await in_flight.acquire()
                tasks.create_task(file_one(filing))  # each begins after the one before it
    except* OutageError as failed:
        reason = next(error for error in failed.exceptions if isinstance(error, OutageError))
    if reason:
        raise AccessError(_not_taken(reason, access)) from reason


async def answers(
    messages: Messages, batch: Batch[F, Any], models: Mapping[str, type[A]]
) -> AsyncGenerator[tuple[F, A], None]:
    """Yield the answers of these types that the journal brings to a batch, each with its filing, without an end."""
    async for message in messages:
        model, filing = models.get(message.type or ""), batch.of_id(message.correlation_id)
        if filing and model and message.user_id in SYSTEM.announcers(BY_TYPE[message.type or ""]):
            try:
                answer = contents(read(message.headers, message.content_type, message.body), model)
            except UnreadableError:  # of a later version of the services: then it counts as not answered
                continue
            yield filing, answer


def _not_taken(error: OutageError, access: Access) -> str:
    if isinstance(error.__cause__, ChannelAccessRefused):
        said = _("the user {user} may not file: is the broker up to date? ocop access apply brings the rights")
        return said.format(user=access.user)
    return _("the broker {place} has not taken all of it: {error}").format(place=access.place, error=error)
