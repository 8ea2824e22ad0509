"""Compares the register with the journal: a database that was restored may be older than what it has announced.

Such a register would give new products the codes of others. So, each time before dossiers are taken, every code that
the end of the journal says a new product was given has to be in it.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from contextlib import aclosing

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from pydantic import SecretStr
from yarl import URL

from services.registry.products import Products
from shared.advice import typed
from shared.contracts.catalogue import PRODUCT_SUBMITTED
from shared.contracts.dossier import RegistrationKind
from shared.contracts.envelope import read
from shared.contracts.event import Event, UnreadableError, contents
from shared.contracts.product import ProductSubmitted, parts_of
from shared.errors import OutageError
from shared.messaging.connection import as_outage, close, connect
from shared.messaging.delivery import refiled_as
from shared.messaging.journal import last_offset, newest
from shared.messaging.routing import is_key_of
from shared.messaging.topology import JOURNAL

#: messages at the end of the journal that are looked through, and how many where those have too few codes
WINDOWS = (1_000, 20_000)
#: codes after which, all known, the register is taken to be as new as the journal
ENOUGH_CODES = 100
#: codes that are named where many are missing
_MOST_NAMED = 5

#: seconds in which an empty journal has to send something, where the broker says that it holds nothing
_EMPTY_SECONDS = 1.0
#: seconds; how long the journal may take to be read
_READ_SECONDS = 60
#: seconds between two looks at whether the missing products are brought back
_LOOK_SECONDS = 2.0
#: seconds in which a queue sends its first message
_FIRST_SECONDS = 1.0


def fault_of(announced: Iterable[str], known: Collection[str]) -> str | None:
    """Return what is wrong where codes were announced that the register does not know, and what to do; or None."""
    missing = sorted(set(announced).difference(known), key=parts_of)
    if not missing:
        return None
    more = f" and {len(missing) - _MOST_NAMED:,} more" if len(missing) > _MOST_NAMED else ""
    return (
        f"the database is older than the broker: the register lacks {', '.join(missing[:_MOST_NAMED])}{more}, which "
        f"the journal says were given, so nothing is numbered until {typed('ocop refile')} has brought them back "
        "(docs/operations.md, an older database under a newer broker)"
    )


class AnnouncedCodes:
    """What the journal says of codes that products were given, held against the register.

    `missing` are those that it lacked when it was last held against it.

    Args:
        products: the register.
        url: the broker, with the registry's user.
        queue: where dossiers wait for the registry.
    """

    def __init__(self, products: Products, *, url: SecretStr, queue: str) -> None:
        self._products = products
        self._url = url
        self._user = URL(url.get_secret_value()).user or "guest"
        self._queue = queue
        self.missing: frozenset[str] = frozenset()
        self._looking = asyncio.Lock()
        self._may_look, self._look_at = True, 0.0

    async def require_before_taking(self) -> None:
        """Make sure that dossiers may be taken: the register has what was announced, or it is being brought back.

        Raises:
            OutageError: it is older than the journal, or one of the two cannot be read.
        """
        await self._look(journal=True)
        if (fault := self._fault) and not await self._is_brought_back():
            raise OutageError(fault)

    async def require_before_numbering(self) -> None:
        """Make sure that nothing is missing any more. Raise OutageError where it is, or cannot be read."""
        await self._look(journal=False)
        if fault := self._fault:
            raise OutageError(fault)

    @property
    def _fault(self) -> str | None:
        return fault_of(self.missing, ())

    async def _look(self, *, journal: bool) -> None:
        """Look for what was missing, and, where nothing is any more, into the journal: then further back at once."""
        async with self._looking:
            missing = await self._products.without(self.missing)
            if not missing and (journal or self.missing):
                missing = await self._missing_by_the_journal(WINDOWS[-1:] if self.missing else WINDOWS)
            self.missing = missing

    async def _missing_by_the_journal(self, windows: Sequence[int]) -> frozenset[str]:
        connection = await connect(self._url.get_secret_value(), name="registry: reading the journal")
        try:
            with as_outage(f"{JOURNAL} cannot be read"):
                async with asyncio.timeout(_READ_SECONDS):
                    return await self._read(connection, windows)
        finally:
            await close(connection)

    async def _read(self, connection: AbstractConnection, windows: Sequence[int]) -> frozenset[str]:
        count = await _waiting(connection, JOURNAL)
        end = await (last_offset(connection) if count else last_offset(connection, patience_seconds=_EMPTY_SECONDS))
        if end is None and count:
            raise TimeoutError
        missing: frozenset[str] = frozenset()
        for window in windows if end is not None else ():
            codes = await self._codes(connection, window, end or 0)
            missing = await self._products.without(codes)
            if missing or len(codes) >= ENOUGH_CODES or window > (end or 0):
                break
        return missing

    async def _codes(self, connection: AbstractConnection, count: int, end: int) -> frozenset[str]:
        """Return the codes of new products among so many messages up to an offset."""
        async with aclosing(newest(connection, count, end)) as messages:
            return frozenset([code async for message in messages if (code := new_code(message, user=self._user))])

    async def _is_brought_back(self) -> bool:
        """Return whether the first dossier that waits is one that an operator brought back with its code.

        To look at it costs it one of its deliveries. So it is done once until the queue was seen empty.
        """
        now = asyncio.get_running_loop().time()
        if now < self._look_at:
            return False
        self._look_at = now + _LOOK_SECONDS
        connection = await connect(self._url.get_secret_value(), name="registry: looking at its queue")
        try:
            with as_outage(f"{self._queue} cannot be read"):
                return await self._first_is_brought_back(connection)
        finally:
            await close(connection)

    async def _first_is_brought_back(self, connection: AbstractConnection) -> bool:
        if not await _waiting(connection, self._queue):
            self._may_look = True
        elif self._may_look and (first := await _first(connection, self._queue)):
            self._may_look = refiled_as(first, own_user=self._user) is not None
            return self._may_look
        return False


def new_code(message: AbstractIncomingMessage, *, user: str) -> str | None:
    """Return the code that a message of the journal says a new product was given; believed of the registry's user."""
    if message.user_id != user or not is_key_of(PRODUCT_SUBMITTED, message.routing_key or ""):
        return None
    try:
        submitted = contents(_event(message), ProductSubmitted)
    except UnreadableError:  # of another version: it says nothing of a code
        return None
    return submitted.product_code if submitted.dossier.registration is RegistrationKind.FIRST else None


def _event(message: AbstractIncomingMessage) -> Event:
    return read(message.headers, message.content_type, message.body, content_encoding=message.content_encoding)


async def _waiting(connection: AbstractConnection, queue: str) -> int:
    """Return how many messages are in a queue; of a stream it may lag behind."""
    async with connection.channel() as channel:
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


async def _first(connection: AbstractConnection, name: str) -> AbstractIncomingMessage | None:
    """Return the first message that waits, which goes back to its queue; None where another consumer has it."""
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    async with connection.channel() as channel:
        await channel.set_qos(prefetch_count=1)
        queue = await channel.get_queue(name, ensure=False)
        await queue.consume(arrived.put)
        try:
            async with asyncio.timeout(_FIRST_SECONDS):
                return await arrived.get()
        except TimeoutError:
            return None
