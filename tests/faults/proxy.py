"""A TCP proxy whose connections fail on command: delayed, emptied, closed on one side, cut."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

_CHUNK_BYTES = 65_536

#: Towards whom bytes travel.
Side = Literal["client", "server"]
#: Hears what one connection carries: towards whom, and the bytes.
Hear = Callable[[Side, bytes], None]


class Proxy:
    """Listens on a port of 127.0.0.1 and passes every connection on to the first of its targets that answers.

    async with Proxy([5672]) as proxy:
        connect(port=proxy.port)
        proxy.cut()

    What it does to connections lasts until `heal`, for those that are open and for new ones. `listen` is asked at the
    beginning of each connection for who is to hear what it carries.
    """

    def __init__(self, targets: Sequence[int], *, port: int = 0, listen: Callable[[], Hear] | None = None) -> None:
        self.port = port
        self._targets = targets
        self._listen = listen
        self._connections: set[_Connection] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self.delay_seconds = 0.0
        self.drops = False
        self.refuses = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._server.close()
        for serving in self._serving:
            serving.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def used(self) -> bool:
        """Return whether a connection is open now."""
        return bool(self._connections)

    @property
    def lost_bytes(self) -> bool:
        """Return whether an open connection has lost bytes."""
        return any(connection.lost_bytes for connection in self._connections)

    def delay(self, seconds: float) -> None:
        """Let everything wait so long, in both directions."""
        self.delay_seconds = seconds

    def drop(self) -> None:
        """Swallow every byte, in both directions: to each side the other looks alive and says nothing."""
        self.drops = True

    def half_close(self, towards: Side) -> None:
        """Signal to one side that the other has ended; what that side still says goes through."""
        for connection in self._connections:
            connection.end(towards)

    def cut(self) -> None:
        """End every open connection without a word."""
        for connection in self._connections:
            connection.abort()

    def refuse(self) -> None:
        """End every open connection without a word, and every new one."""
        self.refuses = True
        self.cut()

    def heal(self) -> None:
        """Do nothing any more to connections; those that lost bytes are cut, for what follows would be nonsense."""
        self.delay_seconds, self.drops, self.refuses = 0.0, False, False
        for connection in self._connections:
            if connection.lost_bytes:
                connection.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._serving.add(serving)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:  # only we cancel it; the library would complain about a cancelled task
            pass
        finally:
            self._serving.discard(serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server = None if self.refuses else await self._connected()
        if server is None:
            writer.transport.abort()
            return
        hear = self._listen() if self._listen else None
        connection = _Connection(self, client=(reader, writer), server=server, hear=hear)
        self._connections.add(connection)
        try:
            await connection.pass_on()
        finally:
            self._connections.discard(connection)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._targets:
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None


class _Connection:
    """One client and its server."""

    def __init__(
        self,
        proxy: Proxy,
        *,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        hear: Hear | None,
    ) -> None:
        self._proxy = proxy
        self._hear = hear
        self._readers = {"client": client[0], "server": server[0]}
        self._writers = {"client": client[1], "server": server[1]}
        self._ended: set[Side] = set()
        self.lost_bytes = False

    async def pass_on(self) -> None:
        """Carry bytes both ways until both sides have ended, or one has broken off."""
        try:
            async with asyncio.TaskGroup() as pumping:
                pumping.create_task(self._pump("client", "server"))
                pumping.create_task(self._pump("server", "client"))
        except* OSError:
            pass
        finally:
            self.abort()

    def end(self, side: Side) -> None:
        """Signal to one side that nothing more will come."""
        self._ended.add(side)
        with suppress(OSError, RuntimeError):
            self._writers[side].write_eof()

    def abort(self) -> None:
        """Break off on both sides."""
        for writer in self._writers.values():
            writer.transport.abort()

    async def _pump(self, source: Side, target: Side) -> None:
        writer = self._writers[target]
        while chunk := await self._readers[source].read(_CHUNK_BYTES):
            if self._hear:
                self._hear(target, chunk)
            await asyncio.sleep(self._proxy.delay_seconds)
            if self._proxy.drops or target in self._ended:
                self.lost_bytes = True
            else:
                writer.write(chunk)
                await writer.drain()
        self.end(target)
