"""HTTP requests to servers that others run: bounded in time and size, and only to addresses that may be reached."""

import asyncio
import socket
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import ResolveResult

from services.notifications.channels.addresses import may_be_reached
from services.notifications.channels.exchange import Answer, Request
from services.notifications.channels.look_ups import LookUps
from shared.version import VERSION

#: seconds; how long a connection may take, with its encryption, and for a check with its look-up: less than whoever
#: asks how a channel is waits for it
CONNECT_SECONDS = 4.0
#: seconds; how long an answer may be waited for, from the look-up to its status
ANSWER_SECONDS = 15.0
#: seconds; how long the body of an answer may take once its status is there
BODY_SECONDS = 5.0
#: bytes of an answer that are read, headers and body each; what follows is not waited for
MAX_ANSWER_BYTES = 64 * 1024
#: seconds; how long a connection is kept for the next request: less than servers keep one, most of them 5 s or more
KEEP_SECONDS = 4.0
#: seconds; how long the addresses of a name are remembered. Each is checked at each connection all the same
LOOK_UP_SECONDS = 10
_TIMED_OUT = "timed-out"
_PORTS = {"http": 80, "https": 443}


class NoAnswerError(Exception):
    """The server gave no answer that could be read. Its text is a stable code without names, addresses and URLs."""

    @property
    def timed_out(self) -> bool:
        """Whether it took too long, rather than failed."""
        return str(self) == _TIMED_OUT


class AddressNotAllowedError(OSError):
    """A name stands for an address that no alert may be sent to."""


_CODES: tuple[tuple[type[BaseException], str], ...] = (
    (TimeoutError, _TIMED_OUT),
    (socket.gaierror, "name-unknown"),
    (aiohttp.ClientConnectorDNSError, "name-unknown"),
    (AddressNotAllowedError, "address-not-allowed"),
    (aiohttp.ClientConnectorCertificateError, "certificate-not-trusted"),
    (ssl.SSLCertVerificationError, "certificate-not-trusted"),
    (ssl.SSLError, "not-encrypted"),
)


class Outbound:
    """Sends requests, and keeps connections for the next ones.

    No redirect is followed, no cookie kept, no proxy of the environment taken, nothing unpacked. A certificate must be
    by an authority that the system trusts, or by the given one. Each connection goes to an address that was checked,
    not to a name that may stand for another one by then.

    Args:
        allow_private: whether an address of an own network may be reached.
        ca_file: PEM file of one more authority.
        answer_seconds: how long an answer may be waited for.
    """

    def __init__(
        self, *, allow_private: bool, ca_file: Path | None = None, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._allow_private = allow_private
        self._answer_seconds = answer_seconds
        self._tls = ssl.create_default_context()
        if ca_file:
            self._tls.load_verify_locations(ca_file)
        self._resolver = LookUps()
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Answer:
        """Send a request. Raise NoAnswerError."""
        try:
            async with asyncio.timeout(self._answer_seconds):
                response = await self._opened().request(
                    request.method, request.url, data=request.body, headers=request.headers, allow_redirects=False
                )
        except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: a header that cannot be sent
            raise NoAnswerError(_trouble(error)) from None
        async with response:  # its status counts, whatever becomes of its body
            return Answer(response.status, response.headers.get("Retry-After"), await _body(response))

    async def connect(self, url: str) -> None:
        """Connect to a server as for a request, encrypted where its URL says so, and send none. Raise NoAnswerError."""
        parts = urlsplit(url)
        host, tls = parts.hostname or "", self._tls if parts.scheme == "https" else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                connected = await self._connected(host, parts.port or _PORTS[parts.scheme])
                _, writer = await asyncio.open_connection(
                    sock=connected, ssl=tls, server_hostname=host if tls else None
                )
                writer.transport.abort()
        except OSError as error:
            raise NoAnswerError(_trouble(error)) from None

    async def _connected(self, host: str, port: int) -> socket.socket:
        failure: OSError = socket.gaierror()
        for found in await self._resolver.resolve(host, port):
            try:
                return await self._connected_to(found)
            except OSError as error:
                failure = error
        raise failure

    async def _connected_to(self, found: ResolveResult) -> socket.socket:
        address = (found["host"], found["port"])
        connected = self._socket((found["family"], socket.SOCK_STREAM, found["proto"], "", address))
        try:
            connected.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connected, address)
        except BaseException:
            connected.close()
            raise
        return connected

    async def close(self) -> None:
        """Close the connections that are kept."""
        if self._session:
            await self._session.close()
            self._session = None
        await self._resolver.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,  # who asks knows how many it may ask at once
                    ssl=self._tls,
                    resolver=self._resolver,
                    ttl_dns_cache=LOOK_UP_SECONDS,
                    socket_factory=self._socket,
                    keepalive_timeout=KEEP_SECONDS,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                headers={"User-Agent": f"OCOP/{VERSION}", "Accept-Encoding": "identity"},
                auto_decompress=False,
                trust_env=False,
                read_bufsize=MAX_ANSWER_BYTES,
            )
        return self._session

    def _socket(self, to: tuple[Any, ...]) -> socket.socket:
        """Return the socket for one connection. Raise AddressNotAllowedError: this is where addresses are checked."""
        family, kind, protocol, _, (host, *_) = to
        if not may_be_reached(host, allow_private=self._allow_private):
            raise AddressNotAllowedError
        return socket.socket(family, kind, protocol)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Return the body of an answer, or as much of it as comes in time and may be read; the connection then ends."""
    body = bytearray()
    with suppress(TimeoutError, aiohttp.ClientError):
        async with asyncio.timeout(BODY_SECONDS):
            while len(body) <= MAX_ANSWER_BYTES and (part := await response.content.readany()):
                body += part
    return bytes(body[:MAX_ANSWER_BYTES])


def _trouble(error: Exception) -> str:
    """Return what went wrong as a code: an exception's own text may repeat names, addresses and URLs."""
    cause = error.os_error if type(error) is aiohttp.ClientConnectorError else error
    if code := next((code for kind, code in _CODES if isinstance(cause, kind)), None):
        return code
    return f"{'not-connected' if isinstance(cause, OSError) else 'no-answer'} {type(cause).__name__}"
