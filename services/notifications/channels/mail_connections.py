"""Connections to a mail server that serve several mails: a greeting, encryption and a log-in for each would be slow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import aiosmtplib

#: Connections at the same time; servers refuse more of one client.
MAX_CONNECTIONS = 10
#: seconds; a connection is kept so long for the next mail: servers close it after some minutes
IDLE_SECONDS = 15.0
#: mails; servers take no more over one connection than some hundred
MAX_MAILS = 50


@dataclass
class _Kept:
    """A connection that is open: how many mails have gone over it, and what closes it where none follows."""

    client: aiosmtplib.SMTP
    mails: int = 0
    ending: asyncio.TimerHandle | None = None


class MailConnections:
    """Gives one connection to one mail at a time, an open one where there is one.

    Args:
        connect: makes a connection that is not open yet.
    """

    def __init__(self, connect: Callable[[], aiosmtplib.SMTP]) -> None:
        self._connect = connect
        self._places = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: list[_Kept] = []

    @asynccontextmanager
    async def open(self, *, new: bool = False) -> AsyncIterator[tuple[aiosmtplib.SMTP, bool]]:
        """Give an open connection, and whether it has served before; `new`: one that has not.

        After an exception it is closed: nobody knows what the server still has to say.

        Raises:
            aiosmtplib.SMTPException, OSError: none can be opened.
        """
        async with self._places:
            kept = None if new else self._take()
            served = kept is not None
            if kept is None:
                kept = _Kept(self._connect())
                await kept.client.connect()
            try:
                yield kept.client, served
            except BaseException:
                kept.client.close()
                raise
            await self._keep(kept)

    async def close(self) -> None:
        """Close the connections that are open and not in use."""
        while kept := self._take():
            await _quit(kept.client)

    def _take(self) -> _Kept | None:
        while self._idle:
            kept = self._idle.pop()
            if kept.ending:
                kept.ending.cancel()
            if kept.client.is_connected:
                return kept
        return None

    async def _keep(self, kept: _Kept) -> None:
        kept.mails += 1
        if kept.mails >= MAX_MAILS:
            await _quit(kept.client)
            return
        kept.ending = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._end, kept)
        self._idle.append(kept)

    def _end(self, kept: _Kept) -> None:
        if kept in self._idle:
            self._idle.remove(kept)
            kept.client.close()


async def _quit(client: aiosmtplib.SMTP) -> None:
    """Take leave of the server, which need not answer."""
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit()
    client.close()
