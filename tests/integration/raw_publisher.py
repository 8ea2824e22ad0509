"""An AMQP 0-9-1 publisher that writes whatever bytes it is told, as a careless client would."""

import asyncio
import struct
from types import TracebackType
from typing import Self

from yarl import URL

_FRAME_END = b"\xce"
#: bytes of a frame with its header and end; what the broker offers and we take
_FRAME_MAX = 131_072
#: bytes of a frame around its payload
_FRAME_OVERHEAD = 8

#: bytes; the largest header frame's payload, and the largest piece of a body
MAX_PAYLOAD_BYTES = _FRAME_MAX - _FRAME_OVERHEAD
#: bytes of a header frame before the properties
HEADER_START_BYTES = 12


def short_text(text: str | bytes) -> bytes:
    encoded = text.encode() if isinstance(text, str) else text
    return bytes([len(encoded)]) + encoded


def long_text(text: str | bytes) -> bytes:
    """Return a header's value: a long string."""
    encoded = text.encode() if isinstance(text, str) else text
    return b"S" + struct.pack(">I", len(encoded)) + encoded


def table(entries: dict[bytes, bytes]) -> bytes:
    """Return a table of names and values that are encoded already."""
    encoded = b"".join(short_text(name) + value for name, value in entries.items())
    return struct.pack(">I", len(encoded)) + encoded


class RefusedError(Exception):
    """The broker did not confirm the message: it closed the channel or the connection."""


class RawPublisher:
    """One connection, one channel, confirms on."""

    def __init__(self, url: str) -> None:
        self._url = URL(url)

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(self._url.host, self._url.port)
        self._writer.write(b"AMQP\x00\x00\x09\x01")
        await self._answer()
        login = f"\0{self._url.user}\0{self._url.password}".encode()
        mechanism = short_text("PLAIN") + struct.pack(">I", len(login)) + login + short_text("en_US")
        self._send(0, struct.pack(">HH", 10, 11) + table({}) + mechanism)
        await self._answer()
        self._send(0, struct.pack(">HHHIH", 10, 31, 16, _FRAME_MAX, 0))
        for channel, method in ((0, (10, 40)), (1, (20, 10)), (1, (85, 10))):  # open, open channel, confirms
            arguments = {(10, 40): short_text("/") + b"\0\0", (20, 10): b"\0", (85, 10): b"\0"}[method]
            self._send(channel, struct.pack(">HH", *method) + arguments)
            await self._answer()
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._writer.close()
        await self._writer.wait_closed()

    async def publish(
        self, body: bytes, headers: dict[bytes, bytes], *, message_id: bytes | None = None, timestamp: int | None = None
    ) -> None:
        """Publish to the intake, persistent, and wait for the confirm."""
        flags, properties = 1 << 15 | 1 << 13 | 1 << 12, short_text("application/json") + table(headers) + b"\x02"
        if message_id is not None:
            flags, properties = flags | 1 << 7, properties + short_text(message_id)
        if timestamp is not None:
            flags, properties = flags | 1 << 6, properties + struct.pack(">Q", timestamp)
        await self.publish_to("ocop.intake", "dossier.filed.v1", struct.pack(">H", flags) + properties, body)

    async def publish_to(self, exchange: str, routing_key: str, properties: bytes, body: bytes) -> None:
        """Publish with these flags and properties, and wait for the confirm. Raise RefusedError."""
        target = struct.pack(">H", 0) + short_text(exchange) + short_text(routing_key) + b"\0"
        self._send(1, struct.pack(">HH", 60, 40) + target)
        self._send(1, struct.pack(">HHQ", 60, 0, len(body)) + properties, kind=2)
        for start in range(0, len(body), MAX_PAYLOAD_BYTES):
            self._send(1, body[start : start + MAX_PAYLOAD_BYTES], kind=3)
        try:
            await self._writer.drain()
            answer = await self._answer()
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise RefusedError(type(error).__name__) from error
        if struct.unpack(">HH", answer[:4]) != (60, 80):
            raise RefusedError(answer[7 : 7 + answer[6]].decode("utf-8", "replace"))  # the close's text

    def _send(self, channel: int, payload: bytes, *, kind: int = 1) -> None:
        self._writer.write(struct.pack(">BHI", kind, channel, len(payload)) + payload + _FRAME_END)

    async def _answer(self) -> bytes:
        _, _, length = struct.unpack(">BHI", await self._reader.readexactly(7))
        return (await self._reader.readexactly(length + 1))[:-1]
