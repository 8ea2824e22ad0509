"""Makes the catalogue again when what is in force changes: when a certificate does, and when the day is over."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import NoReturn

from aio_pika.abc import AbstractIncomingMessage

from ops.broker_access import Access, connected
from ops.errors import CommandError
from ops.named import named, one_line
from ops.operator_settings import AccessError
from ops.reports.catalogue.reading import lies_in
from ops.typed import as_typed
from services.registry.gazetteer import FoundPlace
from shared.clock import Clock, system_clock
from shared.contracts.catalogue import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    PRODUCT_SUBMITTED,
    PRODUCT_TRANSFERRED,
)
from shared.handling.write_behind import CATCH_UP_SECONDS
from shared.legal_date import LEGAL_ZONE, legal_date
from shared.messaging.journal import Messages, consuming

#: seconds in which changes that come together are made into one
LINGER_SECONDS = 1.0
#: seconds between two tries while broker or database is away, or a file cannot be written
RETRY_SECONDS = 5.0
#: It is made again after so many seconds, whatever was heard: the journal may lack an event, and the services find
#: what their own documents of now have missed as often.
AT_LEAST_SECONDS = CATCH_UP_SECONDS
#: How many times as long as making it takes it is then left alone: where much changes, the database has other work.
_REST = 4

_CHANGES = frozenset(
    each.type
    for each in (
        *(CERTIFICATE_ISSUED, CERTIFICATE_EXTENDED, CERTIFICATE_EXPIRED, CERTIFICATE_SUPERSEDED, CERTIFICATE_REVOKED),
        *(PRODUCT_SUBMITTED, PRODUCT_TRANSFERRED),
    )
)

#: Makes the catalogue; it is given the codes of products that may have got a certificate a moment ago.
Make = Callable[[Collection[str]], Awaitable[None]]


async def follow(access: Access, make: Make, place: FoundPlace | None) -> NoReturn:
    """Make the catalogue of a place whenever what is in force may have changed, until it is cancelled."""
    keeper = Keeper(make, place)
    while True:
        try:
            async with (
                connected(access, name="ocop report catalogue") as connection,
                consuming(connection, "next") as messages,
            ):
                keeper.is_due()  # what happened while nobody listened
                await keeper.keep(messages)
        except AccessError as error:
            keeper.say(error)
        await keeper.make_where_due()
        await asyncio.sleep(RETRY_SECONDS)


class Keeper:
    """Keeps the catalogue new: knows when it is to be made next, and of which products it has heard.

    Args:
        make: makes it.
        place: what happens elsewhere does not change it.
        clock: says when the day is over.
    """

    def __init__(self, make: Make, place: FoundPlace | None = None, *, clock: Clock = system_clock) -> None:
        self._make = make
        self._place = place
        self._clock = clock
        self._due_at = 0.0
        self._rested_at = 0.0
        self._issued: dict[str, float] = {}
        self._said = ""

    async def keep(self, messages: Messages) -> NoReturn:
        """Make it when it is due, by what the journal says, without an end. Raise what reading the journal raises."""
        arriving = asyncio.ensure_future(anext(messages))
        try:
            while True:
                await asyncio.wait({arriving}, timeout=max(self._due_at - _now(), 0))
                if arriving.done():
                    self.hear(arriving.result())
                    arriving = asyncio.ensure_future(anext(messages))
                await self.make_where_due()
        finally:
            arriving.cancel()

    def hear(self, message: AbstractIncomingMessage) -> None:
        """Take in an event: where it may change the catalogue, that is made a moment later."""
        event = named(message).event
        if event is None or event.type not in _CHANGES:
            return
        code = str(event.data.get("product_code"))
        if not lies_in(code, self._place):
            return
        if event.type == CERTIFICATE_ISSUED.type:
            self._issued[code] = _now()
        self._due_at = min(self._due_at, max(_now() + LINGER_SECONDS, self._rested_at))

    def is_due(self) -> None:
        """Let it be made next."""
        self._due_at = 0.0

    async def make_where_due(self) -> None:
        """Make it where it is due; where that fails, say why once and try again in a moment."""
        begun = _now()
        if begun < self._due_at:
            return
        self._issued = {code: at for code, at in self._issued.items() if begun - at < AT_LEAST_SECONDS}
        try:
            await self._make(self._issued.keys())
        except CommandError as error:
            self.say(error)
            self._due_at = begun + RETRY_SECONDS
            return
        self._said = ""
        self._rested_at = _now() + _REST * (_now() - begun)
        self._due_at = _now() + min(AT_LEAST_SECONDS, seconds_of_the_day(self._clock()))

    def say(self, error: CommandError) -> None:
        """Say what is away, once until all is well again."""
        if (said := str(error)) != self._said:
            self._said = said
            sys.stderr.write(f"ocop: {as_typed(one_line(said))}\n")


def seconds_of_the_day(now: datetime) -> float:
    """Return how many seconds are left of the day in Vietnam."""
    tomorrow = legal_date(now) + timedelta(days=1)
    end = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=LEGAL_ZONE)
    return (end - now).total_seconds()


def _now() -> float:
    return asyncio.get_running_loop().time()
