"""The proxy does to a connection what it is told, and nothing before and after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.proxy import Proxy
from tools.stack.ports import free_ports

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """The port of a server that says back what it hears, and ends when its client has ended."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(1024):
            writer.write(chunk)
        writer.write(b"end")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
async def proxy(echo: int) -> AsyncIterator[Proxy]:
    async with Proxy([echo]) as proxy:
        yield proxy


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        assert await said_back(reader, writer, b"here") == b"here"
        yield reader, writer
    finally:
        writer.transport.abort()


async def said_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bytes:
    writer.write(text)
    async with asyncio.timeout(10):
        return await reader.readexactly(len(text))


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(10):
            return await reader.read() == b""
    except ConnectionError:
        return True


async def test_it_passes_bytes_both_ways(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        assert await said_back(reader, writer, b"x" * 300_000) == b"x" * 300_000


async def test_it_passes_the_end_of_a_side_on(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        writer.write_eof()
        assert await reader.read() == b"end"


async def test_a_cut_ends_the_connection_and_not_the_next(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, _):
        proxy.cut()
        assert await ended(reader)
    async with connected(proxy) as (reader, writer):
        assert await said_back(reader, writer, b"again") == b"again"


async def test_it_refuses_until_it_is_healed(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, _):
        proxy.refuse()
        assert await ended(reader)
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    assert await ended(reader)
    writer.close()
    proxy.heal()
    async with connected(proxy) as (reader, writer):
        assert await said_back(reader, writer, b"again") == b"again"


async def test_a_half_closed_server_still_hears_its_client(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        proxy.half_close("client")
        assert await ended(reader)
        writer.write(b"still heard")
        await writer.drain()
        assert not writer.is_closing()


async def test_a_half_closed_client_still_hears_its_server(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, _):
        proxy.half_close("server")
        assert await reader.read() == b"end"


async def test_dropped_bytes_never_arrive_and_end_the_connection_when_it_is_healed(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        proxy.drop()
        writer.write(b"lost")
        async with asyncio.timeout(10):
            while not proxy.lost_bytes:  # noqa: ASYNC110  # the proxy tells nobody, it is asked
                await asyncio.sleep(0)
        proxy.heal()
        assert await ended(reader)
    async with connected(proxy) as (reader, writer):
        assert await said_back(reader, writer, b"again") == b"again"


async def test_delayed_bytes_arrive_whole(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        proxy.delay(0.01)
        assert await said_back(reader, writer, b"x" * 300_000) == b"x" * 300_000


async def test_it_goes_to_the_first_target_that_answers(echo: int) -> None:
    async with Proxy([*free_ports(1), echo]) as proxy, connected(proxy) as (reader, writer):
        assert await said_back(reader, writer, b"hello") == b"hello"


async def test_without_any_target_the_connection_ends() -> None:
    async with Proxy(free_ports(1)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await ended(reader)
        writer.close()


async def test_it_ends_its_connections_when_it_ends(echo: int) -> None:
    async with Proxy([echo]) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await said_back(reader, writer, b"here") == b"here"
    assert await ended(reader)
    writer.close()
