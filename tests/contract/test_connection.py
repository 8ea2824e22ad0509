"""A connection to RabbitMQ fails in one way only, whatever a broker that is just dying does."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import uvloop
from aiormq.base import FutureStore

from shared.errors import OutageError
from shared.messaging.connection import as_outage, connect

#: In the loop of the services the end is mostly seen before the client library reads for the first time.
ATTEMPTS = 20


@pytest.fixture(params=[socket.SHUT_WR, socket.SHUT_RDWR], ids=["half-closes", "closes"])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """The port of a broker that takes connections and ends them without a word."""

    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").shutdown(request.param)
        with suppress(ConnectionError):
            await reader.read()
        writer.transport.abort()

    async with await asyncio.start_server(end, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_broker_that_hangs_up_is_away(port: int) -> None:
    async def attempt() -> None:
        for _ in range(ATTEMPTS):
            with pytest.raises(OutageError, match="is away"):
                await connect(f"amqp://ocop:ocop@127.0.0.1:{port}/", name="test")

    await asyncio.to_thread(uvloop.run, attempt())


async def test_what_waits_for_an_answer_hears_of_an_outage_when_the_broker_hangs_up() -> None:
    waiting = FutureStore(asyncio.get_running_loop())
    answer = waiting.create_future()
    await waiting.reject_all(None)  # as aiormq does where the broker hangs up between two frames
    with pytest.raises(OutageError, match="asking: the broker hung up"), as_outage("asking"):
        await answer


def test_a_bug_is_no_outage() -> None:
    with pytest.raises(KeyError), as_outage("asking"):
        raise KeyError
