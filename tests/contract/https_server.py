"""A real HTTPS server on this machine, which keeps what it is asked and answers as told, well or badly."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPMessage, parse_headers
from io import BytesIO

import trustme

#: Writes an answer, or something else.
Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    """A request that arrived whole."""

    line: str
    headers: HTTPMessage
    body: bytes


@dataclass
class Site:
    """What a server gets, and how it answers: first one after the other of `first`, then always the same."""

    answering: Answering
    first: list[Answering] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    names: list[str | None] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, _, rest = head.partition(b"\r\n")
                headers = parse_headers(BytesIO(rest))
                body = await reader.readexactly(int(headers.get("Content-Length", "0")))
                self.asked.append(Asked(line.decode(), headers, body))
                await (self.first.pop(0) if self.first else self.answering)(writer)
        writer.transport.abort()


def says(status: int, body: bytes = b"", *headers: str) -> Answering:
    """Return what answers whole, and keeps the connection."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *headers]

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return answer


def streams(head: bytes, part: bytes, *, every_seconds: float = 0) -> Answering:
    """Return what begins an answer and goes on for as long as somebody listens."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while not writer.is_closing():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(every_seconds)

    return answer


async def hangs_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def says_nothing(writer: asyncio.StreamWriter) -> None:
    await writer.wait_closed()


@asynccontextmanager
async def https_server(site: Site, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """Run a server on a free port of 127.0.0.1, and return the port; without TLS where none is given."""
    if tls:
        tls.sni_callback = lambda _, name, __: site.names.append(name)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


def server_tls(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return what encrypts, with a certificate for these names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context
