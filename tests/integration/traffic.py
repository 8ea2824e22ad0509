"""What a service and its servers say to one another, counted message by message as it passes.

It is counted on the wire, so that it holds whatever drivers and classes the service is made of.
"""

import asyncio
import struct
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from typing import Any

import bson
from pamqp.frame import unmarshal

from shared.storage import now_database_of
from tests.faults.proxy import Side

_AMQP_METHOD, _AMQP_HEARTBEAT = 1, 8
_MONGO_MESSAGE = 2013  # OP_MSG
#: What drivers say to keep a connection, at times of their own.
_MONGO_HOUSEKEEPING = frozenset({"hello", "ismaster", "saslStart", "saslContinue", "endSessions"})

#: What a method is called here, by towards whom it goes and its name in AMQP; others keep that name.
_NAMES = {
    ("server", "Basic.Publish"): "publish",
    ("client", "Basic.Ack"): "confirm",
    ("client", "Basic.Deliver"): "deliver",
    ("server", "Basic.Ack"): "acknowledge",
    ("server", "Basic.Reject"): "reject",
}


class Traffic:
    """What has passed between a service and one server: messages by their kind, and bytes of both directions.

    Attributes:
        counts: for a broker AMQP's methods; for a database its commands, and `documents` that were written.
        size_bytes: bytes of all of them, with headers and bodies.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.size_bytes = 0
        self._passed = asyncio.Event()

    def note(self, size_bytes: int, *counted: str) -> None:
        """Count a message."""
        self.size_bytes += size_bytes
        self.counts.update(counted)
        self._passed.set()

    async def until_settled(self) -> None:
        """Wait until every message that the broker has delivered is acknowledged, or rejected."""
        while self.counts["deliver"] != self.counts["acknowledge"] + self.counts["reject"]:
            self._passed.clear()
            await self._passed.wait()

    def forget(self) -> None:
        """Count from zero again."""
        self.counts.clear()
        self.size_bytes = 0


class _Connection(ABC):
    """Cuts what one connection carries into messages."""

    def __init__(self, traffic: Traffic) -> None:
        self.traffic = traffic
        self._rest: dict[Side, bytes] = {"client": b"", "server": b""}

    def __call__(self, towards: Side, chunk: bytes) -> None:
        """Hear the next bytes."""
        rest = self._rest[towards] + chunk
        while 0 < (length := self._length(rest)) <= len(rest):
            self._hear(towards, rest[:length])
            rest = rest[length:]
        self._rest[towards] = rest

    @abstractmethod
    def _length(self, data: bytes) -> int:
        """Return how long the message is that begins here, 0 where that cannot be said yet."""

    @abstractmethod
    def _hear(self, towards: Side, message: bytes) -> None:
        """Count a whole message."""


class AmqpConnection(_Connection):
    """Counts the frames of a connection to the broker, but for the heartbeats, which come by the clock."""

    def _length(self, data: bytes) -> int:
        if data.startswith(b"AMQP"):  # the greeting, no frame
            return 8
        return int(struct.unpack_from(">I", data, 3)[0]) + 8 if len(data) >= 7 else 0

    def _hear(self, towards: Side, message: bytes) -> None:
        if message[0] == _AMQP_METHOD:
            name = unmarshal(message)[2].name
            self.traffic.note(len(message), _NAMES.get((towards, name), name))
        elif message[0] != _AMQP_HEARTBEAT:
            self.traffic.note(len(message))


class MongoConnection(_Connection):
    """Counts the commands of a connection to the database, and their answers, but for the driver's housekeeping.

    What is written behind, into the database of what is derived, is left out: no message waits for it.
    """

    def __init__(self, traffic: Traffic) -> None:
        super().__init__(traffic)
        self._asked: set[int] = set()

    def _length(self, data: bytes) -> int:
        return int(struct.unpack_from("<i", data)[0]) if len(data) >= 4 else 0

    def _hear(self, towards: Side, message: bytes) -> None:
        _, request, answers, operation = struct.unpack_from("<iiii", message)
        if towards == "client":
            if answers in self._asked:
                self._asked.discard(answers)
                self.traffic.note(len(message))
        elif operation == _MONGO_MESSAGE:
            command, *written = _documents(message)
            name = next(iter(command))
            if name not in _MONGO_HOUSEKEEPING and not command["$db"].endswith(now_database_of("")):
                self._asked.add(request)
                self.traffic.note(len(message), name, *["documents"] * len(written))


def _documents(message: bytes) -> Iterator[dict[str, Any]]:
    """Yield the command of an OP_MSG, and the documents that it brings in sequences of their own."""
    (flags,) = struct.unpack_from("<I", message, 16)
    place, end = 20, len(message) - (4 if flags & 1 else 0)  # a checksum
    while place < end:
        kind, (size,) = message[place], struct.unpack_from("<i", message, place + 1)
        section = message[place + 1 : place + 1 + size]
        if kind == 1:  # after its size comes its name, up to a zero byte
            section = section[section.index(0, 4) + 1 :]
        yield from bson.decode_all(section)
        place += 1 + size
